import type { Logger } from 'pino';
import type { RelayerConfig } from '../config/relayer.ts';
import { BridgeError } from '../shared/errors.ts';
import { carry } from './carry.ts';
import { type OpenDatabase, openEmbedded, openPostgres } from './journal/database.ts';
import { releaseLeases } from './journal/leases.ts';
import { createBridge, openEnds } from './open-bridge.ts';
import { serveOperator } from './operate/serve-operator.ts';
import { pause } from './pause.ts';
import { createJobQueue } from './queue/job-queue.ts';
import { openEmbeddedStore, openRedisStore } from './queue/job-store.ts';
import { createLog, printable } from './relayer-log.ts';
import { UnexpectedError } from './unexpected-error.ts';

/**
 * Carries messages until `signal` says stop. It may be killed at any point: what it has done is on the chains, in the
 * enclaves and in the journal, and it goes on from there.
 */
export async function runRelayer(config: RelayerConfig, signal: AbortSignal): Promise<void> {
  const log = createLog(config.logLevel);
  log.info({ config: printable(config) }, 'starting');
  try {
    await run(config, log, signal);
  } catch (error) {
    // Whoever prints it prints all that it holds.
    if (error instanceof BridgeError) throw error;
    log.fatal({ err: error }, 'stopped by a failure that nobody foresaw');
    throw new UnexpectedError(error);
  }
}

async function run(config: RelayerConfig, log: Logger, signal: AbortSignal): Promise<void> {
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
  await carry(bridge, (work) => createJobQueue({ store, ...work }));
  await closeDesk();
  // Whoever else is there need not wait until they run out.
  await releaseLeases(journal.database, bridge.holder).catch((error: unknown) => {
    log.warn({ err: error }, 'cannot give up the leases; they run out by themselves');
  });
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
