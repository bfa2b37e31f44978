import { signDigest } from '../../crypto/secp256k1.ts';
import { type Commit, commitDigest } from '../../protocol/commit.ts';
import type { CommandParams, CommandResult } from '../../protocol/enclave-commands.ts';
import { toHex } from '../../shared/bytes.ts';
import { EnclaveError } from '../enclave-error.ts';
import { ledgerDomain } from '../measured-config.ts';
import type { EnclaveContext, EnclaveState } from '../state.ts';
import type { Step } from './step.ts';

/**
 * Signs the commit of a transition that was proposed. Signing several on one state is harmless: the anchor takes one.
 *
 * @throws {EnclaveError} ENCLAVE_UNKNOWN_STATE: no such proposal, or the ledger has moved past it
 */
export function signCommit(
  state: EnclaveState,
  { postState }: CommandParams<'signCommit'>,
  { config, keys }: EnclaveContext,
): Step<'signCommit'> {
  const proposal = state.proposals.get(postState);
  if (proposal === undefined) {
    const message = `Expected a proposal on the ledger's state, got ${postState}, which is none; propose it again.`;
    throw new EnclaveError('ENCLAVE_UNKNOWN_STATE', message, { stateId: postState });
  }
  const domain = ledgerDomain(config);
  const signature = signDigest(keys.signingKey, commitDigest(domain, keys.epoch, proposal.commit));
  const commit = copyCommit(proposal.commit);
  return { state, result: { commit, epoch: keys.epoch, signature: toHex(signature) } };
}

/** A commit as answers hold it. */
export function copyCommit(commit: Commit): CommandResult<'signCommit'>['commit'] {
  return { ...commit, inputs: [...commit.inputs], paid: [...commit.paid] };
}
