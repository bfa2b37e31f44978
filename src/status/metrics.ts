import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, Registry } from 'prom-client';
import { isLaneHeld } from '../relayer/journal/holds.ts';
import { keep } from './kept.ts';
import { type Metric, ofAccounts, ofChains, ofLanes, ofNodes, one } from './metric.ts';
import { type Facts, lookUpFacts, type MetricSources } from './metric-facts.ts';

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
    name: 'veilspan_oldest_hold_seconds',
    help: 'How long what an operator holds has been held, of several the oldest; 0 while nothing is.',
    labels: [],
    read: ({ holds, nowSec }) =>
      one(holds && nowSec - Math.min(nowSec, ...holds.map(({ atMs }) => atMs / 1000))),
  },
  {
    name: 'veilspan_lane_held',
    help: '1 if an operator holds a lane; absent while the journal does not answer.',
    labels: ['lane'],
    read: ofLanes(({ name }, { holds }) => holds && Number(isLaneHeld(holds, name))),
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
    help: 'Number of the newest final block; absent while no node tells of it.',
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
    name: 'veilspan_releases_due',
    help: 'Releases that have been revealed to this relayer and are not final.',
    labels: ['chain'],
    read: ofChains(({ revealed, released }) => Math.max(0, Number(revealed - released))),
  },
  {
    name: 'veilspan_chain_lag_allowed_seconds',
    help: 'Seconds that messages of a chain have to become final before their round ends.',
    labels: ['chain'],
    read: ofChains(({ lagSec }) => lagSec),
  },
  {
    name: 'veilspan_rpc_calls',
    help: 'Calls to the nodes of a chain, or of `finality of` a light client, since the process started, by method.',
    labels: ['chain', 'method'],
    read: ({ rpc }) =>
      rpc.flatMap((chain) =>
        [...chain.calls()].map(([method, value]) => ({
          labels: { chain: chain.name, method },
          value,
        })),
      ),
  },
  {
    name: 'veilspan_endpoint_score',
    help: '1 of a node without a fault lately, towards 0 with every fault.',
    labels: ['chain', 'node'],
    read: ofNodes(({ score }) => score),
  },
  {
    name: 'veilspan_endpoint_failures',
    help: 'How often a node has failed to answer since the process started.',
    labels: ['chain', 'node'],
    read: ofNodes(({ failures }) => failures),
  },
  {
    name: 'veilspan_endpoint_lies',
    help: 'How often a node was caught saying what was not so since the process started.',
    labels: ['chain', 'node'],
    read: ofNodes(({ lies }) => lies),
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
    name: 'veilspan_commit_cadence_seconds',
    help: 'Seconds from one commit to the next: as configured, or a round if that is longer.',
    labels: [],
    read: ({ cadenceSec }) => one(cadenceSec),
  },
  {
    name: 'veilspan_fees_day_coins',
    help: 'Fees of an account within 24 hours as its limit counts them, in coins of the chain.',
    labels: ['chain', 'account'],
    read: ofAccounts(({ spentWei }) => spentWei),
  },
  {
    name: 'veilspan_fees_day_limit_coins',
    help: 'What these fees may be at most.',
    labels: ['chain', 'account'],
    read: ofAccounts(({ dayWei }) => dayWei),
  },
  {
    name: 'veilspan_balance_coins',
    help: 'Balance of an account that submits, in coins of the chain; absent while no node says it.',
    labels: ['chain', 'account'],
    read: ofAccounts(({ balanceWei }) => balanceWei),
  },
  {
    name: 'veilspan_balance_least_coins',
    help: 'With less than this on the account somebody has to send it some; as configured.',
    labels: ['chain', 'account'],
    read: ofAccounts(({ leastBalanceWei }) => leastBalanceWei),
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
    name: 'veilspan_trace_spans',
    help: 'Spans since the process started that the collector took (sent), and that it refused or was away for too long for (dropped); absent without traces.',
    labels: ['state'],
    read: ({ traces }) =>
      traces === undefined
        ? []
        : (['sent', 'dropped'] as const).map((state) => {
            return { labels: { state }, value: traces[state] };
          }),
  },
  {
    name: 'veilspan_trace_failures',
    help: 'Attempts since the process started to tell the collector that it did not answer.',
    labels: [],
    read: ({ traces }) => (traces === undefined ? [] : one(traces.failures)),
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

const KEPT_MS = 1000;

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
    const facts = await lookUpFacts(sources, lag.percentile(99) / 1e9);
    lag.reset();
    for (const set of gauges) set(facts);
    return await registry.metrics();
  });
  return () => text.get();
}
