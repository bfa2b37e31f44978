import { z } from 'zod';
import { address, hash, hexBytes, hexWord, quantity, toQuantity } from '../shared/node-hex.ts';

// What an Ethereum node may answer. SPEC: ethereum/execution-apis.

export const count = quantity.transform(Number).pipe(z.int().nonnegative());

export const blockSchema = z.object({
  number: count,
  hash,
  parentHash: hash,
  sha3Uncles: hash,
  miner: address,
  stateRoot: hash,
  transactionsRoot: hash,
  receiptsRoot: hash,
  logsBloom: hexWord(256),
  difficulty: quantity,
  gasLimit: quantity,
  gasUsed: quantity,
  timestamp: quantity,
  extraData: hexBytes,
  mixHash: hash,
  nonce: hexWord(8),
  baseFeePerGas: quantity.optional(),
  withdrawalsRoot: hash.optional(),
  blobGasUsed: quantity.optional(),
  excessBlobGas: quantity.optional(),
  parentBeaconBlockRoot: hash.optional(),
  requestsHash: hash.optional(),
  blockAccessListHash: hash.optional(),
  slotNumber: quantity.optional(),
});
export type ExecutionBlock = z.output<typeof blockSchema>;

export const logSchema = z.object({
  address,
  topics: z.array(hash).max(4),
  data: hexBytes,
  blockNumber: count,
  blockHash: hash,
  logIndex: count,
  transactionHash: hash,
});

export const feeHistorySchema = z.object({
  oldestBlock: count,
  /** One more than there are blocks: the next one's, too. */
  baseFeePerGas: z.array(quantity).min(2).max(1025),
  reward: z.array(z.array(quantity).length(1)).max(1024).optional(),
});

export const receiptSchema = z
  .object({
    status: count,
    transactionHash: hash,
    blockNumber: count,
    blockHash: hash,
    contractAddress: address.nullish(),
    gasUsed: quantity,
    effectiveGasPrice: quantity,
    logs: z.array(logSchema).max(100_000),
  })
  .nullable();

export const proofSchema = z.object({
  accountProof: z.array(hexBytes).max(512),
  storageProof: z.array(z.object({ key: z.string(), proof: z.array(hexBytes).max(512) })).length(1),
});

/** What a transaction has called, as it can be called again. */
export const transactionSchema = z
  .object({ from: address, to: address.nullish(), input: hexBytes, value: quantity })
  .transform(({ from, to, input, value }) => ({
    from,
    ...(to && { to }),
    input,
    value: toQuantity(value),
  }));
