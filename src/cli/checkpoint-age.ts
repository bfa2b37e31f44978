import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseMeasuredConfig } from '../enclave/measured-config.ts';
import { verifyCheckpointAge } from '../light-client/weak-subjectivity.ts';

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
  if (measured === undefined || existsSync(join(folder, 'state.sealed'))) return;
  const { ethereum, polkadot } = parseMeasuredConfig(measured);
  const stated = {
    ethereum: ethereum.lightClient.checkpointTimestampSec,
    polkadot: polkadot.lightClient.checkpoint.timestampSec,
  };
  for (const chain of ['ethereum', 'polkadot'] as const) {
    const timestampSec = stated[chain];
    if (timestampSec !== undefined) verifyCheckpointAge(chain, BigInt(timestampSec), nowSec);
  }
}
