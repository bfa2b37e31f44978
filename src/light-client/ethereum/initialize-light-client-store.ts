import { toHex } from '../../shared/bytes.ts';
import type { EthereumConfig } from './config.ts';
import { forkAtSlot } from './forks.ts';
import { hashTreeRootOfBeaconBlockHeader, hashTreeRootOfSyncCommittee } from './hash-tree-root.ts';
import { LightClientError } from './light-client-error.ts';
import type { LightClientBootstrap, LightClientStore } from './types.ts';
import { verifyBranch } from './verify-branch.ts';
import { toFinalizedHeader, verifyLightClientHeader } from './verify-light-client-header.ts';

/**
 * The first store, from the checkpoint that the configuration pins.
 *
 * SPEC: `initialize_light_client_store`. SECURITY: all trust starts here; the checkpoint must be a
 * finalized block that is not older than the weak subjectivity period.
 *
 * @param bootstrap untrusted; its committee signs in the period of its header
 * @throws {LightClientError} ETHEREUM_CHECKPOINT_MISMATCH, ETHEREUM_FORK_UNSUPPORTED,
 *   ETHEREUM_HEADER_NOT_DEFAULT, ETHEREUM_BRANCH_LENGTH, ETHEREUM_BRANCH_INVALID
 */
export function initializeLightClientStore(
  config: EthereumConfig,
  bootstrap: LightClientBootstrap,
): LightClientStore {
  const { header, currentSyncCommittee, currentSyncCommitteeBranch } = bootstrap;
  const root = toHex(hashTreeRootOfBeaconBlockHeader(header.beacon));
  if (root !== config.checkpointRoot) {
    const meta = { subject: 'checkpointRoot', expected: config.checkpointRoot, got: root };
    throw new LightClientError('ETHEREUM_CHECKPOINT_MISMATCH', meta);
  }
  verifyLightClientHeader(header, config, 'bootstrap header');
  verifyBranch({
    subject: 'current sync committee branch',
    leaf: hashTreeRootOfSyncCommittee(currentSyncCommittee),
    branch: currentSyncCommitteeBranch,
    gindex: forkAtSlot(header.beacon.slot, config).rules.CURRENT_SYNC_COMMITTEE_GINDEX,
    root: header.beacon.stateRoot,
  });
  const finalizedHeader = toFinalizedHeader(header);
  return { finalizedHeader, currentSyncCommittee, nextSyncCommittee: undefined };
}
