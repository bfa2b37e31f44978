import {
  messageSubject,
  releaseSubject,
  stepFor,
  type TransferState,
} from '../protocol/transfer-state.ts';
import { publicTags } from '../protocol/transfer-tags.ts';
import {
  changesOf,
  newestMessages,
  newestReleases,
  type ReleaseRow,
  releasesWithTags,
} from '../relayer/journal/lookups.ts';
import type { JournaledChange } from '../relayer/journal/state-changes.ts';
import { chunksOf } from '../shared/chunks.ts';
import { type Kept, keep } from './kept.ts';
import type { ChainPlace, StatusSources } from './sources.ts';

/** States that a life goes through when nothing comes between, in order. */
export const MILESTONES = [
  'observed',
  'finalized',
  'verified',
  'committed',
  'anchored',
  'released',
  'confirmed',
] as const satisfies readonly TransferState[];
/** See {@link MILESTONES}. */
export type Milestone = (typeof MILESTONES)[number];

/** A transfer or a payout that was seen from its begin on: when it came where, in milliseconds of Unix time. */
export interface Life {
  /** Null of a payout alone. */
  readonly source: bigint | null;
  /** The chain that pays; null of a sealed order, which does not say. */
  readonly destination: bigint | null;
  readonly at: ReadonlyMap<Milestone, number>;
}

const KEPT_MS = 30_000;
/** Of each chain's newest. */
const LIVES = 400;
const SUBJECTS_AT_ONCE = 1000;
/** What was seen later than this after it happened was read after an outage, and says nothing of how long things take. */
const LATE_MS = 120_000;

/** The lives of the newest transfers and payouts of every chain, looked up at most twice a minute. */
export function createHistory(sources: StatusSources): Kept<readonly Life[]> {
  return keep(KEPT_MS, async () => {
    const lives: Life[] = [];
    for (const place of sources.places) {
      lives.push(...(await transferLives(sources, place)), ...(await payoutLives(sources, place)));
    }
    return lives;
  });
}

async function transferLives(
  { database }: StatusSources,
  { chainId, gateway }: ChainPlace,
): Promise<Life[]> {
  const sent = await newestMessages(database, chainId, LIVES);
  const open = sent.filter(({ destination }) => destination !== 0n);
  const tagOf = new Map(
    open.flatMap(({ index }) =>
      publicTags({ chainId, index }, gateway).payouts.map((tag) => [tag, index] as const),
    ),
  );
  const paid = await releasesWithTags(database, [...tagOf.keys()], LIVES);
  const payoutOf = new Map(paid.map((release) => [tagOf.get(release.tag), subjectOf(release)]));
  const subjects = sent.map(({ index }) => messageSubject(chainId, index));
  const changes = await changesBySubject(database, [...subjects, ...payoutOf.values()]);
  return sent.flatMap(({ index, destination, sentAtSec }) => {
    const own = changes.get(messageSubject(chainId, index)) ?? [];
    const payout = changes.get(payoutOf.get(index) ?? '') ?? [];
    const at = milestonesOf([...own, ...payout]);
    const life = { source: chainId, destination: destination === 0n ? null : destination, at };
    return isSeenInTime(at.get('observed'), sentAtSec) ? [life] : [];
  });
}

async function payoutLives({ database }: StatusSources, { chainId }: ChainPlace): Promise<Life[]> {
  const made = await newestReleases(database, chainId, LIVES);
  const changes = await changesBySubject(database, made.map(subjectOf));
  return made.flatMap((release) => {
    const at = milestonesOf(changes.get(subjectOf(release)) ?? []);
    const life = { source: null, destination: chainId, at };
    return isSeenInTime(at.get('released'), release.timeSec) ? [life] : [];
  });
}

function subjectOf({ chainId, index }: Pick<ReleaseRow, 'chainId' | 'index'>): string {
  return releaseSubject(chainId, index);
}

async function changesBySubject(
  database: StatusSources['database'],
  subjects: readonly string[],
): Promise<ReadonlyMap<string, JournaledChange[]>> {
  const changes: JournaledChange[] = [];
  for (const some of chunksOf(subjects, SUBJECTS_AT_ONCE)) {
    changes.push(...(await changesOf(database, some)));
  }
  return Map.groupBy(changes, ({ subject }) => subject);
}

function milestonesOf(changes: readonly JournaledChange[]): Map<Milestone, number> {
  const at = new Map<Milestone, number>();
  for (const { reason, atMs } of changes) {
    const milestone = MILESTONES.find((each) => each === stepFor(reason).state);
    if (milestone !== undefined && !at.has(milestone)) at.set(milestone, atMs);
  }
  return at;
}

function isSeenInTime(seenAtMs: number | undefined, happenedSec: bigint | null): boolean {
  if (seenAtMs === undefined || happenedSec === null) return false;
  return seenAtMs - Number(happenedSec) * 1000 <= LATE_MS;
}

/** How long lives took from one milestone to another, in milliseconds; what was read in one go is left out. */
export function durationsMs(lives: readonly Life[], from: Milestone, to: Milestone): number[] {
  return lives.flatMap(({ at }) => {
    const [start, end] = [at.get(from), at.get(to)];
    return start !== undefined && end !== undefined && end > start ? [end - start] : [];
  });
}

/** Lives of one direction. */
export function livesOf(
  lives: readonly Life[],
  { source, destination }: Pick<Life, 'source' | 'destination'>,
): Life[] {
  return lives.filter((life) => life.source === source && life.destination === destination);
}
