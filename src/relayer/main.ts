import type { Logger } from 'pino';
import type { RelayerConfig } from '../config/relayer.ts';
import { BridgeError } from '../shared/errors.ts';
import type { Bridge } from './bridge.ts';
import { carry } from './carry.ts';
import { type OpenDatabase, openEmbedded, openPostgres } from './journal/database.ts';
import { createBridge, openEnds } from './open-bridge.ts';
import { serveOperator } from './operate/serve-operator.ts';
import { pause } from './pause.ts';
import { createJobQueue } from './queue/job-queue.ts';
import { openEmbeddedStore, openRedisStore } from './queue/job-store.ts';
import { createQueueProbe, type QueueProbe } from './queue/queue-probe.ts';
import { createLog, printable } from './relayer-log.ts';
import { UnexpectedError } from './unexpected-error.ts';

/** A relayer at work, for whoever looks at it. */
export interface Running {
  readonly bridge: Bridge;
  readonly probe: QueueProbe;
}

/** Looks at a relayer while it works. @returns what ends that */
export type Attend = (running: Running) => Promise<() => Promise<void>>;

const nobody: Attend = async () => async () => undefined;

/**
 * Carries messages until `signal` says stop. It may be killed at any point: what it has done is on the chains, in the
 * enclaves and in the journal, and it goes on from there.
 */
export async function runRelayer(
  config: RelayerConfig,
  signal: AbortSignal,
  attend: Attend = nobody,
): Promise<void> {
  const log = createLog(config.logLevel);
  log.info({ config: printable(config) }, 'starting');
  try {
    await run(config, { log, signal, attend });
  } catch (error) {
    // Whoever prints it prints all that it holds.
    if (error instanceof BridgeError) throw error;
    log.fatal({ err: error }, 'stopped by a failure that nobody foresaw');
    throw new UnexpectedError(error);
  }
}

interface Surroundings {
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly attend: Attend;
}

async function run(config: RelayerConfig, { log, signal, attend }: Surroundings): Promise<void> {
  const [{ journal, store }, ends] = await Promise.all([
    openStores(config),
    untilReachable(() => openEnds(config), { log, signal }),
  ]);
  if (ends === undefined) {
    await Promise.all([store.close(), journal.close()]);
    return;
  }
  const bridge = createBridge(config, ends, { database: journal.database, log, signal });
  const closeDesk = await serveOperator(config, bridge);
  const probe = createQueueProbe(store);
  const leave = await attend({ bridge, probe });
  await carry(bridge, (work) => createJobQueue({ store, ...work }));
  await Promise.all([leave(), closeDesk(), probe.close()]);
  for (const { client } of bridge.enclaves) client.close();
  await ends.close();
  await Promise.all([store.close(), journal.close()]);
  log.info('stopped');
}

const MAX_BACKOFF_MS = 10_000;

/** Tries until all chains answer; a chain that is another than the configured one is an error at once. */
async function untilReachable<T>(
  open: () => Promise<T>,
  { log, signal }: { readonly log: Logger; readonly signal: AbortSignal },
): Promise<T | undefined> {
  for (let backoffMs = 500; !signal.aborted; backoffMs = Math.min(2 * backoffMs, MAX_BACKOFF_MS)) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof BridgeError) || error.disposition !== 'retry') throw error;
      log.warn({ err: error, backoffMs }, 'cannot start yet');
    }
    await pause(backoffMs, signal);
  }
  return undefined;
}

/** The queue is kept in the journal's embedded database if there is one, so it comes second. */
async function openStores({ journal, queue }: RelayerConfig) {
  const opened: OpenDatabase =
    journal.postgresUrl === undefined
      ? await openEmbedded(journal.folder)
      : await openPostgres(journal.postgresUrl.reveal());
  const store =
    queue.redisUrl === undefined
      ? await openEmbeddedStore(opened.pglite)
      : openRedisStore(queue.redisUrl.reveal());
  return { journal: opened, store };
}
