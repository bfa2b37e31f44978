import type { Logger } from 'pino';
import type { RelayerConfig } from '../config/relayer.ts';
import { type FolderLock, lockFolder } from '../process/folder-lock.ts';
import { BridgeError } from '../shared/errors.ts';
import { type Bridge, RelayerError } from './bridge.ts';
import { carry } from './carry.ts';
import { sendConsoleToLog } from './console-to-log.ts';
import { type OpenDatabase, openEmbedded, openPostgres } from './journal/database.ts';
import { requireSameBridge } from './journal/identity.ts';
import { releaseLeases } from './journal/leases.ts';
import { nameStatements } from './name-waits.ts';
import { createBridge, openEnds } from './open-bridge.ts';
import type { Estimate } from './operate/explain-subject.ts';
import { serveOperator } from './operate/serve-operator.ts';
import { Parts } from './parts.ts';
import { createJobQueue } from './queue/job-queue.ts';
import { type JobStore, openEmbeddedStore, openRedisStore } from './queue/job-store.ts';
import { createQueueProbe, type QueueProbe } from './queue/queue-probe.ts';
import { createLog, printable } from './relayer-log.ts';
import { createTraces, type Traces } from './trace/trace-transfers.ts';
import { UnexpectedError } from './unexpected-error.ts';
import { Vitals } from './vitals.ts';

/** For lanes to come to an end after they were told to. */
const LANES_STOP_MS = 4000;
/** For everything to be closed after that. Together less than the ten seconds that supervisors wait before they kill. */
const CLOSE_MS = 5000;

/** A relayer at work, for whoever looks at it. */
export interface Running {
  readonly bridge: Bridge;
  readonly probe: QueueProbe;
  /** Undefined where nobody is told of transfers. */
  readonly traces?: Traces | undefined;
  /** Gives the operator's desk what estimates with. */
  readonly estimateWith?: (estimate: Estimate) => void;
}

/** Looks at a relayer while it works. @returns what ends that */
export type Attend = (running: Running) => Promise<() => Promise<void>>;

const nobody: Attend = async () => async () => undefined;

/**
 * Carries messages until `signal` says stop. It may be killed at any point: what it has done is on the chains, in the
 * enclaves and in the journal, and it goes on from there.
 *
 * What hangs at the end is left behind: whoever calls this ends the process.
 *
 * @throws {BridgeError} it cannot start, or must not go on
 */
export async function runRelayer(
  config: RelayerConfig,
  signal: AbortSignal,
  attend: Attend = nobody,
): Promise<void> {
  const log = createLog(config.logLevel, { format: config.logFormat });
  const putConsoleBack = sendConsoleToLog(log);
  log.info({ config: printable(config) }, 'starting');
  const stopping = new AbortController();
  const stop = () => stopping.abort(new RelayerError('RELAYER_STOPPING', 'it was told to stop'));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const parts = new Parts(log);
  let lock: FolderLock | undefined;
  try {
    lock = await lockJournal(config);
    const surroundings = { log, parts, signal: stopping.signal, attend };
    // Told to stop while it was loaded, it opens nothing.
    if (!stopping.signal.aborted) await untilStopped(run(config, surroundings), stopping.signal);
  } catch (error) {
    throw lastWords(log, error);
  } finally {
    stop();
    signal.removeEventListener('abort', stop);
    log.info('stopping');
    await parts.close(CLOSE_MS);
    await lock?.release();
    log.info('stopped');
    putConsoleBack();
  }
}

/** Whoever prints an error prints all that it holds. */
function lastWords(log: Logger, error: unknown): BridgeError {
  if (!(error instanceof BridgeError)) {
    log.fatal({ err: error }, 'stopped by a failure that nobody foresaw');
    return new UnexpectedError(error);
  }
  log.fatal({ err: error }, 'cannot go on');
  return error;
}

/** Waits for the end of the work; once it was told to stop, not for long. */
async function untilStopped(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const late = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => setTimeout(resolve, LANES_STOP_MS).unref(), {
      once: true,
    });
  });
  try {
    await Promise.race([work, late]);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

interface Surroundings {
  readonly log: Logger;
  readonly parts: Parts;
  readonly signal: AbortSignal;
  readonly attend: Attend;
}

async function run(config: RelayerConfig, surroundings: Surroundings): Promise<void> {
  const { log, parts, signal, attend } = surroundings;
  // First, and alone: to load what speaks to the chains can keep a busy machine from hearing its database for longer than that is waited for.
  const { journal, store } = await openStores(config, surroundings);
  const ends = await parts.open('the chains', openEnds(config, log));
  const vitals = new Vitals({ signal });
  const { database } = journal;
  nameStatements(database, vitals);
  const bridge = createBridge(config, ends, { database, log, vitals, signal });
  for (const { name, client } of bridge.enclaves) {
    await parts.open(name, Promise.resolve({ close: async () => client.close() }));
  }
  let estimate: Estimate = async () => undefined;
  const desk = serveOperator(config, bridge, (subject) => estimate(subject));
  await parts.open(
    "the operator's desk",
    desk.then((close) => ({ close })),
  );
  // Whoever else is there need not wait until they run out.
  const releasing = { close: () => releaseLeases(database, bridge.holder) };
  await parts.open('the leases', Promise.resolve(releasing));
  const probe = createQueueProbe(store);
  await parts.open('the probe of the queue', Promise.resolve(probe));
  const { otlpUrl } = config.tracing;
  const traces = otlpUrl === undefined ? undefined : createTraces(bridge, otlpUrl);
  // Before anything is journaled.
  await traces?.begin();
  const estimateWith = (better: Estimate) => {
    estimate = better;
  };
  const status = attend({ bridge, probe, traces, estimateWith }).then((close) => ({ close }));
  await parts.open('the status server', status);
  await Promise.all([carry(bridge, (work) => createJobQueue({ store, ...work })), traces?.run()]);
}

/** A journal in a folder has one relayer; a Postgres may have many. */
async function lockJournal({ journal }: RelayerConfig): Promise<FolderLock | undefined> {
  return journal.postgresUrl === undefined ? await lockFolder(journal.folder) : undefined;
}

/** The queue is kept in the journal's embedded database if there is one, so it comes second. */
async function openStores(
  config: RelayerConfig,
  { log, parts }: Surroundings,
): Promise<{ readonly journal: OpenDatabase; readonly store: JobStore }> {
  const { redisUrl } = config.queue;
  const onTrouble = (err: Error) => log.warn({ err }, "the queue's Redis does not answer");
  const journal = await parts.open('the journal', openJournal(config, log));
  await requireSameBridge(journal.database, config);
  const store =
    redisUrl === undefined
      ? openEmbeddedStore(journal.pglite)
      : openRedisStore(redisUrl.reveal(), onTrouble);
  return { journal, store: await parts.open('the queue', store) };
}

async function openJournal({ journal }: RelayerConfig, log: Logger): Promise<OpenDatabase> {
  const onLost = (err: Error) => log.warn({ err }, 'a connection to the journal was lost');
  return journal.postgresUrl === undefined
    ? await openEmbedded(journal.folder)
    : await openPostgres(journal.postgresUrl.reveal(), { onLost });
}
