import { currentRound } from '../client/wait-estimate.ts';
import { roundEndSec } from '../protocol/rounds.ts';
import { newestCommit, payoutsPerHour, readSoFar } from '../relayer/journal/lookups.ts';
import type {
  ChainAnswer,
  PayoutsPerHourAnswer,
  RoundsAnswer,
  TimesAnswer,
} from './bridge-answers.ts';
import type { HeadView } from './heads.ts';
import { durationsMs, type Life, MILESTONES, type Milestone } from './history.ts';
import { percentilesOf } from './percentiles.ts';
import type { ChainPlace, StatusSources } from './sources.ts';
import type { Looking } from './transfers.ts';

/** The chains, and how far the journal has read each. */
export async function describeChains({ sources, heads }: Looking): Promise<ChainAnswer[]> {
  const { database, places } = sources;
  const [views, commit, ...reads] = await Promise.all([
    heads.get(),
    newestCommit(database),
    ...places.map(async (place) => ({ place, read: await readSoFar(database, place.chainId) })),
  ]);
  return reads.map(({ place, read }) => {
    const { chainId, name, gateway, isAnchor, lagSec } = place;
    const consumed = commit?.inputs.find((cursor) => cursor.chainId === chainId)?.count ?? 0n;
    const view = views.get(chainId);
    return {
      chainId: `${chainId}`,
      name,
      gateway,
      isAnchor,
      isReachable: view !== undefined,
      head: view?.head ?? null,
      finalHead: view?.finalHead ?? null,
      finalityLagBlocks: view ? finalityLag(view) : null,
      read: read.blockNumber ?? null,
      readLagBlocks: view ? readLag(view, read.blockNumber, place) : null,
      sent: `${read.sent}`,
      consumed: `${consumed}`,
      released: `${read.released}`,
      lagSec: Number(lagSec),
    };
  });
}

function finalityLag({ head, finalHead }: HeadView): number | null {
  return finalHead === undefined ? null : Math.max(0, head - finalHead);
}

/** A journal that has read nothing yet begins where the contracts do. */
function readLag(
  { finalHead }: HeadView,
  read: number | undefined,
  { fromBlock }: ChainPlace,
): number | null {
  if (finalHead === undefined) return null;
  return Math.max(0, finalHead - (read ?? fromBlock - 1));
}

/** Where the rounds are, and when the next commit is due. */
export async function describeRounds({
  database,
  schedule,
  commitEverySec,
  nowMs,
}: StatusSources): Promise<RoundsAnswer> {
  // Counted by what has ended: the one that runs is the next.
  const current = currentRound(schedule, BigInt(Math.floor(nowMs() / 1000))) + 1n;
  const commit = await newestCommit(database);
  return {
    roundSec: Number(schedule.roundSec),
    current: `${current}`,
    currentEndSec: Number(roundEndSec(schedule, current)),
    commit: commit
      ? {
          number: `${commit.number}`,
          round: `${commit.round}`,
          asOf: Number(commit.asOf),
          stateId: commit.postState,
          blockNumber: commit.blockNumber,
          isFinal: commit.isFinal,
          transactionHash: commit.transactionHash,
        }
      : null,
    nextCommitDueSec: commit ? Number(commit.asOf + commitEverySec) : null,
  };
}

const HOUR_SEC = 3600;
const MOST_ROWS = 2000;

/** What gateways have paid in the last hours, the running one counted, by amount. */
export async function describePayouts(
  { database, nowMs }: StatusSources,
  hours: number,
): Promise<PayoutsPerHourAnswer> {
  const thisHour = Math.floor(nowMs() / 1000 / HOUR_SEC) * HOUR_SEC;
  const sinceSec = thisHour - (hours - 1) * HOUR_SEC;
  const wanted = { sinceSec: BigInt(sinceSec), limit: MOST_ROWS + 1 };
  const rows = await payoutsPerHour(database, wanted);
  return {
    sinceSec,
    isCut: rows.length > MOST_ROWS,
    hours: rows.slice(0, MOST_ROWS).map(({ chainId, asset, amount, hourSec, count }) => ({
      hourSec: Number(hourSec),
      chainId: `${chainId}`,
      asset,
      amount: `${amount}`,
      count,
    })),
  };
}

/** How long each step took lately, by direction. */
export function describeTimes(lives: readonly Life[]): TimesAnswer['times'] {
  const directions = Map.groupBy(lives, ({ source, destination }) => `${source} ${destination}`);
  return [...directions.values()].flatMap((some) => {
    const ends = MILESTONES.slice(1).flatMap((to, i) => {
      const from: Milestone = MILESTONES[i] ?? 'observed';
      return timesBetween(some, from, to);
    });
    return [...ends, ...wholeTimes(some)];
  });
}

/** From the begin of what is public to its end. */
function wholeTimes(lives: readonly Life[]): TimesAnswer['times'] {
  const [first] = lives;
  if (first === undefined || first.source === null) return [];
  return timesBetween(lives, 'observed', first.destination === null ? 'anchored' : 'confirmed');
}

function timesBetween(
  lives: readonly Life[],
  from: Milestone,
  to: Milestone,
): TimesAnswer['times'] {
  const [first] = lives;
  const { samples, p50, p90, p99 } = percentilesOf(durationsMs(lives, from, to));
  if (first === undefined || samples === 0) return [];
  const toSec = (ms: number | undefined) => (ms === undefined ? null : Math.round(ms / 1000));
  return [
    {
      source: first.source === null ? null : `${first.source}`,
      destination: first.destination === null ? null : `${first.destination}`,
      from,
      to,
      samples,
      p50Sec: toSec(p50),
      p90Sec: toSec(p90),
      p99Sec: toSec(p99),
    },
  ];
}
