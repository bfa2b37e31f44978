import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RelayerConfig } from '../../config/relayer.ts';
import type { Bridge } from '../bridge.ts';
import { deskPath, serveDesk } from './desk-socket.ts';
import type { Estimate } from './explain-subject.ts';
import { createNonceKeeper } from './nonces.ts';
import { createPoster } from './post-orders.ts';

/** Less than whoever asks over the socket waits. */
const KEEPER_MS = 12_000;

/** Answers the operator's commands until it is closed. A socket that cannot be made is told in the log, and stops nothing. */
export async function serveOperator(
  { journal, chains }: Pick<RelayerConfig, 'journal' | 'chains'>,
  bridge: Bridge,
  estimate: Estimate,
): Promise<() => Promise<void>> {
  const { database, vitals, clock, log } = bridge;
  const path = deskPath(journal.folder);
  try {
    await mkdir(dirname(path), { recursive: true });
    const nonces = createNonceKeeper(bridge, KEEPER_MS);
    const { nowMs } = clock;
    const poster = createPoster(bridge, KEEPER_MS);
    return await serveDesk(path, { database, chains, vitals, nowMs, nonces, poster, estimate });
  } catch (error) {
    log.warn({ err: error }, 'the commands of an operator cannot ask this relayer');
    return async () => undefined;
  }
}
