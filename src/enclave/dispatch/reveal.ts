import { signDigest } from '../../crypto/secp256k1.ts';
import type { CommandParams, SignedBatch } from '../../protocol/enclave-commands.ts';
import { MAX_REVEALABLE } from '../../protocol/limits.ts';
import { type ReleaseBatch, releaseBatchDigest } from '../../protocol/release.ts';
import { type Hex, toHex } from '../../shared/bytes.ts';
import { EnclaveError } from '../enclave-error.ts';
import type { EnclaveKeys } from '../keys/enclave-keys.ts';
import { chainOf } from '../measured-config.ts';
import type { EnclaveContext, EnclaveState } from '../state.ts';
import type { Step } from './step.ts';

/**
 * The release batches of a transition for the chains that are named, signed for the submitter that is named with each.
 *
 * SECURITY: this is the only way a release leaves the enclave, and
 * `revealable` holds only transitions whose state id was proven anchored under a final header.
 *
 * @throws {EnclaveError} ENCLAVE_NOT_FINAL, ENCLAVE_TRANSITION_FORGOTTEN, ENCLAVE_CHAIN_UNKNOWN
 */
export function reveal(
  state: EnclaveState,
  { number, submitters }: CommandParams<'reveal'>,
  { config, keys }: EnclaveContext,
): Step<'reveal'> {
  const { ledger, revealable } = state.durable;
  const transition = revealable.find((anchored) => anchored.number === number);
  const last = ledger.state.number;
  if (number > last) {
    const message = `Expected a transition up to ${last}, the last one proven final, got ${number}; confirm it first.`;
    throw new EnclaveError('ENCLAVE_NOT_FINAL', message, { number, last });
  }
  if (transition === undefined) {
    const message = `Expected one of the last ${MAX_REVEALABLE} transitions before ${last}, got ${number}; ask an enclave that replays the log.`;
    throw new EnclaveError('ENCLAVE_TRANSITION_FORGOTTEN', message, { number, last });
  }
  const named = new Map(submitters.map(({ chainId, submitter }) => [chainId, submitter]));
  for (const chainId of named.keys()) chainOf(config, chainId);
  const batches = transition.batches.flatMap((batch) => {
    const submitter = named.get(batch.chainId);
    return submitter === undefined ? [] : [signBatch(batch, submitter, keys)];
  });
  return { state, result: { number, batches } };
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
