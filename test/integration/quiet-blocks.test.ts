import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import { GATEWAY_ABI } from '../../src/chains/shared/abi.ts';
import type {
  BridgedChain,
  ContractLog,
  LogFilter,
} from '../../src/chains/shared/bridged-chain.ts';
import { createSubstrateBlocks } from '../../src/chains/substrate/blocks.ts';
import {
  connectSubstrate,
  type SubstrateConnection,
} from '../../src/chains/substrate/connection.ts';
import { createContractLogs } from '../../src/chains/substrate/contract-logs.ts';
import { createLogIndex, type FinalLogs, type LogStore } from '../../src/client/log-index.ts';
import { deploy, invoke, type Site } from '../../src/deploy/site.ts';
import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import { transparentEnvelope } from '../../src/protocol/envelope.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { asyncRefusal } from '../support/async-refusal.ts';
import { openSubstrate } from '../support/follow-substrate.ts';
import { startManualChain } from '../support/polkadot-devnet.ts';

const CHAIN_ID = 420_420_499n;
const ASSET = assetId(CHAIN_ID, NATIVE_TOKEN);
const LIMIT = 10n ** 27n;
const AMOUNT = 10n ** 18n;
const QUIET = 12;
const OPTIONS = { name: 'polkadot', chainId: CHAIN_ID, route: 'direct', pollMs: 20 } as const;
const READ = 'chain_getBlock';

describe('logs of a Substrate chain on which little happens', { timeout: 120_000 }, () => {
  let devnet: PolkadotDevnet;
  let connection: SubstrateConnection;
  let site: Site;
  let gateway: Hex;
  let whole: LogFilter;
  /** As they are when every block is read. */
  let logged: readonly ContractLog[];
  const ending: (() => Promise<unknown>)[] = [];

  const produce = async (count: number) => {
    for (let i = 0; i < count; i++) await devnet.produceBlock();
  };
  /** Makes a block whenever one of the work's transactions waits for it. */
  const amidBlocks = async <T>(work: Promise<T>): Promise<T> => {
    let isDone = false;
    const settled = work.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      if (devnet.hasReadyExtrinsics()) await devnet.produceBlock();
      await delay(5);
    }
    return await settled;
  };
  const deposit = async () => {
    const envelope = transparentEnvelope(`0x${'52'.repeat(20)}`);
    const args = [ASSET, AMOUNT, 0n, 31_337n, site.owner.address, envelope];
    const data = GATEWAY_ABI.encodeFunctionData('deposit', args) as Hex;
    return await amidBlocks(site.chain.submit(site.owner, { to: gateway, data, valueWei: AMOUNT }));
  };
  const open = async () => {
    const opened = await openSubstrate({ ...OPTIONS, url: devnet.wsUrl });
    ending.push(opened.close);
    return opened.chain;
  };
  const readsOf = (chain: Pick<BridgedChain, 'calls'>) => chain.calls().get(READ) ?? 0;
  const trieIdOf = async (address: Hex): Promise<Hex> =>
    (await site.chain.contractTrieId(address)) ?? '0x';

  beforeAll(async () => {
    devnet = await startManualChain();
    ending.push(() => devnet.close());
    const chain = await open();
    site = { chain, owner: await amidBlocks(chain.signer('//Charlie')) };
    const registry = await amidBlocks(deploy(site, 'EnclaveRegistry', [site.owner.address]));
    gateway = await amidBlocks(deploy(site, 'Gateway', [site.owner.address, registry]));
    const args = [ASSET, [NATIVE_TOKEN, LIMIT, LIMIT, 0n, 0n]];
    await amidBlocks(
      invoke(site, { contract: 'Gateway', address: gateway, method: 'registerAsset', args }),
    );
    await produce(QUIET);
    await deposit();
    await produce(QUIET);
    await deposit();
    connection = await connectSubstrate('polkadot', [devnet.wsUrl]);
    ending.push(() => connection.api.disconnect());
    whole = { addresses: [gateway], fromBlock: 1, toBlock: (await chain.head()).number };
    logged = await createSubstrateBlocks(connection).logs(whole);
  }, 120_000);
  afterAll(async () => {
    for (const end of ending.reverse()) await end();
  });

  it('are found without the blocks that leave the contract as it is', async () => {
    const chain = await open();
    expect(await chain.logs(whole)).toEqual(logged);
    const events = logged.map(({ topics, data }) =>
      GATEWAY_ABI.parseLog({ topics: [...topics], data }),
    );
    expect(events.filter((event) => event?.name === 'Deposited')).toHaveLength(2);
    expect(whole.toBlock).toBeGreaterThan(2 * QUIET);
    // The contract's making, its asset and two deposits, each with the few blocks around it.
    expect(readsOf(chain)).toBeLessThanOrEqual(4 * 4);
  });

  it('are found for an index that counts them, which reads next to nothing the next time', async () => {
    const kept: FinalLogs[] = [];
    const store: LogStore = {
      load: async () => kept[0],
      append: async (more) => void kept.push(more),
      clear: async () => void kept.splice(0),
    };
    const fromBlock = logged[0]?.blockNumber ?? 0;
    const readsOfLook = async () => {
      const chain = await open();
      const index = createLogIndex({ chain, gateway, fromBlock }, store);
      await index.refresh();
      expect(index.seen().messages).toHaveLength(2);
      return readsOf(chain);
    };
    expect(await readsOfLook()).toBeLessThanOrEqual(4 * 4);
    await devnet.produceBlock();
    // The block of the last log, which shows that it is the same chain, and those that were not there or not final.
    expect(await readsOfLook()).toBeLessThanOrEqual(4);
  });

  it('are found block by block of what is no contract, and where a node keeps its roots to itself', async () => {
    const stranger: Hex = `0x${'77'.repeat(20)}`;
    const addresses = [gateway, stranger];
    const read = (answer: () => Promise<unknown>) => {
      const blocks = createSubstrateBlocks(connection);
      return createContractLogs({ connection: { ...connection, send: answer }, blocks, trieIdOf });
    };
    expect(await site.chain.logs({ ...whole, addresses })).toEqual(logged);
    expect(await read(async () => null)(whole)).toEqual(logged);
    const refusal = Object.assign(new Error('State already discarded'), { code: 4003 });
    expect(await read(() => Promise.reject(refusal))(whole)).toEqual(logged);
  });

  it('are not found by a node that is cut off meanwhile, or does not have the newest block yet', async () => {
    const send = () => Promise.reject(new Error('the connection is lost'));
    const blocks = createSubstrateBlocks(connection);
    const read = createContractLogs({ connection: { ...connection, send }, blocks, trieIdOf });
    expect(await asyncRefusal(read(whole))).toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
    const later = { ...whole, toBlock: whole.toBlock + 100 };
    expect(await asyncRefusal(site.chain.logs(later))).toMatchObject({
      code: 'CHAIN_ANSWER_INCOMPLETE',
    });
  });
});
