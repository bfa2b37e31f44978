import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type RunningAnvil, startAnvil } from '../../devnet/ethereum/anvil.ts';
import { createEthereumChain } from '../../src/chains/ethereum/ethereum-chain.ts';
import { GATEWAY_ABI } from '../../src/chains/shared/abi.ts';
import type { BlockRef, BridgedChain } from '../../src/chains/shared/bridged-chain.ts';
import { createRpcClient } from '../../src/chains/shared/json-rpc.ts';
import { loadArtifact } from '../../src/deploy/artifacts.ts';
import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import type { StateProof } from '../../src/protocol/state-proof.ts';
import type { Bridge, Side } from '../../src/relayer/bridge.ts';
import { loadCursor } from '../../src/relayer/journal/cursors.ts';
import { type OpenDatabase, openEmbedded } from '../../src/relayer/journal/database.ts';
import { finalMessageCount } from '../../src/relayer/journal/messages.ts';
import { cursors, messages, stateChanges } from '../../src/relayer/journal/schema.ts';
import { Serial } from '../../src/relayer/serial.ts';
import { recordFinal } from '../../src/relayer/watch/record-chain.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { type LyingNode, startLyingNode } from '../support/lying-node.ts';

// Real deposits on a real node, and another node before it that does not tell all of it as it is.

const CHAIN_ID = 31337n;
const AMOUNT = 10n ** 18n;
const EMPTY_SLOT: Hex = `0x${'77'.repeat(32)}`;
const beacon = { finalityUpdate: async () => undefined };

describe('a chain of which one node lies', { timeout: 60_000 }, () => {
  let anvil: RunningAnvil;
  let gateway: Hex;
  let newest: BlockRef;
  let journal: OpenDatabase;
  let liar: LyingNode;

  const open = (url: string, ...urls: string[]) => {
    const options = { name: 'ethereum', chainId: CHAIN_ID, pollMs: 20, route: 'direct' } as const;
    return createEthereumChain({ ...options, url, urls }, beacon);
  };

  beforeAll(async () => {
    anvil = await startAnvil({ port: 0, chainId: 31337, genesisTimeSec: 1_800_000_000 });
    // It makes blocks when it is asked to.
    const rpc = createRpcClient('ethereum', anvil.rpcUrl);
    const mining = setInterval(() => void rpc('anvil_mine', ['0x1'], z.unknown()), 50);
    const chain = await open(anvil.rpcUrl);
    const signer = await chain.signer(anvil.devAccounts[0]?.privateKey ?? '');
    const deploy = async (contract: 'EnclaveRegistry' | 'Gateway', args: unknown[]) => {
      const { abi, creationCode } = loadArtifact(contract);
      const data = `${creationCode}${abi.encodeDeploy(args).slice(2)}` as Hex;
      const receipt = await chain.submit(signer, { to: null, data, valueWei: 0n });
      return receipt.contractAddress ?? '0x';
    };
    const registry = await deploy('EnclaveRegistry', [signer.address]);
    gateway = await deploy('Gateway', [signer.address, registry]);
    const asset = assetId(CHAIN_ID, NATIVE_TOKEN);
    const limits = [NATIVE_TOKEN, 10n ** 27n, 10n ** 27n, 0n, 0n];
    const { abi } = loadArtifact('Gateway');
    const register = abi.encodeFunctionData('registerAsset', [asset, limits]) as Hex;
    await chain.submit(signer, { to: gateway, data: register, valueWei: 0n });
    const args = [asset, AMOUNT, 0n, 5n, signer.address, '0x01'];
    const data = GATEWAY_ABI.encodeFunctionData('deposit', args) as Hex;
    for (let i = 0; i < 4; i++) await chain.submit(signer, { to: gateway, data, valueWei: AMOUNT });
    clearInterval(mining);
    newest = await chain.head();
    journal = await openEmbedded();
  });
  afterAll(async () => {
    await journal.close();
    await anvil.close();
  });
  beforeEach(async () => {
    liar = await startLyingNode({}, anvil.rpcUrl);
    for (const table of [cursors, messages, stateChanges]) await journal.database.delete(table);
  });
  afterEach(() => liar.stop());

  /** What the watch lane does with a block that is final. */
  const record = (chain: BridgedChain) => {
    const rest = { gateway, fromBlock: 0, contracts: [gateway], recording: new Serial() };
    const side = { chain, ...rest } as unknown as Side;
    const bridge = {
      database: journal.database,
      log: pino({ level: 'silent' }),
      clock: { nowMs: () => 1 },
      anchor: { side: {} as Side, address: gateway },
    } as Partial<Bridge> as Bridge;
    return recordFinal(bridge, side, newest);
  };
  const known = () => finalMessageCount(journal.database, CHAIN_ID);
  const cursor = () => loadCursor(journal.database, CHAIN_ID);

  type Log = Record<string, unknown>;
  const lieOfLogs = (lie: (logs: Log[]) => Log[]) => {
    liar.lies.change = (result, { method }) =>
      method === 'eth_getLogs' ? lie(result as Log[]) : result;
  };

  it.each<[string, (logs: Log[]) => Log[]]>([
    ['leaves one out', (logs) => logs.slice(0, -1)],
    ['leaves all out', () => []],
    [
      'makes one up',
      (logs) => [...logs, { ...logs.at(-1), logIndex: '0x77', topics: nextTopics(logs) }],
    ],
    [
      'tells of another amount',
      (logs) => logs.map((log) => ({ ...log, data: String(log['data']).replace('de0b', 'de0c') })),
    ],
  ])('is read from the other one if the first %s', async (_, lie) => {
    lieOfLogs(lie);
    const chain = await open(liar.url, anvil.rpcUrl);
    await expect(record(chain)).rejects.toMatchObject({ code: 'CHAIN_ANSWER_INCOMPLETE' });
    expect([await known(), await cursor()]).toEqual([0n, -1]);
    await record(chain);
    expect([await known(), await cursor()]).toEqual([4n, newest.number]);
    const [first, second] = chain.endpoints();
    expect(first).toMatchObject({ lies: 1, distrustedFor: expect.stringContaining('its logs') });
    expect(second).toMatchObject({ lies: 0, score: 1 });
  });

  it('is read although a node tells all of it twice, and from the end', async () => {
    lieOfLogs((logs) => [...logs, ...logs].reverse());
    await record(await open(liar.url));
    expect(await known()).toBe(4n);
  });

  it('is read in as many questions as a node wants, each block once', async () => {
    liar.lies.answer = ({ method, params }) => {
      if (method !== 'eth_getLogs') return undefined;
      const [{ fromBlock, toBlock }] = params as [{ fromBlock: string; toBlock: string }];
      const isTooLong = Number(toBlock) - Number(fromBlock) > 1;
      const error = { code: -32005, message: 'query returned more than 10000 results' };
      return isTooLong ? { error } : undefined;
    };
    await record(await open(liar.url));
    expect(await known()).toBe(4n);
  });

  it('is not passed by where the state of its final block is not to be had', async () => {
    liar.lies.answer = ({ method }) =>
      method === 'eth_getStorageAt'
        ? { error: { code: -32000, message: 'missing trie node' } }
        : undefined;
    const alone = record(await open(liar.url));
    await expect(alone).rejects.toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
    expect(await cursor()).toBeUndefined();
    await record(await open(liar.url, anvil.rpcUrl));
    expect(await known()).toBe(4n);
  });

  it('has its proofs from the other one once one that the first gave was refused', async () => {
    liar.lies.change = (result, { method }) =>
      method === 'eth_getProof' ? { ...(result as object), accountProof: ['0xc0'] } : result;
    const chain = await open(liar.url, anvil.rpcUrl);
    const prove = () => chain.stateProof({ address: gateway }, EMPTY_SLOT, newest.hash);
    const nodesOf = (proof: StateProof) =>
      proof.kind === 'ethereum' ? proof.accountProof.length : 0;
    const bad = await prove();
    expect(nodesOf(bad)).toBe(1);
    // What another node has answered meanwhile is not the fault of that one.
    expect(chain.distrustProof({ ...bad }, 'of somebody else')).toBeUndefined();
    expect(chain.distrustProof(bad, 'an enclave has refused it')).toBe(new URL(liar.url).host);
    expect(nodesOf(await prove())).toBeGreaterThan(1);
    expect(chain.endpoints()).toMatchObject([{ lies: 1 }, { lies: 0 }]);
  });

  it('is not opened if a node is of another chain', async () => {
    liar.lies.change = (result, { method }) => (method === 'eth_chainId' ? '0x1' : result);
    await expect(open(anvil.rpcUrl, liar.url)).rejects.toMatchObject({ code: 'CHAIN_MISMATCH' });
  });

  it('has one question for the logs of all its contracts, and its calls are counted', async () => {
    const chain = await open(liar.url);
    const other: Hex = `0x${'77'.repeat(20)}`;
    await chain.logs({ addresses: [gateway, other], fromBlock: 0, toBlock: newest.number });
    expect(liar.calls.get('eth_getLogs')).toBe(1);
    expect(chain.calls().get('eth_getLogs')).toBe(1);
  });
});

/** As of a deposit that comes after the four that there are. */
function nextTopics(logs: readonly Record<string, unknown>[]): unknown[] {
  const [event, , ...rest] = (logs.at(-1)?.['topics'] ?? []) as string[];
  return [event, `0x${'4'.padStart(64, '0')}`, ...rest];
}
