import { beforeEach, describe, expect, test } from 'vitest';
import type { BridgedChain, ChainCall } from '../../../src/chains/shared/bridged-chain.ts';
import { admitEnclaves, initializeAnchor, publishKey } from '../../../src/deploy/admit-enclave.ts';
import { loadArtifact } from '../../../src/deploy/artifacts.ts';
import { type Bridge, contractsOn, deployBridge } from '../../../src/deploy/deploy-bridge.ts';
import {
  type AssetPlan,
  type AssetTerms,
  registerAssets,
} from '../../../src/deploy/register-asset.ts';
import { deploy, type Site } from '../../../src/deploy/site.ts';
import { assetId, NATIVE_TOKEN } from '../../../src/protocol/asset.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../support/async-refusal.ts';

const OWNER: Hex = `0x${'0a'.repeat(20)}`;
const NAMES = ['EnclaveRegistry', 'Gateway', 'Anchor', 'BridgedToken'];
const LIMITS = { cap: 9n, windowLimit: 8n, feeFlat: 7n };
const TERMS: AssetTerms = {
  poolUnit: 3n,
  rungs: [3, 5],
  entryFee: 4n,
  leastBalance: 2n,
  rate: 3n,
  reward: 6n,
};

/** A chain that includes everything and remembers it in words. */
class FakeChain {
  readonly log: string[] = [];
  readonly site: Site;
  readonly chainId: bigint;
  #created = 0;

  constructor(chainId: bigint) {
    this.chainId = chainId;
    const submit = async (_: unknown, call: ChainCall) => this.#include(call);
    // CAST: a deployment asks nothing else of a chain.
    this.site = {
      chain: { chainId, submit } as unknown as BridgedChain,
      owner: { address: OWNER },
    };
  }

  #include({ to, data }: ChainCall) {
    if (to !== null) {
      this.log.push(`${describeCall(data)} at ${to}`);
      return {};
    }
    const name = NAMES.find((each) => data.startsWith(loadArtifact(each).creationCode));
    this.#created++;
    const contractAddress = `0x${this.chainId}${`${this.#created}`.padStart(39, '0')}`;
    this.log.push(`create ${name} ${contractAddress}`);
    return { contractAddress };
  }
}

function describeCall(data: Hex): string {
  const parsed = NAMES.map((name) => loadArtifact(name).abi.parseTransaction({ data })).find(
    Boolean,
  );
  if (parsed?.name === 'multicall') {
    const calls: readonly Hex[] = parsed.args[0];
    return `multicall(${calls.map(describeCall).join('; ')})`;
  }
  return `${parsed?.name}(${parsed?.args.map(String).join(' ')})`;
}

const lowerCase = (line: string) => line.toLowerCase();

const THIRD_ASSET = assetId(3n, NATIVE_TOKEN);
const THIRD: AssetPlan = {
  name: 'Third',
  symbol: 'THR',
  decimals: 10,
  home: { chainId: 3n, token: NATIVE_TOKEN },
  limits: LIMITS,
  terms: TERMS,
};

let chains: [FakeChain, FakeChain, FakeChain];
let sites: Site[];
let bridge: Bridge;

beforeEach(async () => {
  chains = [new FakeChain(1n), new FakeChain(2n), new FakeChain(3n)];
  sites = chains.map(({ site }) => site);
  bridge = await deployBridge(sites, { anchorChainId: 2n, postFee: 5n });
});

describe('a bridge of three chains', () => {
  test('has a registry and a gateway on each, and one anchor', () => {
    for (const { chainId, log } of chains) {
      const { registry, gateway } = contractsOn(bridge, chainId);
      expect(log.slice(0, 3)).toEqual([
        `create EnclaveRegistry ${registry}`,
        `create Gateway ${gateway}`,
        `setPostFee(5) at ${gateway}`,
      ]);
    }
    expect(chains.map(({ log }) => log.length)).toEqual([3, 4, 3]);
    expect(chains[1].log[3]).toBe(`create Anchor ${bridge.anchor.address}`);
    expect(bridge.anchor.chainId).toBe(2n);
  });

  test('cannot have its anchor elsewhere', async () => {
    const elsewhere = { anchorChainId: 4n, postFee: 5n };
    await expect(deployBridge(sites, elsewhere)).rejects.toThrow(RangeError);
    expect(() => contractsOn(bridge, 4n)).toThrow(RangeError);
  });

  test('knows an asset by its own token at home and by a minted one elsewhere', async () => {
    const [registered] = await registerAssets(sites, bridge, [THIRD]);
    expect(registered).toMatchObject({ symbol: 'THR', decimals: 10, asset: THIRD_ASSET });
    expect(registered?.addresses.get(3n)).toBe(NATIVE_TOKEN);
    for (const { chainId, log } of chains) {
      const token = registered?.addresses.get(chainId);
      const created = log.filter((line) => line.startsWith('create BridgedToken'));
      expect(created).toEqual(chainId === 3n ? [] : [`create BridgedToken ${token}`]);
      const { gateway } = contractsOn(bridge, chainId);
      const said = log.filter((line) => line.startsWith('registerAsset(')).map(lowerCase);
      // Entry fee and least balance are what a deposit has to bring.
      expect(said).toEqual([`registerasset(${THIRD_ASSET} ${token},9,8,7,6) at ${gateway}`]);
    }
  });

  test('tells the ledger all terms of an asset at once, by the anchor alone', async () => {
    await registerAssets(sites, bridge, [THIRD]);
    const said = chains.map(({ log }) => log.filter((line) => line.startsWith('multicall')));
    const calls = [
      `registerAsset(${THIRD_ASSET} 3 3,5 4 2)`,
      ...[1, 2, 3].map((chainId) => `setRate(${THIRD_ASSET} ${chainId} 3)`),
      `setReward(${THIRD_ASSET} 6)`,
    ];
    expect(said).toEqual([[], [`multicall(${calls.join('; ')}) at ${bridge.anchor.address}`], []]);
  });

  test('takes no asset of which releases would eat up the smallest rung', async () => {
    const taxed = { ...THIRD, terms: { ...TERMS, rate: 4n } };
    await expect(registerAssets(sites, bridge, [taxed])).rejects.toThrow(/THR needs rungs/);
    const bare = { ...THIRD, terms: { ...TERMS, rungs: [] } };
    await expect(registerAssets(sites, bridge, [bare])).rejects.toThrow(RangeError);
    expect(chains.map(({ log }) => log.length)).toEqual([3, 4, 3]);
  });

  test('admits an enclave on all chains and starts its ledger on one', async () => {
    const word = (fill: string): Hex => `0x${fill.repeat(32)}`;
    const enclave = { signer: OWNER, epoch: 4n, measurement: word('22') };
    await admitEnclaves(sites, bridge, { enclaves: [enclave], expiresAtSec: 5n, threshold: 1 });
    await initializeAnchor(sites, bridge, word('33'));
    for (const { chainId, log } of chains) {
      const { registry } = contractsOn(bridge, chainId);
      expect(log.filter((line) => line.endsWith(` at ${registry}`)).map(lowerCase)).toEqual([
        `admit(${OWNER} 4 5 ${word('22')}) at ${registry}`,
        `setthreshold(4 1) at ${registry}`,
        `startepoch(4) at ${registry}`,
      ]);
    }
    const initialized = chains.map(({ log }) =>
      log.filter((line) => line.startsWith('initialize')),
    );
    expect(initialized).toEqual([
      [],
      [`initialize(${word('33')}) at ${bridge.anchor.address}`],
      [],
    ]);
  });

  test('tells the wallets of all chains what to seal to, and says nothing of who signs', async () => {
    const before = chains.map(({ log }) => log.length);
    const epochKey: Hex = `0x${'11'.repeat(32)}`;
    await publishKey(sites, bridge, { keyEpoch: 7n, epochKey });
    for (const [i, { chainId, log }] of chains.entries()) {
      const { registry } = contractsOn(bridge, chainId);
      expect(log.slice(before[i])).toEqual([`publishKey(7 ${epochKey}) at ${registry}`]);
    }
  });
});

test('a contract without an address, and one that is not compiled, are refused by name', async () => {
  const chain = { chainId: 1n, submit: async () => ({}) } as unknown as BridgedChain;
  const site = { chain, owner: { address: OWNER } };
  expect(await asyncRefusal(deploy(site, 'Gateway', [OWNER, OWNER]))).toMatchObject({
    code: 'DEPLOY_ADDRESS_MISSING',
    meta: { contract: 'Gateway' },
  });
  expect(await asyncRefusal(deploy(site, 'Nowhere', []))).toMatchObject({
    code: 'DEPLOY_ARTIFACT_MISSING',
    meta: { contract: 'Nowhere' },
  });
});
