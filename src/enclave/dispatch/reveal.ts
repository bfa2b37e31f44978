import { signDigest } from '../../crypto/secp256k1.ts';
import { batchKey } from '../../ledger/entry-keys.ts';
import {
  type CommandParams,
  MAX_REVEAL_BATCHES,
  type SignedBatch,
} from '../../protocol/enclave-commands.ts';
import { type ReleaseBatch, releaseBatchDigest } from '../../protocol/release.ts';
import { type Hex, toHex } from '../../shared/bytes.ts';
import type { EnclaveKeys } from '../keys/enclave-keys.ts';
import { chainOf } from '../measured-config.ts';
import type { EnclaveContext, EnclaveState } from '../state.ts';
import type { Step } from './step.ts';

/**
 * The release batches of a chain from the one that begins at `firstIndex` on, signed for whoever is to submit them.
 *
 * SECURITY: this is the only way a release leaves the enclave. They are those of the ledger's own state, whose id was proven
 * anchored under a final header; proposals are not looked at.
 *
 * @throws {EnclaveError} ENCLAVE_CHAIN_UNKNOWN
 */
export function reveal(
  state: EnclaveState,
  { chainId, firstIndex, submitter }: CommandParams<'reveal'>,
  { config, keys }: EnclaveContext,
): Step<'reveal'> {
  chainOf(config, chainId);
  const { batches } = state.durable.ledger.state;
  const outstanding: SignedBatch[] = [];
  let next = batches.get(batchKey(chainId, firstIndex));
  while (next !== undefined && outstanding.length < MAX_REVEAL_BATCHES) {
    outstanding.push(signBatch(next, submitter, keys));
    const end = next.firstIndex + BigInt(next.releases.length);
    next = batches.get(batchKey(chainId, end));
  }
  return { state, result: { batches: outstanding } };
}

function signBatch(
  batch: ReleaseBatch,
  submitter: Hex,
  { epoch, signingKey }: EnclaveKeys,
): SignedBatch {
  const signature = toHex(signDigest(signingKey, releaseBatchDigest(epoch, submitter, batch)));
  const { releases, fees } = batch;
  const copy = { ...batch, releases: [...releases], fees: [...fees] };
  return { batch: copy, submitter, epoch, signature };
}
