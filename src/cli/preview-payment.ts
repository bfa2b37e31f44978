import type { AssetTerms } from '../client/asset-terms.ts';
import { describePayment } from '../client/describe-payment.ts';
import { depositorsFor, describeWait } from '../client/describe-wait.ts';
import type { PaymentPlan } from '../client/payment-plan.ts';
import { privacyNotes } from '../client/privacy-notes.ts';
import {
  countOfAmount,
  expectedOthers,
  fetchPayouts,
  type PublicPayout,
  payoutsSince,
} from '../client/public-payouts.ts';
import { suspensionNotes } from '../client/suspension-notes.ts';
import type { ClientChain, ClientToken } from '../config/client.ts';
import type { CrowdFactor } from '../protocol/order.ts';
import type { Hex } from '../shared/bytes.ts';
import { formatAmount } from '../shared/units.ts';
import { terminalTable } from './terminal-table.ts';
import type { UserSession } from './user-session.ts';

/** A payment that is about to be made. */
export interface PlannedPayment extends PaymentPlan {
  readonly way: 'transparent' | 'direct' | 'pooled';
  /** Where the deposit or the order goes in. */
  readonly source: ClientChain;
  readonly sends: 'deposit' | 'order';
  readonly destination: ClientChain;
  readonly token: ClientToken;
  readonly terms: AssetTerms;
  readonly notBefore: bigint;
  readonly patience: bigint;
  readonly afterPatience: 'return' | 'wait';
  readonly crowd: CrowdFactor;
  /** 20 bytes each. */
  readonly recipients: readonly [Hex, ...Hex[]];
  /** The user's own addresses. */
  readonly own: readonly Hex[];
  readonly depositedLately: boolean;
}

/** How far back payouts are counted. */
const WINDOW_SEC = 86_400n;

/** Prints the payouts, among how many they can be expected to leave, how long that takes, what links them, and which of the chains is suspended. */
export async function previewPayment(session: UserSession, plan: PlannedPayment): Promise<void> {
  const { destination, token, source } = plan;
  const nowSec = await session.timeOf(source);
  const target = { chain: session.chainOf(destination), ...destination };
  const payouts = await fetchPayouts(target, token.asset);
  const laterSec = await session.timeOf(destination);
  const recent = await payoutsSince(target, payouts, laterSec - WINDOW_SEC);
  const others = plan.legs.map(({ amount }) => othersOf(session, plan, { amount, recent }));
  printLegs(plan, others);
  const { rounds: schedule, pools } = session.client;
  const wait = { ...plan, schedule, pools, lagSec: source.lagSec, nowSec };
  for (const line of describeWait(wait)) console.log(line);
  const facts = {
    ...plan,
    // No more are paid than there are legs.
    recipients: plan.recipients.slice(0, plan.legs.length),
    paidBefore: new Set(payouts.map(({ recipient }) => recipient)),
    expectedOthers: others.map(({ expected }) => expected),
    depositors: depositorsFor(wait),
  };
  const notes = [...privacyNotes(facts), ...suspensionNotes(plan, session.suspended)];
  for (const note of notes) console.log(`note: ${note}`);
}

/** Says what a suspended chain does to something of which nothing leaves the ledger. */
export function noteSuspension(
  { suspended }: UserSession,
  passage: Pick<PlannedPayment, 'source' | 'sends'>,
): void {
  for (const note of suspensionNotes(passage, suspended)) console.log(`note: ${note}`);
}

/** Prints what leaves now, what of it arrives, and what stays in the account. */
export function printOutcome(plan: PlannedPayment): void {
  const show = (amount: bigint) => formatAmount(plan.token, amount);
  for (const line of describePayment({ ...plan, show })) console.log(line);
}

interface Others {
  /** Payouts like it within the window. */
  readonly seen: number;
  readonly expected: number;
}

function othersOf(
  { client }: UserSession,
  { terms, destination }: PlannedPayment,
  leg: { readonly amount: bigint; readonly recent: readonly PublicPayout[] },
): Others {
  const rate = terms.rates.get(destination.chainId) ?? 0n;
  const seen = countOfAmount(leg.recent, { amount: leg.amount, rate });
  const { roundSec } = client.rounds;
  const times = { windowSec: WINDOW_SEC, stayRounds: client.pools.meanStayRounds, roundSec };
  return { seen, expected: expectedOthers(seen, times) };
}

function printLegs({ way, legs, token, destination }: PlannedPayment, others: readonly Others[]) {
  const rows = legs.map(({ amount, recipient }, i) => {
    const { seen = 0, expected = 0 } = others[i] ?? {};
    const among = way === 'pooled' ? describeExpected(expected) : 'itself alone';
    return [formatAmount(token, amount), `${seen}`, among, `0x${recipient.slice(-40)}`];
  });
  const header = [
    `payout on ${destination.name}`,
    'like it in the last day',
    'expected to leave among',
    'to',
  ];
  console.log(terminalTable(header, rows, [0, 1]));
}

function describeExpected(expected: number): string {
  const whole = Math.floor(expected);
  return whole < 1 ? 'fewer than 1 other' : `about ${whole} other${whole === 1 ? '' : 's'}`;
}
