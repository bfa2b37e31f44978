import type { StateProof } from '../../protocol/state-proof.ts';
import { fromHex, type Hex } from '../../shared/bytes.ts';
import { agreedHead } from '../shared/agreed-head.ts';
import { patienceOf } from '../shared/await-inclusion.ts';
import { type BlockRef, type BridgedChain, ChainError } from '../shared/bridged-chain.ts';
import type { ChainOptions } from '../shared/chain-adapter.ts';
import { createEndpoints, type Endpoint } from '../shared/endpoints.ts';
import { createFailoverClient, type FailoverClient } from '../shared/failover-client.ts';
import type { RpcClient } from '../shared/json-rpc.ts';
import { hexBytes, hexWord, quantity, toQuantity } from '../shared/node-hex.ts';
import { submitAndWait } from '../shared/submit-and-wait.ts';
import type { BeaconApi } from './beacon-api.ts';
import { createLogReader } from './fetch-logs.ts';
import { createHeaderReader, type HashedHeader } from './headers.ts';
import { createEthereumHeads } from './heads.ts';
import { translateRefusal } from './refusal.ts';
import { blockSchema, type ExecutionBlock, proofSchema } from './schema.ts';
import { createEthereumSender } from './sender.ts';
import { weighRefusal } from './weigh-refusal.ts';

/**
 * Connects to Ethereum nodes: all that is asked is asked over HTTP, and those at WebSockets tell of new blocks.
 *
 * @param beacon of the consensus that makes its blocks final
 * @throws {ChainError} CHAIN_MISMATCH: another chain, or one that no Ethereum chain is reached through
 */
export async function createEthereumChain(
  options: ChainOptions,
  beacon: Pick<BeaconApi, 'finalityUpdate'>,
): Promise<BridgedChain> {
  const { name, chainId, pollMs } = options;
  requireDirect(options);
  const { httpUrls, wsUrls } = sortUrls(options);
  const endpoints = createEndpoints(httpUrls);
  const strangers: unknown[] = [];
  const greet = async (one: RpcClient) => {
    await requireChainId(name, one, chainId).catch((error: unknown) => {
      if (error instanceof ChainError && error.code === 'CHAIN_MISMATCH') strangers.push(error);
      throw error;
    });
  };
  const client = createFailoverClient(name, endpoints, { greet, weigh: weighRefusal });
  const { rpc, toAll } = client;
  // All of them: that one is of another chain is a mistake in the configuration.
  await client.askAll('eth_chainId', [], quantity);
  if (strangers.length > 0) throw strangers[0];
  const headerOf = createHeaderReader(name, client.each);
  const sender = createEthereumSender({ chain: name, chainId, rpc, toAll });
  const reader = createLogReader(name, rpc);
  const patience = patienceOf(pollMs);
  const heads = createEthereumHeads({ name, chainId }, wsUrls);
  const head = async () => {
    const newest = await fetchHead(name, client);
    heads.seen(newest);
    return newest;
  };
  const submitter = { name, head, ...sender };
  const proofsBy = new WeakMap<StateProof, Endpoint | undefined>();
  const blockShownBy = async (held: Hex) => toRef(await headerOf(held));
  return {
    ...submitter,
    chainId,
    onHead: heads.onHead,
    finalizedHead: async () => {
      const update = await beacon.finalityUpdate();
      return update
        ? await blockShownBy(update.finalizedBlockHash)
        : toRef(await fetchGenesis(rpc));
    },
    hashAt: async (blockNumber) => (await fetchBlock(rpc, blockNumber))?.hash,
    call: (to, data, at) =>
      translateRefusal(name, rpc('eth_call', [{ to, data }, blockId(at)], hexBytes)),
    word: (contract, slot, at) =>
      rpc('eth_getStorageAt', [contract, slot, blockId(at)], hexWord(32)),
    logs: reader.logs,
    distrust: (why) => {
      reader.narrow();
      return blame(client.lastToAnswer('eth_getLogs'), why);
    },
    distrustProof: (proof, why) => blame(proofsBy.get(proof), why),
    endpoints: () => endpoints.map((endpoint) => endpoint.health()),
    calls: () => client.calls,
    balanceWei: (address) => rpc('eth_getBalance', [address, 'latest'], quantity),
    blockShownBy,
    blockTimeSec: async (block) => (await headerOf(block)).timeSec,
    stateProof: async (contract, slot, held) => {
      const header = await headerOf(held);
      const proof = await fetchStateProof(rpc, contract.address, { slot, header });
      proofsBy.set(proof, client.lastToAnswer('eth_getProof'));
      return proof;
    },
    contractTrieId: async () => undefined,
    submit: (signer, call) => {
      const sign = (outbids: Hex | undefined) => sender.sign(signer, call, outbids && { outbids });
      return submitAndWait(submitter, { signer, patience, sign });
    },
    close: async () => heads.close(),
  };
}

function requireDirect({ name: chain, route }: ChainOptions): void {
  if (route === 'direct') return;
  const what = 'an Ethereum chain has no relay chain; its route is "direct"';
  throw new ChainError('CHAIN_MISMATCH', { chain, what });
}

/** @returns its host */
function blame(liar: Endpoint | undefined, why: string): string | undefined {
  liar?.distrust(why);
  return liar && new URL(liar.url).host;
}

/** @throws {ChainError} CHAIN_MISMATCH: none that can be asked */
function sortUrls({ name: chain, url, urls = [] }: ChainOptions) {
  const isSocket = (one: string) => /^wss?:/i.test(one);
  const all = [url, ...urls];
  const wsUrls = all.filter(isSocket);
  const httpUrls = all.filter((one) => !isSocket(one));
  if (httpUrls.length > 0) return { httpUrls, wsUrls };
  const what = 'an Ethereum node is asked over HTTP; add an address that begins with http';
  throw new ChainError('CHAIN_MISMATCH', { chain, what });
}

async function requireChainId(chain: string, rpc: RpcClient, expected: bigint): Promise<void> {
  const got = await rpc('eth_chainId', [], quantity);
  if (got === expected) return;
  const what = `expected chain id ${expected}, got ${got}; correct the endpoint or the configuration`;
  throw new ChainError('CHAIN_MISMATCH', { chain, what });
}

function blockId(hash: Hex | undefined): unknown {
  return hash === undefined ? 'latest' : { blockHash: hash };
}

function toRef({ number, hash }: BlockRef): BlockRef {
  return { number, hash };
}

/** Of several nodes the newest block that they agree on. */
async function fetchHead(chain: string, client: FailoverClient): Promise<BlockRef> {
  const blocks = await client.askAll('eth_getBlockByNumber', ['latest', false], blockSchema);
  const claims = blocks.map(({ endpoint, answer }) => ({ endpoint, ...toRef(answer) }));
  // Of a block that is not final yet any of two will do.
  const [first] = claims;
  const agreed = agreedHead(claims) ?? first;
  if (agreed !== undefined) return toRef(agreed);
  throw new ChainError('CHAIN_UNAVAILABLE', { chain, what: 'no node has a head' });
}

/** What is final before anything has been finalized. */
function fetchGenesis(rpc: RpcClient): Promise<ExecutionBlock> {
  return rpc('eth_getBlockByNumber', ['0x0', false], blockSchema);
}

async function fetchBlock(rpc: RpcClient, number: number): Promise<ExecutionBlock | undefined> {
  const block = [toQuantity(number), false];
  return (await rpc('eth_getBlockByNumber', block, blockSchema.nullable())) ?? undefined;
}

async function fetchStateProof(
  rpc: RpcClient,
  address: Hex,
  { slot, header }: { slot: Hex; header: HashedHeader },
): Promise<StateProof> {
  const at = toQuantity(header.number);
  const proof = await rpc('eth_getProof', [address, [slot], at], proofSchema);
  return {
    kind: 'ethereum',
    header: fromHex(header.rlp),
    accountProof: proof.accountProof.map((node) => fromHex(node)),
    storageProof: (proof.storageProof[0]?.proof ?? []).map((node) => fromHex(node)),
  };
}
