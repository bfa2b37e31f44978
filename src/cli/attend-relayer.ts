import type { RelayerConfig } from '../config/relayer.ts';
import type { Running } from '../relayer/main.ts';
import { most } from '../shared/bigints.ts';
import { createHeads } from '../status/heads.ts';
import { addHealthRoutes } from '../status/health.ts';
import { createHistory } from '../status/history.ts';
import type { MeasuredAccount, RpcFacts } from '../status/metric-facts.ts';
import { createMetrics } from '../status/metrics.ts';
import { relayerChecks } from '../status/relayer-checks.ts';
import { createServer, listen } from '../status/server.ts';
import type { ChainPlace } from '../status/sources.ts';
import { addStatusApi } from '../status/status-api.ts';
import { subjectEta } from '../status/subject-eta.ts';

/** How long a job may take through the queue, and an enclave to say how it is. */
const ANSWER_MS = 4000;

/**
 * Has the operator's desk estimate as the status API does; and serves that, `/live`, `/ready` and `/metrics`, if the configuration says where.
 *
 * @returns what ends that
 * @throws {StatusError} STATUS_ADDRESS_UNUSABLE
 */
export async function attendRelayer(
  { status, rounds, commitEverySec }: RelayerConfig,
  running: Running,
): Promise<() => Promise<void>> {
  const { listen: address, streams, ...limits } = status;
  const { bridge, probe, traces } = running;
  const { database, vitals, log } = bridge;
  const places = placesOf(running);
  const heads = createHeads(places);
  const nowMs = () => Date.now();
  const sources = {
    database,
    places,
    schedule: rounds,
    commitEverySec: BigInt(commitEverySec),
    nowMs,
  };
  const looking = { sources, heads, history: createHistory(sources) };
  running.estimateWith?.((subject) => subjectEta(looking, subject));
  if (address === undefined) return async () => undefined;
  const onUnexpected = (error: unknown) => log.error({ err: error }, 'an answer failed');
  const app = await createServer({ ...limits, onUnexpected });
  await addStatusApi(app, sources, { most: streams });
  const sendCanary = () => vitals.wait('a job through the queue', ANSWER_MS, probe.sendCanary);
  const enclaves = new Map(
    bridge.enclaves.map(({ name, client }) => [
      name,
      () => vitals.wait(`status of ${name}`, ANSWER_MS, () => client.ask('status', {})),
    ]),
  );
  const checks = relayerChecks({ vitals, database, places, heads, sendCanary, enclaves });
  addHealthRoutes(app, { checks, waits: () => vitals.waits() });
  const queueCounts = () => probe.counts();
  const metrics = createMetrics({
    vitals,
    database,
    places,
    heads,
    queueCounts,
    traces,
    rpc: [...bridge.sides.map(({ chain }) => chain), ...sourcesOf(running)],
    accounts: accountsOf(running),
    cadenceSec: most(BigInt(commitEverySec), rounds.roundSec),
  });
  const hidden = { schema: { hide: true }, config: { rateLimit: false as const } };
  app.get('/metrics', hidden, async (_request, reply) => {
    reply.type('text/plain; version=0.0.4; charset=utf-8');
    return await metrics();
  });
  log.info({ url: await listen(app, address) }, 'says what it is doing');
  return () => app.close();
}

/** All accounts that submit, each once. */
function accountsOf({ bridge: { sides, anchor } }: Running): readonly MeasuredAccount[] {
  return anchor.committer === undefined ? sides : [...sides, anchor.committer];
}

/** What light clients have their finality from: connections of their own, though often to the same nodes. */
function sourcesOf({ bridge: { finality } }: Running): readonly RpcFacts[] {
  return [...finality].map(([client, source]) => ({
    name: `finality of ${client}`,
    endpoints: () => source.endpoints(),
    calls: () => source.calls(),
  }));
}

function placesOf({ bridge }: Running): ChainPlace[] {
  return bridge.sides.map((side) => {
    const { chain, gateway, lagSec, fromBlock, lightClient } = side;
    const source = bridge.finality.get(lightClient);
    return {
      chainId: chain.chainId,
      name: chain.name,
      gateway,
      isAnchor: side === bridge.anchor.side,
      lagSec,
      registry: undefined,
      fromBlock,
      chain,
      rule: async () => {
        if (source === undefined) throw new RangeError(`no light client "${lightClient}"`);
        return await source.rule();
      },
    };
  });
}
