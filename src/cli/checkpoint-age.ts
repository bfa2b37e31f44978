import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseMeasuredConfig } from '../enclave/measured-config.ts';
import { checkpointAgeSec, initialClient } from '../light-client/client-state.ts';

/**
 * Refuses to start an enclave for the first time from a checkpoint that says it is older than the weak-subjectivity
 * period. One that has started already has followed the chain since and does not need it any more.
 *
 * @param measured undefined where the folder holds the configuration already
 * @param folder the enclave's own
 * @throws {CheckpointAgeError} CHECKPOINT_TOO_OLD
 * @throws {MeasuredConfigError} a key of `measured` is wrong
 */
export function requireRecentCheckpoints(measured: unknown, folder: string, nowSec: bigint): void {
  if (measured === undefined || existsSync(join(folder, 'clients.sealed'))) return;
  for (const config of parseMeasuredConfig(measured).lightClients) {
    checkpointAgeSec(config, initialClient(config), nowSec);
  }
}
