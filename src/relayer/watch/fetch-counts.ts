import type { BlockRef } from '../../chains/shared/bridged-chain.ts';
import { ANCHOR_SLOTS, GATEWAY_SLOTS } from '../../protocol/contracts.ts';
import type { ChainPosition } from '../../protocol/message.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { Bridge, Side } from '../bridge.ts';

/** What a chain's contracts have counted up to a block. A hint as well, but one that logs have to agree with. */
export interface Counts {
  readonly sent: ChainPosition;
  /** Releases that the gateway has dealt with. */
  readonly released: bigint;
  /** On the anchor's chain. */
  readonly anchor?: AnchorCounts;
}

/** What the anchor has counted. */
export interface AnchorCounts {
  readonly control: ChainPosition;
  /** Number of the newest commit. */
  readonly committed: bigint;
  readonly stateId: Hex;
}

/** Reads the counts in the state of one very block, so that they are of the blocks whose logs are held to them. */
export async function fetchCounts(
  { anchor }: Pick<Bridge, 'anchor'>,
  side: Side,
  { hash }: BlockRef,
): Promise<Counts> {
  const { chain, gateway } = side;
  const ofGateway = (slot: Hex) => chain.word(gateway, slot, hash);
  const [sent, head, released] = await Promise.all([
    ofGateway(GATEWAY_SLOTS.sentCount),
    ofGateway(GATEWAY_SLOTS.sentHead),
    ofGateway(GATEWAY_SLOTS.releasedCount),
  ]);
  const counts = { sent: { count: countIn(sent), head }, released: countIn(released) };
  if (side !== anchor.side) return counts;
  const ofAnchor = (slot: Hex) => chain.word(anchor.address, slot, hash);
  const [said, saidHead, number, stateId] = await Promise.all([
    ofAnchor(ANCHOR_SLOTS.controlCount),
    ofAnchor(ANCHOR_SLOTS.controlHead),
    ofAnchor(ANCHOR_SLOTS.number),
    ofAnchor(ANCHOR_SLOTS.stateId),
  ]);
  const control = { count: countIn(said), head: saidHead };
  return { ...counts, anchor: { control, committed: countIn(number), stateId } };
}

/** A count is in the low 8 bytes of its slot; what shares that, if anything ever does, is above them. */
function countIn(word: Hex): bigint {
  return BigInt.asUintN(64, BigInt(word));
}
