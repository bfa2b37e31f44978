import type { FinalityRule } from '../chains/shared/finality-source.ts';
import { finalityEtaMs } from '../client/finality-eta.ts';
import { consumingRound, type RoundSchedule, roundEndSec } from '../protocol/rounds.ts';
import type { TransferState } from '../protocol/transfer-state.ts';
import type { EtaAnswer } from './answers.ts';
import { durationsMs, type Life, MILESTONES, type Milestone } from './history.ts';
import { LEAST_SAMPLES, percentilesLeft } from './percentiles.ts';

/** A chain whose finality is awaited, now or later: its head and the block that waits, if there is one yet. */
export interface AwaitedFinality {
  readonly rule: FinalityRule;
  readonly head: number;
}

/** Where a transfer or a payout is, and what its time depends on by rule. */
export interface Estimated {
  readonly state: TransferState;
  /** When it came there, and now, in milliseconds of Unix time. */
  readonly sinceMs: number;
  readonly nowMs: number;
  /** The block that shows the state. */
  readonly blockNumber: number;
  /** Where its public life ends. */
  readonly until: Milestone;
  /** Lives of the same direction. */
  readonly lives: readonly Life[];
  /** Of the chain of the deposit, with LAG; undefined of a payout alone. */
  readonly source?: { readonly lagSec: bigint; readonly sentAtSec: bigint } | undefined;
  readonly schedule: RoundSchedule;
  /** When the next commit is due by the relayer's own distance, in seconds of Unix time. */
  readonly nextCommitSec: bigint | undefined;
  /** Of the chains of deposit, anchor and payout; what does not answer is undefined. */
  readonly finality: {
    readonly source: AwaitedFinality | undefined;
    readonly anchor: AwaitedFinality | undefined;
    readonly destination: AwaitedFinality | undefined;
  };
}

/** When the end of the public life can be expected; undefined where no clock decides that, but somebody who has to act. */
export function estimate(subject: Estimated): EtaAnswer | undefined {
  const from = MILESTONES.find((each) => each === subject.state);
  const { until, lives, sinceMs, nowMs } = subject;
  if (from === undefined || MILESTONES.indexOf(from) >= MILESTONES.indexOf(until)) return undefined;
  const durations = durationsMs(lives, from, until);
  if (durations.length < LEAST_SAMPLES) return byRules(subject, from, durations.length);
  const elapsedMs = Math.max(0, nowMs - sinceMs);
  const { samples, p50, p90, p99 } = percentilesLeft(durations, elapsedMs);
  if (samples === 0) {
    const note = `it has taken longer than any of the ${durations.length} before it`;
    return { until, basis: 'none', samples, p50Sec: null, p90Sec: null, p99Sec: null, note };
  }
  const note =
    p50 === undefined
      ? `only ${samples} of the ${durations.length} before it took longer than it has so far`
      : `of the newest ${durations.length} of this direction`;
  const seconds = { p50Sec: toSec(p50), p90Sec: toSec(p90), p99Sec: toSec(p99) };
  return { until, basis: 'history', samples, ...seconds, note };
}

function byRules(subject: Estimated, from: Milestone, samples: number): EtaAnswer {
  const { until } = subject;
  const leftMs = rulesLeftMs(subject, from);
  const few = `not enough history: ${samples} of at least ${LEAST_SAMPLES} transfers`;
  const none = { p90Sec: null, p99Sec: null };
  if (leftMs === undefined) {
    const note = `${few}; and a chain that it depends on does not answer`;
    return { until, basis: 'none', samples, p50Sec: null, ...none, note };
  }
  const note = `${few}; reckoned from the rules of chains and rounds`;
  return { until, basis: 'rules', samples, p50Sec: toSec(leftMs) ?? null, ...none, note };
}

function toSec(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.ceil(ms / 1000);
}

/** The parts of the way that are still ahead, by rule: finality of the deposit, its round, finality of its commit, finality of its payout. */
function rulesLeftMs(subject: Estimated, from: Milestone): number | undefined {
  const { finality, until, blockNumber } = subject;
  const isAhead = (milestone: Milestone) =>
    MILESTONES.indexOf(from) < MILESTONES.indexOf(milestone) &&
    MILESTONES.indexOf(milestone) <= MILESTONES.indexOf(until);
  const parts: (number | undefined)[] = [];
  if (isAhead('finalized')) parts.push(finalMs(finality.source, blockNumber));
  if (isAhead('anchored')) {
    if (from !== 'committed') parts.push(roundMs(subject, sumOf(parts)));
    parts.push(finalMs(finality.anchor, from === 'committed' ? blockNumber : undefined));
  }
  if (isAhead('confirmed')) {
    parts.push(finalMs(finality.destination, from === 'released' ? blockNumber : undefined));
  }
  return sumOf(parts);
}

function sumOf(parts: readonly (number | undefined)[]): number | undefined {
  return parts.reduce<number | undefined>(
    (sum, part) => (sum === undefined || part === undefined ? undefined : sum + part),
    0,
  );
}

/** @param included the block that waits; undefined if it is made later */
function finalMs(awaited: AwaitedFinality | undefined, included: number | undefined) {
  if (awaited === undefined) return undefined;
  return finalityEtaMs(awaited.rule, included ?? awaited.head, awaited.head);
}

/** What is left until the round of a deposit ends and its commit is due, `afterMs` from now. */
function roundMs(
  { source, schedule, nowMs, nextCommitSec }: Estimated,
  afterMs: number | undefined,
): number | undefined {
  if (source === undefined || afterMs === undefined) return undefined;
  const round = consumingRound(schedule, source.lagSec, source.sentAtSec);
  const endMs = Number(roundEndSec(schedule, round)) * 1000;
  const dueMs = Math.max(endMs, Number(nextCommitSec ?? 0n) * 1000);
  return Math.max(0, dueMs - (nowMs + afterMs));
}
