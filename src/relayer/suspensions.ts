import { decodeControl } from '../protocol/control.ts';
import { consumingRound, type RoundSchedule } from '../protocol/rounds.ts';
import { fromHex } from '../shared/bytes.ts';
import type { Bridge } from './bridge.ts';
import { type ControlRow, suspensions } from './journal/control-messages.ts';

/** That a chain stops, or goes on, in a round. */
export interface Suspension {
  readonly chainId: bigint;
  readonly isSuspended: boolean;
  readonly holdsFrom: bigint;
}

/**
 * What control messages say of suspensions: of a suspension the round that it was stamped with, or it would hold too late.
 * What was to resume a chain and does not hold when the chain is suspended again is left out: the ledger withdraws it.
 */
export function suspensionsOf(
  schedule: RoundSchedule,
  anchorLagSec: bigint,
  rows: readonly ControlRow[],
): Suspension[] {
  const said = rows.flatMap(({ kind, payload, round, sentAtSec }) => {
    const content = decodeControl(kind, fromHex(payload));
    if (content?.kind !== 'suspend' && content?.kind !== 'resume') return [];
    const isSuspended = content.kind === 'suspend';
    const next = consumingRound(schedule, anchorLagSec, sentAtSec) + 1n;
    const holdsFrom = isSuspended ? round : round > next ? round : next;
    return [{ chainId: content.chainId, isSuspended, holdsFrom }];
  });
  return said.filter((one, i) => !said.slice(i + 1).some((later) => isWithdrawn(one, later)));
}

/**
 * A suspension is consumed by the commit that begins with the round it is stamped with, since the anchor takes none without
 * it: what holds from that round on was waiting then.
 */
function isWithdrawn(earlier: Suspension, later: Suspension): boolean {
  const isResumption = !earlier.isSuspended && later.isSuspended;
  return isResumption && earlier.chainId === later.chainId && earlier.holdsFrom >= later.holdsFrom;
}

/** Whether a chain is suspended in a round, by all that was said of suspensions, in its order. */
export function isSuspended(all: readonly Suspension[], chainId: bigint, round: bigint): boolean {
  const held = all.filter((one) => one.chainId === chainId && one.holdsFrom <= round);
  // The one that holds last decides; of two that hold from one round on, the one that was said last.
  return held.reduce((last, one) => (one.holdsFrom >= last.holdsFrom ? one : last), NEVER)
    .isSuspended;
}

const NEVER: Suspension = { chainId: 0n, isSuspended: false, holdsFrom: -1n };

/** Whether what is said resumes a chain in a round that comes after one: that round waits for the chain, though a ledger of now knows it to be suspended. */
export function resumesAfter(all: readonly Suspension[], chainId: bigint, round: bigint): boolean {
  return all.some((one) => one.chainId === chainId && !one.isSuspended && one.holdsFrom > round);
}

/** What governance has said of suspensions, as far as it is final. */
export async function knownSuspensions({
  schedule,
  anchor,
  database,
}: Pick<Bridge, 'schedule' | 'anchor' | 'database'>): Promise<Suspension[]> {
  return suspensionsOf(schedule, anchor.side.lagSec, await suspensions(database));
}
