import type { Hex } from '../shared/bytes.ts';
import { assetOf, type Draft } from './draft.ts';
import type { LegEntry } from './state.ts';
import { addWaitingLeg, dropWaitingLeg, moveWaitingLeg } from './waiting-legs.ts';

// The only way in and out of the pools, so that the map, its index and the books agree.

/** Puts a leg, or a dummy, among those that wait. It must not be there. */
export function addLeg(draft: Draft, id: Hex, entry: LegEntry): void {
  draft.legs.set(id, entry);
  addWaitingLeg(draft.waiting, id, entry);
  const { payment } = entry;
  if (payment !== undefined) assetOf(draft, payment.asset).inside += payment.amount;
}

/** Takes a leg out. What it would have paid goes elsewhere. */
export function dropLeg(draft: Draft, id: Hex, entry: LegEntry): void {
  draft.legs.delete(id);
  dropWaitingLeg(draft.waiting, id, entry);
  const { payment } = entry;
  if (payment !== undefined) assetOf(draft, payment.asset).inside -= payment.amount;
}

/** Gives a leg another exit. */
export function moveExit(draft: Draft, id: Hex, entry: LegEntry, exitRound: bigint): void {
  const moved = { ...entry, exitRound };
  draft.legs.set(id, moved);
  moveWaitingLeg(draft.waiting, id, moved);
}
