import type { LedgerRules } from '../../../src/ledger/rules.ts';
import type { OpenedMessage } from '../../../src/ledger/transition.ts';
import { assetId, NATIVE_TOKEN, originChainId } from '../../../src/protocol/asset.ts';
import { roundCutSec } from '../../../src/protocol/rounds.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import type { MessageWish } from '../../support/ledger-arbitrary.ts';
import { ASSETS, addressOf, CHAIN_IDS, EAST, GATEWAYS } from '../../support/ledger-places.ts';
import { type Envelopes, envelopeOf } from './history-envelopes.ts';
import type { PlainState } from './plain-state.ts';

// What users send in a history, as gateways would take it.

const POST_FEE = 9n;

/** The gateways' outboxes so far. */
interface Outboxes {
  readonly rules: LedgerRules;
  readonly outboxes: ReadonlyMap<bigint, OpenedMessage[]>;
}

/** The last second of which a round consumes a chain's messages. */
export function cutSec({ schedule, chains }: LedgerRules, chainId: bigint, round: bigint): bigint {
  const { lagSec } = chains.find((chain) => chain.chainId === chainId)!;
  return roundCutSec(schedule, lagSec, round);
}

/** What a round's messages meet. */
export interface Moment {
  readonly state: PlainState;
  readonly round: bigint;
  readonly envelopes: Envelopes;
}

/** Appends a round's messages to the outboxes, as far as gateways would take them. */
export function addMessages(
  history: Outboxes,
  moment: Moment,
  wishes: readonly MessageWish[],
): void {
  const { rules, outboxes } = history;
  const burnt = new Map<string, bigint>();
  const placed = wishes.map((wish) => {
    const place = placeOf(history, { state: moment.state, burnt }, wish);
    const key = `${place.chainId} ${place.asset}`;
    burnt.set(key, (burnt.get(key) ?? 0n) + place.amount);
    return { wish, place, sentAtSec: sentAt(rules, moment.round, { ...wish, ...place }) };
  });
  placed.sort((a, b) => Number(a.sentAtSec - b.sentAtSec));
  for (const { wish, place, sentAtSec } of placed) {
    const outbox = outboxes.get(place.chainId)!;
    outbox.push(messageOf(moment, wish, { ...place, sentAtSec, index: BigInt(outbox.length) }));
  }
}

function sentAt(
  rules: LedgerRules,
  round: bigint,
  { chainId, at, isAncient }: Pick<MessageWish, 'at' | 'isAncient'> & { chainId: bigint },
): bigint {
  const { startSec, roundSec } = rules.schedule;
  if (round === 1n && isAncient) return startSec - 3n * rules.lateSec + BigInt(at);
  return cutSec(rules, chainId, round - 1n) + 1n + (BigInt(at) * (roundSec - 1n)) / 100n;
}

interface Place {
  readonly chainId: bigint;
  readonly asset: Hex;
  readonly amount: bigint;
  readonly fee: bigint;
}

/** What can be brought where: a chain that is not the asset's own burns no more than was minted there. */
function placeOf(
  { outboxes }: Outboxes,
  { state, burnt }: { state: PlainState; burnt: ReadonlyMap<string, bigint> },
  { chain, asset: assetPlace, amount: wished, fee, content }: MessageWish,
): Place {
  const chainId = CHAIN_IDS[chain]!;
  if (content.kind !== 'transparent' && content.isPost) {
    return { chainId, asset: assetId(chainId, NATIVE_TOKEN), amount: POST_FEE, fee: POST_FEE };
  }
  const asset = ASSETS[assetPlace]!;
  const amount = wished > fee ? wished : fee + 1n;
  const home = originChainId(asset);
  const { inbox } = state.chains.find((other) => other.chainId === chainId)!;
  const waiting = outboxes
    .get(chainId)!
    .filter(({ message }) => message.index >= inbox.count && message.asset === asset)
    .reduce((sum, { message }) => sum + message.amount, burnt.get(`${chainId} ${asset}`) ?? 0n);
  const minted = (state.assets.get(asset)?.minted.get(chainId) ?? 0n) - waiting;
  if (chainId === home || minted <= fee) return { chainId: home, asset, amount, fee };
  return { chainId, asset, amount: amount < minted ? amount : minted, fee };
}

function messageOf(
  { state, round, envelopes }: Moment,
  { sender, chain, content }: MessageWish,
  place: Place & { readonly sentAtSec: bigint; readonly index: bigint },
): OpenedMessage {
  const { chainId, asset, amount, fee } = place;
  const made = envelopeOf(content, { state, round, asset, spare: amount - fee, envelopes });
  const message = {
    ...place,
    gateway: GATEWAYS.get(chainId)!,
    sender: addressOf(0x71 + sender),
    refundTo: addressOf(0x81 + chain),
    destination: destinationOf(content, chainId),
    envelope: made.bytes,
  };
  return { message, envelope: made.envelope };
}

function destinationOf(content: MessageWish['content'], chainId: bigint): bigint {
  if (content.kind === 'sealed') return content.destination === 'none' ? 0n : EAST;
  if (content.kind !== 'transparent') return 0n;
  if (content.hops === 3) return 0n;
  return CHAIN_IDS[(CHAIN_IDS.map(BigInt).indexOf(chainId) + content.hops) % 3]!;
}
