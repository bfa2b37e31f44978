import { drawOrderTimes, latestExpiry } from '../../src/client/order-times.ts';
import {
  depositFor,
  type LegWay,
  type Payment,
  planPayment,
} from '../../src/client/payment-plan.ts';
import type { OpenedEnvelope } from '../../src/protocol/envelope.ts';
import type { Leg, OrderTerms } from '../../src/protocol/order.ts';
import type { RoundSchedule } from '../../src/protocol/rounds.ts';
import { toHex } from '../../src/shared/bytes.ts';
import { FEE, HOUSE, type PoolRules, REWARD, TERMS } from './market.ts';
import type { Person } from './people.ts';
import type { Intent, Withdrawal } from './population.ts';
import type { Random } from './random.ts';

/** Where and when something is sent. */
export interface Sending {
  readonly schedule: RoundSchedule;
  readonly lagSec: bigint;
  readonly sec: number;
  /** The round that consumes it. */
  readonly round: number;
  readonly pools: PoolRules;
}

/** What a wallet sends, opened: nothing here is sealed, since the ledger sees only what has opened. */
export interface Sent {
  readonly amount: bigint;
  readonly envelope: OpenedEnvelope;
  /** Undefined if it is in the open. */
  readonly order: OrderTerms | undefined;
}

const NO_MEMO = new Uint8Array();

/** A deposit, as `veilspan bridge` and `veilspan account deposit` make it. */
export function sendDeposit(intent: Intent, sending: Sending, random: Random): Sent {
  const { person, mode, recipient } = intent;
  const wanted = BigInt(intent.amount);
  const isOpen = person.openedOn !== undefined;
  const balance = isOpen && !person.holds.has(intent.asset) ? 0n : TERMS.leastBalance;
  const amount =
    mode === 'transparent'
      ? wanted + FEE
      : depositFor(wanted, TERMS, { fee: FEE, isOpen, balance });
  if (mode === 'transparent') {
    return { amount, envelope: { kind: 'transparent', recipient }, order: undefined };
  }
  const way: LegWay = mode === 'direct' ? 'direct' : 'pooled';
  const payment = {
    ...{ way, chainId: intent.to, amount: wanted, crowd: intent.crowd },
    ...recipientsOf(intent, random),
  };
  const legs = mode === 'account' ? [] : planPayment(TERMS, payment).legs;
  const terms = orderTerms(legs, sending, random);
  const order = { ...terms, ...waitOf(intent, terms), account: person.account };
  const enc = toHex(random.bytes(32));
  return { amount, envelope: { kind: 'sealed', epoch: 1n, enc, order }, order };
}

/** An order that brings nothing, as `veilspan account withdraw` makes it. */
export function sendPost(
  { person, asset }: Pick<Intent, 'person' | 'asset'>,
  { chainId, recipient, amount }: Withdrawal,
  { sending, random }: { readonly sending: Sending; readonly random: Random },
): Sent {
  const recipients = [recipient] as const;
  const payment = { way: 'pooled', chainId, recipients, amount: BigInt(amount) } as const;
  const { legs } = planPayment(TERMS, payment);
  const order = {
    ...orderTerms(legs, sending, random),
    ...{ owner: person.owner, nonce: takeNonce(person), asset },
    expiry: latestExpiry(sending.schedule, BigInt(sending.round)),
    maxFee: REWARD,
    posterAccount: HOUSE,
  };
  return { amount: REWARD, envelope: { kind: 'post', epoch: 1n, order }, order };
}

function recipientsOf(
  { recipient, addresses }: Pick<Intent, 'recipient' | 'addresses'>,
  random: Random,
): Pick<Payment, 'recipients' | 'sameAddress'> {
  if (addresses === 'same') return { recipients: [recipient], sameAddress: true };
  const others = Array.from({ length: addresses - 1 }, () => toHex(random.bytes(20)));
  return { recipients: [recipient, ...others] };
}

/** What somebody asks for instead of what the wallet draws. */
function waitOf({ waits }: Intent, { notBefore }: OrderTerms): Partial<OrderTerms> {
  if (waits === 'as-drawn') return {};
  if (waits === 'at-once') return { notBefore: 0n, afterPatience: 'wait' };
  return { patience: notBefore + BigInt(waits) };
}

function takeNonce(person: Person): bigint {
  const { nonce } = person;
  person.nonce += 1n;
  return nonce;
}

function orderTerms(
  legs: readonly Leg[],
  { schedule, lagSec, sec, pools }: Sending,
  random: Random,
): OrderTerms {
  const times = drawOrderTimes({ schedule, lagSec, nowSec: BigInt(sec) }, pools, random);
  return { legs, ...times, afterPatience: 'return', tagSecret: random.bytes(32), memo: NO_MEMO };
}
