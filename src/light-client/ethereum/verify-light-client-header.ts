import { toHex } from '../../shared/bytes.ts';
import type { EthereumConfig } from './config.ts';
import { forkAtSlot } from './forks.ts';
import { hashTreeRootOfExecutionPayloadHeader } from './hash-tree-root.ts';
import { LightClientError } from './light-client-error.ts';
import type { FinalizedHeader, LightClientHeader } from './types.ts';
import { verifyBranch } from './verify-branch.ts';

/**
 * Checks that the execution header belongs to the beacon block, by the fork of the header's own slot.
 *
 * SPEC: capella and deneb `is_valid_light_client_header`, `get_lc_execution_root`.
 *
 * @param subject which header it is, for the error
 * @throws {LightClientError} ETHEREUM_FORK_UNSUPPORTED, ETHEREUM_HEADER_NOT_DEFAULT (blob fields before
 *   Deneb), ETHEREUM_BRANCH_LENGTH, ETHEREUM_BRANCH_INVALID
 */
export function verifyLightClientHeader(
  header: LightClientHeader,
  config: EthereumConfig,
  subject: string,
): void {
  const { beacon, execution, executionBranch } = header;
  const { rules } = forkAtSlot(beacon.slot, config);
  const form = rules.executionPayloadHeader;
  if (form === 'capella' && (execution.blobGasUsed !== 0n || execution.excessBlobGas !== 0n)) {
    const got = `${execution.blobGasUsed} and ${execution.excessBlobGas}`;
    const meta = { subject, expected: 'blob gas fields of zero before Deneb', got };
    throw new LightClientError('ETHEREUM_HEADER_NOT_DEFAULT', meta);
  }
  verifyBranch({
    subject: `${subject}: execution branch`,
    leaf: hashTreeRootOfExecutionPayloadHeader(execution, form),
    branch: executionBranch,
    gindex: rules.EXECUTION_PAYLOAD_GINDEX,
    root: beacon.bodyRoot,
  });
}

/** What a store keeps of a verified header. */
export function toFinalizedHeader({ beacon, execution }: LightClientHeader): FinalizedHeader {
  const { blockNumber, timestamp } = execution;
  return {
    beacon,
    execution: {
      blockHash: toHex(execution.blockHash),
      blockNumber,
      stateRoot: toHex(execution.stateRoot),
      timestamp,
    },
  };
}
