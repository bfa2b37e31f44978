import { encodeRlp, encodeRlpInteger } from '../../src/codec/rlp.ts';
import { keccak256 } from '../../src/crypto/hashes.ts';
import type { EthereumConfig } from '../../src/light-client/ethereum/config.ts';
import { forkAtSlot } from '../../src/light-client/ethereum/forks.ts';
import type { ExecutionPayloadHeader } from '../../src/light-client/ethereum/types.ts';

/** An execution block of the made-up chain: as a beacon block of Capella to Fulu holds it, and its own header. */
export interface MadeExecutionBlock {
  readonly payload: ExecutionPayloadHeader;
  /** RLP of all the fields that its fork has; its Keccak-256 is the payload's block hash. */
  readonly header: Uint8Array;
}

/** The execution block of a slot; the same for the same slot and table. */
export function makeExecutionBlock(slot: number, config: EthereumConfig): MadeExecutionBlock {
  const fieldCount = forkAtSlot(slot, config).rules.executionHeaderFields.at(-1) ?? 0;
  const hasBlobs = fieldCount >= 20;
  const unhashed = {
    parentHash: filled(32, slot + 2),
    feeRecipient: filled(20, slot + 3),
    stateRoot: filled(32, slot + 4),
    receiptsRoot: filled(32, slot + 5),
    logsBloom: filled(256, slot + 6),
    prevRandao: filled(32, slot + 7),
    blockNumber: BigInt(slot + 1000),
    gasLimit: 60_000_000n,
    gasUsed: BigInt(21_000 * (slot + 1)),
    timestamp: BigInt(1_700_000_000 + 6 * slot),
    extraData: filled(slot % 33, slot + 8),
    baseFeePerGas: BigInt(slot) * 10n ** 9n,
    transactionsRoot: filled(32, slot + 10),
    withdrawalsRoot: filled(32, slot + 11),
    blobGasUsed: hasBlobs ? 131_072n : 0n,
    excessBlobGas: hasBlobs ? BigInt(slot) : 0n,
  };
  const header = encodeRlp(headerFields(slot, unhashed).slice(0, fieldCount));
  return { payload: { ...unhashed, blockHash: keccak256(header) }, header };
}

/** Every field of Amsterdam in order; older headers are its beginnings. */
function headerFields(slot: number, payload: Omit<ExecutionPayloadHeader, 'blockHash'>) {
  return [
    payload.parentHash,
    filled(32, slot + 12),
    payload.feeRecipient,
    payload.stateRoot,
    payload.transactionsRoot,
    payload.receiptsRoot,
    payload.logsBloom,
    encodeRlpInteger(0n),
    encodeRlpInteger(payload.blockNumber),
    encodeRlpInteger(payload.gasLimit),
    encodeRlpInteger(payload.gasUsed),
    encodeRlpInteger(payload.timestamp),
    payload.extraData,
    payload.prevRandao,
    new Uint8Array(8),
    encodeRlpInteger(payload.baseFeePerGas),
    payload.withdrawalsRoot,
    encodeRlpInteger(payload.blobGasUsed),
    encodeRlpInteger(payload.excessBlobGas),
    ...[13, 14, 15].map((byte) => filled(32, slot + byte)),
    encodeRlpInteger(BigInt(slot)),
  ];
}

/** So many equal bytes. */
export function filled(length: number, byte: number): Uint8Array {
  return new Uint8Array(length).fill(byte % 256);
}
