import { z } from 'zod';
import type { StateProof } from '../../protocol/enclave-commands.ts';
import { fromHex, type Hex } from '../../shared/bytes.ts';
import {
  type BlockRef,
  type BridgedChain,
  ChainError,
  type ContractLog,
  type LogFilter,
} from '../shared/bridged-chain.ts';
import { createRpcClient, type RpcClient } from '../shared/json-rpc.ts';
import { submitAndWait } from '../shared/submit-and-wait.ts';
import { type BeaconApi, createBeaconApi } from './beacon-api.ts';
import { encodeExecutionHeader } from './execution-header.ts';
import { translateRefusal } from './refusal.ts';
import {
  blockSchema,
  type ExecutionBlock,
  hexBytes,
  hexOf,
  logSchema,
  proofSchema,
  quantity,
} from './schema.ts';
import { createEthereumSender } from './sender.ts';

export interface EthereumChainOptions {
  /** HTTP JSON-RPC of the execution node. */
  readonly rpcUrl: string;
  /** Beacon API of the consensus node. */
  readonly beaconUrl: string;
  readonly chainId: bigint;
  readonly pollMs: number;
}

/** Ethereum, with the beacon data that shows what is final. */
export interface EthereumChain extends BridgedChain {
  readonly name: 'ethereum';
  readonly beacon: BeaconApi;
  /** RLP of the block's header. @throws {ChainError} the node's fields do not hash to the block's hash */
  executionHeaderRlp(block: BlockRef): Promise<Hex>;
}

/** Most blocks in one eth_getLogs: public nodes refuse more than some thousands. */
const LOG_RANGE_BLOCKS = 2000;
const MAX_LOGS = 100_000;

/** Connects to an Ethereum node and its beacon node. @throws {ChainError} CHAIN_MISMATCH: another chain */
export async function createEthereumChain(options: EthereumChainOptions): Promise<EthereumChain> {
  const { chainId, pollMs } = options;
  const rpc = createRpcClient('ethereum', options.rpcUrl);
  const beacon = createBeaconApi(options.beaconUrl);
  await requireChainId(rpc, chainId);
  const sender = createEthereumSender(rpc, chainId);
  return {
    name: 'ethereum',
    chainId,
    beacon,
    head: async () => toRef(await fetchBlock(rpc, 'latest')),
    finalizedHead: async () => {
      const update = await beacon.finalityUpdate();
      return update?.finalizedBlock ?? toRef(await fetchBlock(rpc, '0x0'));
    },
    call: (to, data, at) =>
      translateRefusal(rpc('eth_call', [{ to, data }, blockId(at)], hexBytes)),
    word: (contract, slot, at) => rpc('eth_getStorageAt', [contract, slot, blockId(at)], hexOf(32)),
    logs: (filter) => fetchLogs(rpc, filter),
    balanceWei: (address) => rpc('eth_getBalance', [address, 'latest'], quantity),
    executionHeaderRlp: (block) => fetchHeaderRlp(rpc, block),
    blockShownBy: async (held) => held,
    stateProof: (contract, slot, block) => fetchStateProof(rpc, contract.address, { slot, block }),
    ...sender,
    submit: (signer, call) => {
      const sign = () => sender.sign(signer, call);
      return submitAndWait(sender, { chain: 'ethereum', signer, pollMs, sign });
    },
    close: async () => {},
  };
}

async function requireChainId(rpc: RpcClient, expected: bigint): Promise<void> {
  const got = await rpc('eth_chainId', [], quantity);
  if (got === expected) return;
  const what = `expected chain id ${expected}, got ${got}; correct the endpoint or the configuration`;
  throw new ChainError('CHAIN_MISMATCH', { chain: 'ethereum', what });
}

function blockId(hash: Hex | undefined): unknown {
  return hash === undefined ? 'latest' : { blockHash: hash };
}

function toRef({ number, hash }: ExecutionBlock): BlockRef {
  return { number, hash };
}

async function fetchBlock(rpc: RpcClient, tag: 'latest' | Hex): Promise<ExecutionBlock> {
  return await rpc('eth_getBlockByNumber', [tag, false], blockSchema);
}

async function fetchLogs(rpc: RpcClient, filter: LogFilter): Promise<ContractLog[]> {
  const logs: ContractLog[] = [];
  for (let from = filter.fromBlock; from <= filter.toBlock; from += LOG_RANGE_BLOCKS) {
    const to = Math.min(from + LOG_RANGE_BLOCKS - 1, filter.toBlock);
    const range = { address: filter.address, fromBlock: toQuantity(from), toBlock: toQuantity(to) };
    logs.push(...(await rpc('eth_getLogs', [range], z.array(logSchema).max(MAX_LOGS))));
  }
  return logs.filter(({ address }) => address === filter.address);
}

async function fetchHeaderRlp(rpc: RpcClient, { number, hash }: BlockRef): Promise<Hex> {
  const block = await rpc('eth_getBlockByHash', [hash, false], blockSchema.nullable());
  const rlp = block?.hash === hash ? encodeExecutionHeader(block) : undefined;
  if (rlp !== undefined) return rlp;
  const what =
    block === null
      ? `block ${number} (${hash}) is unknown to the node; it may be behind`
      : `the header of block ${number} does not hash to ${hash}`;
  const code = block === null ? 'CHAIN_UNAVAILABLE' : 'CHAIN_ANSWER_MALFORMED';
  throw new ChainError(code, { chain: 'ethereum', what });
}

async function fetchStateProof(
  rpc: RpcClient,
  address: Hex,
  { slot, block }: { slot: Hex; block: BlockRef },
): Promise<StateProof> {
  const [header, proof] = await Promise.all([
    fetchHeaderRlp(rpc, block),
    rpc('eth_getProof', [address, [slot], toQuantity(block.number)], proofSchema),
  ]);
  return {
    chain: 'ethereum',
    header: fromHex(header),
    accountProof: proof.accountProof.map((node) => fromHex(node)),
    storageProof: (proof.storageProof[0]?.proof ?? []).map((node) => fromHex(node)),
  };
}

function toQuantity(value: number): Hex {
  return `0x${value.toString(16)}`;
}
