import { legId } from '../../src/ledger/entry-keys.ts';
import type { ChainRules, LedgerRules } from '../../src/ledger/rules.ts';
import type { OpenedMessage } from '../../src/ledger/transition.ts';
import { depositorRoot } from '../../src/protocol/account.ts';
import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import type { OrderTerms } from '../../src/protocol/order.ts';
import { payoutTag, publicTag } from '../../src/protocol/tag.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import type { Item } from './agenda.ts';
import { endOfRoundSec, FEE, POLKADOT, type PoolRules, REWARD } from './market.ts';
import type { Intent } from './population.ts';
import { happens, type Random } from './random.ts';
import type { DepositSeen, LegTruth, PostSeen } from './records.ts';
import { type Sending, type Sent, sendDeposit, sendPost } from './wallet.ts';

/** Posts that go through the adversary's relayer. */
const SEEN_POSTS_SHARE = 0.2;

/** A leg, by what finds it on a chain and in the ledger. */
export interface SentLeg {
  readonly tag: Hex;
  /** Undefined if it never waits. */
  readonly id: Hex | undefined;
  readonly truth: LegTruth;
}

/** Turns what people do into messages, and writes down what the public sees of it and what is true. */
export interface Outbox {
  readonly deposits: DepositSeen[];
  readonly posts: PostSeen[];
  readonly gasPayers: Map<Hex, Hex>;
  send(item: Item, round: number): { readonly message: OpenedMessage; readonly legs: SentLeg[] };
}

/** Outboxes without messages. */
export function createOutbox(rules: LedgerRules, pools: PoolRules, random: Random): Outbox {
  const { schedule } = rules;
  const counts = new Map<bigint, bigint>();
  const [deposits, posts]: [DepositSeen[], PostSeen[]] = [[], []];
  const gasPayers = new Map<Hex, Hex>();
  return {
    ...{ deposits, posts, gasPayers },
    send(item, round) {
      const { chainId, sec } = item;
      const chain = rules.chains.find((known) => known.chainId === chainId);
      if (chain === undefined) throw new RangeError(`no chain ${chainId}`);
      const index = counts.get(chainId) ?? 0n;
      counts.set(chainId, index + 1n);
      const sending = { schedule, lagSec: chain.lagSec, sec, round, pools };
      const sent = makeSent(item, sending, random);
      const message = messageOf(item, sent, { chain, index });
      if (item.withdrawal === undefined) {
        const seen = seenOf(message, round, item.intent.amount);
        deposits.push({ ...seen, id: deposits.length });
        noteGasPayer(gasPayers, item.intent);
      } else posts.push({ sec, round, from: seenSource(item.intent, random) });
      return { message, legs: legsOf(item, sent, { message, round }) };
    },
  };
}

function makeSent({ intent, withdrawal }: Item, sending: Sending, random: Random): Sent {
  if (withdrawal !== undefined) return sendPost(intent, withdrawal, { sending, random });
  const { person, from, asset } = intent;
  const sent = sendDeposit(intent, sending, random);
  if (sent.order !== undefined) {
    person.openedOn ??= from;
    person.holds.add(asset);
  }
  return sent;
}

function noteGasPayer(gasPayers: Map<Hex, Hex>, { person, recipient }: Intent): void {
  if (person.habits.sharesGasPayer) gasPayers.set(recipient, person.sender);
}

function seenSource({ person }: Intent, random: Random): Hex | undefined {
  const isSeen = happens(random, SEEN_POSTS_SHARE) && person.habits.isKnownToRelayer;
  return isSeen ? person.sender : undefined;
}

function messageOf(
  { sec, intent, withdrawal }: Item,
  { amount, envelope }: Sent,
  { chain, index }: { readonly chain: ChainRules; readonly index: bigint },
): OpenedMessage {
  const { chainId, gateway } = chain;
  const place = { chainId, gateway, index, sentAtSec: BigInt(sec) };
  const { sender } = intent.person;
  if (withdrawal !== undefined) {
    const asset = assetId(POLKADOT, NATIVE_TOKEN);
    const said = { sender: POSTER, refundTo: POSTER, asset, amount, fee: REWARD, destination: 0n };
    return { message: { ...place, ...said, envelope: Uint8Array.of(2) }, envelope };
  }
  const isClear = envelope.kind === 'transparent';
  const destination = isClear ? intent.to : 0n;
  const kind = Uint8Array.of(isClear ? 0 : 1);
  const said = { sender, refundTo: sender, asset: intent.asset, amount, fee: FEE, destination };
  return { message: { ...place, ...said, envelope: kind }, envelope };
}

const POSTER: Hex = `0x${'90'.repeat(20)}`;

function seenOf(
  { message }: OpenedMessage,
  round: number,
  wanted: number,
): Omit<DepositSeen, 'id'> {
  const { chainId, index, sentAtSec, sender, asset, amount, destination } = message;
  const said = { chainId, index, sender, asset, amount: Number(amount) };
  return { ...said, sec: Number(sentAtSec), round, isSealed: destination === 0n, wanted };
}

function legsOf(
  item: Item,
  { order }: Sent,
  { message: { message }, round }: { readonly message: OpenedMessage; readonly round: number },
): SentLeg[] {
  const { chainId, gateway, index } = message;
  const { intent } = item;
  if (item.by === 'filler') return [];
  if (order === undefined) {
    const to = { chainId: intent.to, amount: intent.amount, siblings: 1 };
    const tag = publicTag(chainId, gateway, index, 0);
    return [{ tag, id: undefined, truth: truthOf(item, round, { ...to, ...AT_ONCE }) }];
  }
  return order.legs.map((leg, i) => {
    const to = { chainId: leg.chainId, amount: Number(leg.amount), siblings: order.legs.length };
    const isPooled = leg.mode === 'pooled';
    const times = isPooled ? waitOf(order) : AT_ONCE;
    const id = isPooled ? legId({ chainId, index }, i) : undefined;
    return {
      tag: payoutTag(order.tagSecret, i),
      id,
      truth: truthOf(item, round, { ...to, ...times }),
    };
  });
}

const AT_ONCE = { notBefore: 0, patience: Number.POSITIVE_INFINITY };

function waitOf({ notBefore, patience }: OrderTerms): typeof AT_ONCE {
  return { notBefore: Number(notBefore), patience: Number(patience) };
}

function truthOf(
  { by, intent, withdrawal, sec }: Item,
  round: number,
  to: Pick<LegTruth, 'chainId' | 'amount' | 'siblings' | 'notBefore' | 'patience'>,
): LegTruth {
  const { person, asset, addresses } = intent;
  const mode = withdrawal === undefined ? intent.mode : 'account';
  const isRest = mode !== intent.mode;
  const { sender, habits, openedOn } = person;
  return {
    ...{ mode, isAttacker: by === 'attacker', sender, habits, asset, addresses, isRest },
    isRecipientUsed: withdrawal === undefined && intent.isRecipientUsed,
    root: depositorRoot(openedOn ?? intent.from, sender),
    ...to,
    sentSec: sec,
    enterRound: round,
    exitRound: undefined,
  };
}

/** Seconds from asking to the end of the round that released it. */
export function waitSec({ sentSec }: LegTruth, exitRound: number): number {
  return endOfRoundSec(exitRound) - sentSec;
}
