import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, Registry } from 'prom-client';
import type { Database } from '../relayer/journal/database.ts';
import { newestCommit, readSoFar } from '../relayer/journal/lookups.ts';
import { countSubmissions, type SubmissionCount } from '../relayer/journal/submission-counts.ts';
import type { AlarmVitals, LaneVitals, Vitals, WaitVitals } from '../relayer/vitals.ts';
import type { Heads } from './heads.ts';
import { type Kept, keep, within } from './kept.ts';
import type { ChainPlace } from './sources.ts';

/** A number with what it is of. */
interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric: what it is called, what it says, what its numbers are of, and where they come from. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Nothing of what is not known now. */
  read(facts: Facts): readonly Sample[];
}

/** A chain as it is measured. */
interface ChainFacts {
  readonly name: string;
  readonly chainId: bigint;
  readonly head: number | undefined;
  readonly finalHead: number | undefined;
  readonly read: number | undefined;
  readonly sent: bigint;
  readonly released: bigint;
}

/** All that metrics are read off: what was known at one instant. */
export interface Facts {
  readonly lanes: readonly LaneVitals[];
  readonly waits: readonly WaitVitals[];
  readonly alarms: readonly AlarmVitals[];
  readonly chains: readonly ChainFacts[];
  readonly submissions: readonly SubmissionCount[];
  readonly commit:
    | { readonly number: bigint; readonly round: bigint; readonly asOf: bigint }
    | undefined;
  readonly queue: Readonly<Record<string, number>>;
  readonly memoryBytes: { readonly resident: number; readonly heap: number };
  /** The 99th percentile since the last look, in seconds. */
  readonly eventLoopLagSec: number;
  readonly upSec: number;
  readonly nowSec: number;
}

const one = (value: number | bigint | undefined): Sample[] =>
  value === undefined ? [] : [{ labels: {}, value: Number(value) }];

const ofChains =
  (numberOf: (chain: ChainFacts) => number | bigint | undefined) =>
  ({ chains }: Facts): Sample[] =>
    chains.flatMap((chain) => {
      const value = numberOf(chain);
      return value === undefined ? [] : [{ labels: { chain: chain.name }, value: Number(value) }];
    });

const ofLanes =
  (numberOf: (lane: LaneVitals) => number | undefined) =>
  ({ lanes }: Facts): Sample[] =>
    lanes.flatMap((lane) => {
      const value = numberOf(lane);
      return value === undefined ? [] : [{ labels: { lane: lane.name }, value }];
    });

const LANE_STATES = ['working', 'resting', 'failing', 'halted'] as const;

/** Every metric of a relayer: one entry each. None names a user, a tag or a transaction. */
export const METRICS: readonly Metric[] = [
  {
    name: 'veilspan_up_seconds',
    help: 'Seconds since the process started.',
    labels: [],
    read: ({ upSec }) => one(upSec),
  },
  {
    name: 'veilspan_lane_state',
    help: '1 for the state that a lane is in: working, resting, failing or halted.',
    labels: ['lane', 'state'],
    read: ({ lanes }) =>
      lanes.flatMap(({ name, state: is }) =>
        LANE_STATES.map((state) => ({
          labels: { lane: name, state },
          value: Number(state === is),
        })),
      ),
  },
  {
    name: 'veilspan_lane_done_age_seconds',
    help: 'Seconds since a lane last did what it is for; absent before the first time.',
    labels: ['lane'],
    read: ofLanes(({ sinceDoneMs }) =>
      sinceDoneMs === undefined ? undefined : sinceDoneMs / 1000,
    ),
  },
  {
    name: 'veilspan_lane_failures',
    help: 'How often a lane has failed since it last did what it is for.',
    labels: ['lane'],
    read: ofLanes(({ failures }) => failures),
  },
  {
    name: 'veilspan_waits',
    help: 'Answers that are awaited now.',
    labels: [],
    read: ({ waits }) => one(waits.length),
  },
  {
    name: 'veilspan_longest_wait_seconds',
    help: 'How long the oldest of them has been awaited.',
    labels: [],
    read: ({ waits }) => one(Math.max(0, ...waits.map(({ forMs }) => forMs)) / 1000),
  },
  {
    name: 'veilspan_alarm',
    help: '1 for each alarm that is raised; docs/errors.md has the code.',
    labels: ['name', 'code'],
    read: ({ alarms }) => alarms.map(({ name, code }) => ({ labels: { name, code }, value: 1 })),
  },
  {
    name: 'veilspan_alarms',
    help: 'Alarms that are raised.',
    labels: [],
    read: ({ alarms }) => one(alarms.length),
  },
  {
    name: 'veilspan_chain_reachable',
    help: '1 if a node of the chain answered.',
    labels: ['chain'],
    read: ofChains(({ head }) => Number(head !== undefined)),
  },
  {
    name: 'veilspan_chain_head',
    help: 'Number of the newest block.',
    labels: ['chain'],
    read: ofChains(({ head }) => head),
  },
  {
    name: 'veilspan_chain_final_head',
    help: 'Number of the newest final block.',
    labels: ['chain'],
    read: ofChains(({ finalHead }) => finalHead),
  },
  {
    name: 'veilspan_journal_cursor',
    help: 'Number of the newest block that the journal has, held to what the contracts have counted.',
    labels: ['chain'],
    read: ofChains(({ read }) => read),
  },
  {
    name: 'veilspan_journal_lag_blocks',
    help: 'Final blocks that the journal does not have.',
    labels: ['chain'],
    read: ofChains(({ finalHead, read }) =>
      finalHead === undefined || read === undefined ? undefined : Math.max(0, finalHead - read),
    ),
  },
  {
    name: 'veilspan_messages',
    help: 'Final messages of a chain.',
    labels: ['chain'],
    read: ofChains(({ sent }) => sent),
  },
  {
    name: 'veilspan_releases',
    help: 'Final releases of a chain.',
    labels: ['chain'],
    read: ofChains(({ released }) => released),
  },
  {
    name: 'veilspan_commit_number',
    help: 'Number of the newest commit.',
    labels: [],
    read: ({ commit }) => one(commit?.number),
  },
  {
    name: 'veilspan_commit_round',
    help: 'The last round that it consumed.',
    labels: [],
    read: ({ commit }) => one(commit?.round),
  },
  {
    name: 'veilspan_commit_age_seconds',
    help: 'Seconds since the time of the newest commit.',
    labels: [],
    read: ({ commit, nowSec }) => one(commit && nowSec - Number(commit.asOf)),
  },
  {
    name: 'veilspan_submissions',
    help: 'Transactions of this journal by state: intent, broadcast, included, final, failed, lost.',
    labels: ['chain', 'state'],
    read: ({ submissions, chains }) =>
      submissions.map(({ chainId, state, count }) => {
        const chain = chains.find((each) => each.chainId === chainId)?.name ?? `${chainId}`;
        return { labels: { chain, state }, value: count };
      }),
  },
  {
    name: 'veilspan_queue_jobs',
    help: 'Jobs in the queue by state; absent while the queue does not answer.',
    labels: ['state'],
    read: ({ queue }) =>
      Object.entries(queue).map(([state, value]) => ({ labels: { state }, value })),
  },
  {
    name: 'veilspan_resident_bytes',
    help: 'Memory of the process that is resident.',
    labels: [],
    read: ({ memoryBytes }) => one(memoryBytes.resident),
  },
  {
    name: 'veilspan_heap_bytes',
    help: 'JavaScript heap that is in use.',
    labels: [],
    read: ({ memoryBytes }) => one(memoryBytes.heap),
  },
  {
    name: 'veilspan_event_loop_lag_seconds',
    help: 'How late timers run: the 99th percentile since the last look.',
    labels: [],
    read: ({ eventLoopLagSec }) => one(eventLoopLagSec),
  },
];

/** What a relayer's metrics come from. */
export interface MetricSources {
  readonly vitals: Pick<Vitals, 'lanes' | 'waits' | 'alarms'>;
  readonly database: Database;
  readonly places: readonly ChainPlace[];
  readonly heads: Kept<Heads>;
  /** How many jobs are in which state. */
  queueCounts(): Promise<Readonly<Record<string, number>>>;
}

const KEPT_MS = 1000;
const DEADLINE_MS = 3000;

/** Creates what writes all metrics in Prometheus' text form; they are looked up at most once a second. */
export function createMetrics(sources: MetricSources): () => Promise<string> {
  const registry = new Registry();
  const gauges = METRICS.map(({ name, help, labels, read }) => {
    const gauge = new Gauge({ name, help, labelNames: [...labels], registers: [registry] });
    return (facts: Facts) => {
      gauge.reset();
      for (const sample of read(facts)) gauge.set(sample.labels, sample.value);
    };
  });
  const lag = monitorEventLoopDelay({ resolution: 20 });
  lag.enable();
  const text = keep(KEPT_MS, async () => {
    const facts = await lookUp(sources, lag.percentile(99) / 1e9);
    lag.reset();
    for (const set of gauges) set(facts);
    return await registry.metrics();
  });
  return () => text.get();
}

async function lookUp(sources: MetricSources, lagSec: number): Promise<Facts> {
  const { vitals, database, queueCounts } = sources;
  const [chains, submissions, commit, queue] = await Promise.all([
    within(DEADLINE_MS, () => chainFacts(sources)),
    within(DEADLINE_MS, () => countSubmissions(database)),
    within(DEADLINE_MS, () => newestCommit(database)),
    within(DEADLINE_MS, queueCounts),
  ]);
  const { rss, heapUsed } = process.memoryUsage();
  return {
    lanes: vitals.lanes(),
    waits: vitals.waits(),
    alarms: vitals.alarms(),
    chains: chains ?? [],
    submissions: submissions ?? [],
    commit,
    queue: queue ?? {},
    memoryBytes: { resident: rss, heap: heapUsed },
    eventLoopLagSec: Number.isFinite(lagSec) ? lagSec : 0,
    upSec: process.uptime(),
    nowSec: Math.floor(Date.now() / 1000),
  };
}

async function chainFacts({ places, heads, database }: MetricSources): Promise<ChainFacts[]> {
  const views = await heads.get();
  return await Promise.all(
    places.map(async ({ name, chainId }) => {
      const { blockNumber: read, sent, released } = await readSoFar(database, chainId);
      const view = views.get(chainId);
      return { name, chainId, head: view?.head, finalHead: view?.finalHead, read, sent, released };
    }),
  );
}
