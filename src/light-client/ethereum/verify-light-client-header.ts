import { toHex } from '../../shared/bytes.ts';
import type { EthereumConfig } from './config.ts';
import { type ForkRules, forkAtSlot } from './forks.ts';
import { hashTreeRootOfExecutionPayloadHeader } from './hash-tree-root.ts';
import { LightClientError } from './light-client-error.ts';
import type {
  ExecutionBlockHash,
  ExecutionPayloadHeader,
  FinalizedHeader,
  LightClientHeader,
} from './types.ts';
import { type BranchClaim, verifyBranch } from './verify-branch.ts';

/**
 * Checks that the execution block belongs to the beacon block, by the fork of the header's own slot.
 *
 * SPEC: capella, deneb and gloas `is_valid_light_client_header`, `get_lc_execution_root`. DIFF FROM SPEC: a block of an
 * older fork in a header of the Gloas form has a branch of its own fork's length; whoever relays it strips the zeros.
 *
 * @param subject which header it is, for the error
 * @throws {LightClientError} ETHEREUM_FORK_UNSUPPORTED, ETHEREUM_HEADER_NOT_DEFAULT (blob fields before
 *   Deneb, an execution header from Gloas on), ETHEREUM_BRANCH_LENGTH, ETHEREUM_BRANCH_INVALID
 */
export function verifyLightClientHeader(
  header: LightClientHeader,
  config: EthereumConfig,
  subject: string,
): void {
  const { beacon, execution, executionBranch } = header;
  const { rules } = forkAtSlot(beacon.slot, config);
  const claim = isExecutionPayloadHeader(execution)
    ? claimPayload(execution, rules, subject)
    : { leaf: execution.blockHash, gindex: rules.EXECUTION_BLOCK_HASH_GINDEX };
  const root = beacon.bodyRoot;
  verifyBranch({
    subject: `${subject}: execution branch`,
    branch: executionBranch,
    root,
    ...claim,
  });
}

function isExecutionPayloadHeader(
  execution: ExecutionPayloadHeader | ExecutionBlockHash,
): execution is ExecutionPayloadHeader {
  return 'stateRoot' in execution;
}

function claimPayload(
  execution: ExecutionPayloadHeader,
  { executionPayload: rules }: ForkRules,
  subject: string,
): Pick<BranchClaim, 'leaf' | 'gindex'> {
  if (rules === undefined) {
    const expected = 'the hash of the execution block alone from Gloas on';
    const meta = { subject, expected, got: 'an execution header' };
    throw new LightClientError('ETHEREUM_HEADER_NOT_DEFAULT', meta);
  }
  const hasBlobs = execution.blobGasUsed !== 0n || execution.excessBlobGas !== 0n;
  if (rules.header === 'capella' && hasBlobs) {
    const got = `${execution.blobGasUsed} and ${execution.excessBlobGas}`;
    const meta = { subject, expected: 'blob gas fields of zero before Deneb', got };
    throw new LightClientError('ETHEREUM_HEADER_NOT_DEFAULT', meta);
  }
  const leaf = hashTreeRootOfExecutionPayloadHeader(execution, rules.header);
  return { leaf, gindex: rules.EXECUTION_PAYLOAD_GINDEX };
}

/** What a store keeps of a verified header. */
export function toFinalizedHeader({ beacon, execution }: LightClientHeader): FinalizedHeader {
  const blockHash = toHex(execution.blockHash);
  if (!isExecutionPayloadHeader(execution)) {
    return { beacon, execution: { blockHash, stated: undefined } };
  }
  const { blockNumber, timestamp } = execution;
  const stated = { blockNumber, stateRoot: toHex(execution.stateRoot), timestamp };
  return { beacon, execution: { blockHash, stated } };
}
