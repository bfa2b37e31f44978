import { CONTROL_KINDS, decodeControl } from '../../protocol/control.ts';
import { consumingRound, lastCompleteRound, type RoundSchedule } from '../../protocol/rounds.ts';
import { fromHex } from '../../shared/bytes.ts';
import type { Bridge } from '../bridge.ts';
import type { ControlRow } from '../journal/control-messages.ts';

/** The part of the bridge that says how time is cut. */
export type TimedBridge = Pick<Bridge, 'schedule' | 'sides' | 'anchor'>;

/** Up to when outboxes are, or could be, proven: seconds of Unix time. */
export interface ProvenTimes {
  /** By chain id; one that is left out is not proven at all. */
  readonly chains: ReadonlyMap<bigint, bigint>;
  readonly control: bigint;
}

/**
 * The last round that is complete, with every one after `round` before it: for all chains that are not suspended in it, and
 * for the anchor's own outbox.
 *
 * @param round     the last that the ledger has consumed
 * @param suspended what governance has said of suspensions, all of it, in its order
 */
export function lastDueRound(
  bridge: TimedBridge,
  { round, suspended }: { readonly round: bigint; readonly suspended: readonly Suspension[] },
  times: ProvenTimes,
): bigint {
  const { schedule, sides, anchor } = bridge;
  const control = lastCompleteRound(schedule, anchor.side.lagSec, times.control);
  const complete = sides.map(({ chain: { chainId }, lagSec }) => {
    const provenAtSec = times.chains.get(chainId) ?? 0n;
    return { chainId, last: lastCompleteRound(schedule, lagSec, provenAtSec) };
  });
  let due = round;
  while (due < control) {
    const next = due + 1n;
    const isComplete = complete.every(
      ({ chainId, last }) => last >= next || isSuspended(suspended, chainId, next),
    );
    if (!isComplete) return due;
    due = next;
  }
  return due;
}

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

function isSuspended(all: readonly Suspension[], chainId: bigint, round: bigint): boolean {
  const held = all.filter((one) => one.chainId === chainId && one.holdsFrom <= round);
  // The one that holds last decides; of two that hold from one round on, the one that was said last.
  return held.reduce((last, one) => (one.holdsFrom >= last.holdsFrom ? one : last), NEVER)
    .isSuspended;
}

const NEVER: Suspension = { chainId: 0n, isSuspended: false, holdsFrom: -1n };

/**
 * How many control messages a commit over rounds up to `round` consumes: those up to the round's cut, and beyond it only as
 * many as the latest suspension needs, without which the anchor takes no commit.
 *
 * @param known final control messages, from the first on, that every signer has proven
 */
export function controlFor(
  cutSec: bigint,
  consumed: bigint,
  known: readonly Pick<ControlRow, 'sentAtSec' | 'kind'>[],
): bigint {
  const within = known.findLastIndex(({ sentAtSec }) => sentAtSec <= cutSec) + 1;
  const suspend = known.findLastIndex(({ kind }) => kind === CONTROL_KINDS.suspend) + 1;
  const count = BigInt(Math.max(within, suspend));
  return count > consumed ? count : consumed;
}
