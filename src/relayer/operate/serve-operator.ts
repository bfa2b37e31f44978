import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RelayerConfig } from '../../config/relayer.ts';
import type { Bridge } from '../bridge.ts';
import { deskPath, serveDesk } from './desk-socket.ts';

/** Answers the operator's commands until it is closed. A socket that cannot be made is told in the log, and stops nothing. */
export async function serveOperator(
  { journal }: Pick<RelayerConfig, 'journal'>,
  { database, vitals, clock, log }: Pick<Bridge, 'database' | 'vitals' | 'clock' | 'log'>,
): Promise<() => Promise<void>> {
  const path = deskPath(journal.folder);
  try {
    await mkdir(dirname(path), { recursive: true });
    return await serveDesk(path, { database, vitals, nowMs: clock.nowMs });
  } catch (error) {
    log.warn({ err: error }, 'the commands of an operator cannot ask this relayer');
    return async () => undefined;
  }
}
