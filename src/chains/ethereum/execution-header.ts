import { encodeRlp, keccak256, toBeArray } from 'ethers';
import type { Hex } from '../../shared/bytes.ts';
import type { ExecutionBlock } from './schema.ts';

/**
 * RLP of a block's header from the fields a node gives, for any fork: the fields behind `nonce` exist from their fork
 * on. SPEC: Yellow Paper 4.4; EIP-1559, 4895, 4844, 4788, 7685, 7928, 7843.
 *
 * @returns undefined if the fields do not hash to the block's hash: an unknown fork, or a node that lies
 */
export function encodeExecutionHeader(block: ExecutionBlock): Hex | undefined {
  const fields = [
    block.parentHash,
    block.sha3Uncles,
    block.miner,
    block.stateRoot,
    block.transactionsRoot,
    block.receiptsRoot,
    block.logsBloom,
    block.difficulty,
    BigInt(block.number),
    block.gasLimit,
    block.gasUsed,
    block.timestamp,
    block.extraData,
    block.mixHash,
    block.nonce,
    block.baseFeePerGas,
    block.withdrawalsRoot,
    block.blobGasUsed,
    block.excessBlobGas,
    block.parentBeaconBlockRoot,
    block.requestsHash,
    block.blockAccessListHash,
    block.slotNumber,
  ].filter((field) => field !== undefined);
  const rlp = encodeRlp(
    fields.map((field) => (typeof field === 'bigint' ? toBeArray(field) : field)),
  ) as Hex;
  return keccak256(rlp) === block.hash ? rlp : undefined;
}
