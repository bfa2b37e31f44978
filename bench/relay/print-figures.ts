import { formatCount, formatMiB, formatMs, printTable } from '../report.ts';
import { beyondMs, type CaughtUp, type Ceiling, ceilingMs, FULL } from './ceiling.ts';
import { percentile, type Trip } from './figures.ts';
import { type ProcessCost, sharesOf } from './process-cost.ts';
import type { RelaySide } from './relay-world.ts';

/** Prints how long messages took from their round's being complete, step by step. */
export function printLatency(title: string, trips: readonly Trip[]): void {
  const row = (what: string, tookMs: (trip: Trip) => number): string[] => {
    const all = trips.map(tookMs);
    return [what, formatMs(percentile(all, 50)), formatMs(percentile(all, 99))];
  };
  printTable({
    title,
    columns: ['from', 'p50', 'p99'],
    rows: [
      row('complete round to a block with its commit', (at) => at.committedMs - at.completeMs),
      row("that to the block's being final", (at) => at.anchoredMs - at.committedMs),
      row('that to a block with the release', (at) => at.releasedMs - at.anchoredMs),
      row('complete round to a block with the release', (at) => at.releasedMs - at.completeMs),
      row('added: first block that could have the commit, to the one that has it', beforeCommit),
      row('added: first block with room for the release, to the one that has it', beforeRelease),
      row('added in all', (at) => beforeCommit(at) + beforeRelease(at)),
    ],
    note: `${formatCount(trips.length)} transfers. Blocks are looked at every 250 ms.`,
  });
}

/** What the chains and the cadence of commits do not impose. */
function beforeCommit({ committedMs, mayCommitMs }: Trip): number {
  return Math.max(0, committedMs - mayCommitMs);
}

function beforeRelease({ releasedMs, mayReleaseMs }: Trip): number {
  return Math.max(0, releasedMs - mayReleaseMs);
}

/** Messages that all came at once, beside what the chain's blocks let through. */
export interface Crowd {
  readonly trips: readonly Trip[];
  readonly ceiling: Ceiling;
  /** When the endpoint that had been away was back. */
  readonly backMs: number;
}

/** Prints how fast messages were released that had been waiting together. */
export function printCrowd(title: string, { trips, ceiling, backMs }: Crowd): void {
  const released = trips.map(({ releasedMs }) => releasedMs);
  const [start, end] = [least(released), most(released)];
  const blocks = trips.map(({ releasedIn }) => releasedIn);
  const used = most(blocks) - least(blocks) + 1;
  const needed = trips.length / (ceiling.batchesPerBlock * FULL);
  const behindFirst = trips.filter(({ releasedMs }) => releasedMs > start).length;
  const whole = ratio(trips.length, most(trips.map((at) => at.releasedMs - at.anchoredMs)));
  const waiting = trips.filter(({ completeMs }) => completeMs <= backMs);
  const tookMs = Math.max(0, most(waiting.map(({ releasedMs }) => releasedMs - backMs)));
  const caughtUp: CaughtUp = { count: waiting.length, ceiling, tookMs };
  const share = (rate: number) =>
    `${rate.toFixed(0)}/s, ${((100 * rate) / ceiling.perSecond).toFixed(0)} % of the ceiling`;
  printTable({
    title,
    columns: ['what', 'figure'],
    rows: [
      ['transfers', formatCount(trips.length)],
      [
        'ceiling of the blocks',
        `${ceiling.perSecond.toFixed(0)}/s: ${ceiling.batchesPerBlock} batches of ${FULL} in ${ceiling.blockSec.toFixed(2)} s`,
      ],
      ['first to last block with releases', share(ratio(behindFirst, Math.max(1, end - start)))],
      [
        'blocks from the first to the last, and full blocks that it takes',
        `${used}, ${needed.toFixed(1)}`,
      ],
      ['final commit to the last block with releases', share(whole)],
      [
        `endpoint back to the last release of ${formatCount(waiting.length)} that were complete`,
        formatMs(tookMs),
      ],
      ['of which the ceiling alone', formatMs(ceilingMs(caughtUp))],
      ['beyond it', formatMs(beyondMs(caughtUp))],
    ],
  });
}

function ratio(count: number, tookMs: number): number {
  return (count * 1000) / tookMs;
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}

/** What has been asked and taken up to an instant. */
export interface Standing {
  readonly heads: readonly number[];
  /** By method, of each side. */
  readonly calls: readonly ReadonlyMap<string, number>[];
  readonly cost: ProcessCost;
}

interface Spent {
  readonly sides: readonly RelaySide[];
  readonly span: readonly [bigint, bigint];
}

/** Prints what the relayer asked its nodes and took of the machine between two instants. */
export function printEffort(
  title: string,
  [before, after]: readonly [Standing, Standing],
  { sides, span: [first, end] }: Spent,
): void {
  const count = Number(end - first);
  const batches = Math.ceil(count / FULL);
  const { cost } = after;
  const { ofProcessor, idle } = sharesOf(before.cost, cost);
  const cpuMs = (cost.cpuMs - before.cost.cpuMs) / (2 * count);
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  const [grownFrom, grownTo] = [before.cost.residentBytes, cost.residentBytes].map(formatMiB);
  printTable({
    title,
    columns: ['chain', 'calls', 'per block', `per batch of ${FULL}`, 'most often'],
    rows: sides.map(({ chain }, i) => {
      const made = difference(after.calls[i], before.calls[i]);
      const calls = made.reduce((sum, [, times]) => sum + times, 0);
      const blocks = (after.heads[i] ?? 0) - (before.heads[i] ?? 0);
      const often = made.slice(0, 5).map(([method, times]) => `${method} ${formatCount(times)}`);
      const row = [calls / blocks, calls / batches].map((per) => per.toFixed(1));
      return [chain.name, formatCount(calls), ...row, often.join(', ')];
    }),
    note: `The relayer took ${formatMs(cpuMs)} of processor time for each transfer, ${percent(ofProcessor)} of one processor; ${percent(idle)} of the machine was idle. Resident: ${grownFrom} before, ${grownTo} after, ${formatMiB(cost.peakBytes)} at most so far.`,
  });
}

function difference(
  after: ReadonlyMap<string, number> = new Map(),
  before: ReadonlyMap<string, number> = new Map(),
): (readonly [string, number])[] {
  const made = [...after].map(([method, times]) => [method, times - (before.get(method) ?? 0)]);
  return (made as [string, number][]).filter(([, times]) => times > 0).sort((a, b) => b[1] - a[1]);
}
