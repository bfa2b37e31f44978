import { fromHex, type Hex } from '../../src/shared/bytes.ts';
import { BridgeError } from '../../src/shared/errors.ts';

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

/** The fields of `eth_getBlockByNumber` that a payload has, transactions by hash. */
interface BlockJson {
  readonly parentHash: Hex;
  readonly miner: Hex;
  readonly stateRoot: Hex;
  readonly receiptsRoot: Hex;
  readonly logsBloom: Hex;
  readonly mixHash: Hex;
  readonly number: Hex;
  readonly gasLimit: Hex;
  readonly gasUsed: Hex;
  readonly timestamp: Hex;
  readonly extraData: Hex;
  readonly baseFeePerGas: Hex;
  readonly hash: Hex;
  readonly blobGasUsed: Hex;
  readonly excessBlobGas: Hex;
  readonly transactions: readonly Hex[];
}

interface RpcAnswer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

const REQUEST_TIMEOUT_MS = 30_000;

/** The part of an execution client that the beacon drives: anvil makes a block when it is told to. */
export interface ExecutionClient {
  fetchChainId(): Promise<number>;
  fetchHead(): Promise<ExecutionBlock>;
  /** Makes one block of what is in the pool, later than its parent even if that is ahead of `timestampSec`. */
  mineBlock(timestampSec: number): Promise<ExecutionBlock>;
}

export function createExecutionClient(
  rpcUrl: string,
  timeoutMs: number = REQUEST_TIMEOUT_MS,
): ExecutionClient {
  const call = (calls: readonly RpcCall[]) => callRpc(rpcUrl, calls, timeoutMs);
  const callOne = async (method: string, params: readonly unknown[]) => {
    const [result] = await call([{ method, params }]);
    return result;
  };
  const fetchHead = async () => {
    const json = (await callOne('eth_getBlockByNumber', ['latest', false])) as BlockJson;
    return parseBlock(json, await fetchTransactions(call, json.transactions));
  };
  const mineAfterHead = async (timestampSec: number) => {
    const parent = await fetchHead();
    const timestamp = Math.max(timestampSec, parent.timestamp + 1);
    await callOne('evm_mine', [{ timestamp }]);
  };
  return {
    fetchHead,
    async fetchChainId() {
      return Number(await callOne('eth_chainId', []));
    },
    async mineBlock(timestampSec) {
      // The second try is for a head that somebody else moved between our look at it and our block.
      await mineAfterHead(timestampSec).catch(() => mineAfterHead(timestampSec));
      return fetchHead();
    },
  };
}

async function fetchTransactions(
  call: (calls: readonly RpcCall[]) => Promise<unknown[]>,
  hashes: readonly Hex[],
): Promise<Uint8Array[]> {
  if (hashes.length === 0) return [];
  const calls = hashes.map((hash) => ({ method: 'eth_getRawTransactionByHash', params: [hash] }));
  const raw = await call(calls);
  return raw.map((hex) => fromHex(String(hex)));
}

async function callRpc(
  rpcUrl: string,
  calls: readonly RpcCall[],
  timeoutMs: number,
): Promise<unknown[]> {
  const answers = await postBatch(rpcUrl, calls, timeoutMs).catch((cause: unknown) => {
    throw new ExecutionRpcError(
      { method: String(calls[0]?.method), reason: 'no answer' },
      { cause },
    );
  });
  const results = new Map(answers.map((answer) => [answer.id, answer]));
  return calls.map(({ method }, id) => {
    const answer = results.get(id);
    if (answer?.result !== undefined) return answer.result;
    throw new ExecutionRpcError({ method, reason: answer?.error?.message ?? 'no result' });
  });
}

async function postBatch(
  rpcUrl: string,
  calls: readonly RpcCall[],
  timeoutMs: number,
): Promise<RpcAnswer[]> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call }))),
    signal: AbortSignal.timeout(timeoutMs),
  });
  return (await response.json()) as RpcAnswer[];
}

function parseBlock(json: BlockJson, transactions: readonly Uint8Array[]): ExecutionBlock {
  return {
    parentHash: fromHex(json.parentHash),
    feeRecipient: fromHex(json.miner),
    stateRoot: fromHex(json.stateRoot),
    receiptsRoot: fromHex(json.receiptsRoot),
    logsBloom: fromHex(json.logsBloom),
    prevRandao: fromHex(json.mixHash),
    blockNumber: Number(json.number),
    gasLimit: Number(json.gasLimit),
    gasUsed: Number(json.gasUsed),
    timestamp: Number(json.timestamp),
    extraData: fromHex(json.extraData),
    baseFeePerGas: BigInt(json.baseFeePerGas),
    blockHash: fromHex(json.hash),
    blobGasUsed: BigInt(json.blobGasUsed),
    excessBlobGas: BigInt(json.excessBlobGas),
    transactions,
  };
}

export class ExecutionRpcError extends BridgeError<{ method: string; reason: string }> {
  readonly code = 'DEVNET_EXECUTION_RPC';
  readonly disposition = 'retry';
  constructor(meta: { method: string; reason: string }, options?: { cause?: unknown }) {
    super(
      `The execution client failed at ${meta.method} (${meta.reason}); expected a result. Check that anvil runs.`,
      meta,
      options,
    );
  }
}
