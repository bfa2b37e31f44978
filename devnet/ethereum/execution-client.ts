import { z } from 'zod';
import { createRpcClient } from '../../src/chains/shared/json-rpc.ts';
import { hexBytes, quantity } from '../../src/chains/shared/node-hex.ts';
import { fromHex, type Hex } from '../../src/shared/bytes.ts';

/** One execution block as the consensus layer's `ExecutionPayload` wants it. */
export interface ExecutionBlock {
  readonly parentHash: Uint8Array;
  readonly feeRecipient: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  readonly logsBloom: Uint8Array;
  readonly prevRandao: Uint8Array;
  readonly blockNumber: number;
  readonly gasLimit: number;
  readonly gasUsed: number;
  readonly timestamp: number;
  readonly extraData: Uint8Array;
  readonly baseFeePerGas: bigint;
  readonly blockHash: Uint8Array;
  readonly blobGasUsed: bigint;
  readonly excessBlobGas: bigint;
  /** Raw EIP-2718 bytes, in block order. */
  readonly transactions: readonly Uint8Array[];
}

const bytes = hexBytes.transform((text) => fromHex(text));
/** The fields of `eth_getBlockByNumber` that a payload has, transactions by hash. */
const blockSchema = z.object({
  parentHash: bytes,
  miner: bytes,
  stateRoot: bytes,
  receiptsRoot: bytes,
  logsBloom: bytes,
  mixHash: bytes,
  number: quantity.transform(Number),
  gasLimit: quantity.transform(Number),
  gasUsed: quantity.transform(Number),
  timestamp: quantity.transform(Number),
  extraData: bytes,
  baseFeePerGas: quantity,
  hash: bytes,
  blobGasUsed: quantity,
  excessBlobGas: quantity,
  transactions: z.array(hexBytes),
});

/** The part of an execution client that the beacon drives: anvil makes a block when it is told to. */
export interface ExecutionClient {
  fetchChainId(): Promise<number>;
  fetchHead(): Promise<ExecutionBlock>;
  /** Makes one block of what is in the pool, later than its parent even if that is ahead of `timestampSec`. */
  mineBlock(timestampSec: number): Promise<ExecutionBlock>;
}

/** @throws {ChainError} by every method: the execution client does not answer, or refuses */
export function createExecutionClient(rpcUrl: string, timeoutMs?: number): ExecutionClient {
  const rpc = createRpcClient('ethereum', rpcUrl, timeoutMs);
  const fetchTransaction = (hash: Hex) => rpc('eth_getRawTransactionByHash', [hash], bytes);
  const fetchHead = async () => {
    const block = await rpc('eth_getBlockByNumber', ['latest', false], blockSchema);
    return toExecutionBlock(block, await Promise.all(block.transactions.map(fetchTransaction)));
  };
  const mineAfterHead = async (timestampSec: number) => {
    const parent = await fetchHead();
    const timestamp = Math.max(timestampSec, parent.timestamp + 1);
    await rpc('evm_mine', [{ timestamp }], z.unknown());
  };
  return {
    fetchHead,
    fetchChainId: () => rpc('eth_chainId', [], quantity.transform(Number)),
    async mineBlock(timestampSec) {
      // The second try is for a head that somebody else moved between our look at it and our block.
      await mineAfterHead(timestampSec).catch(() => mineAfterHead(timestampSec));
      return fetchHead();
    },
  };
}

/** The same under the names of the payload. */
function toExecutionBlock(
  { miner, mixHash, number, hash, ...same }: z.output<typeof blockSchema>,
  transactions: readonly Uint8Array[],
): ExecutionBlock {
  const renamed = {
    feeRecipient: miner,
    prevRandao: mixHash,
    blockNumber: number,
    blockHash: hash,
  };
  return { ...same, ...renamed, transactions };
}
