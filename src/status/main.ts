import { type Logger, pino } from 'pino';
import type { ApiConfig } from '../config/api.ts';
import { openToRead, requireReadable } from '../relayer/journal/open-to-read.ts';
import { addHealthRoutes } from './health.ts';
import { openPlaces } from './open-places.ts';
import { createServer, listen } from './server.ts';
import { addStatusApi } from './status-api.ts';

/** Serves the status API until `signal` says stop. @throws {StatusError} STATUS_ADDRESS_UNUSABLE @throws {JournalUnreachable} @throws {JournalFormError} */
export async function runApi(config: ApiConfig, signal: AbortSignal): Promise<void> {
  const log = pino({ name: 'api' });
  const journal = await openToRead(config.journal.postgresUrl.reveal());
  const { places, close } = openPlaces(config);
  const { listen: address, streams, ...limits } = config.status;
  const app = await createServer({ ...limits, onUnexpected: (error) => tell(log, error) });
  const sources = {
    database: journal.database,
    places,
    schedule: config.rounds,
    commitEverySec: BigInt(config.commitEverySec),
    nowMs: () => Date.now(),
  };
  await addStatusApi(app, sources, { most: streams });
  const run = async () => {
    await requireReadable(journal.database);
    return [];
  };
  addHealthRoutes(app, {
    checks: [{ name: 'journal', means: 'the database gives no row', run }],
    waits: () => [],
  });
  try {
    log.info({ url: await listen(app, address) }, 'answers');
    if (!signal.aborted) await new Promise((stop) => signal.addEventListener('abort', stop));
  } finally {
    await app.close();
    await Promise.all([close(), journal.close()]);
  }
  log.info('stopped');
}

/** SECURITY: of what nobody foresaw only name and place go into the log: what it says may quote what was asked. */
function tell(log: Logger, error: unknown): void {
  const isError = error instanceof Error;
  const frames = isError
    ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
    : [];
  log.error({ error: isError ? error.name : typeof error, frames }, 'an answer failed');
}
