import { type Bridge, deployBridge } from '../src/deploy/deploy-bridge.ts';
import {
  type AssetTerms,
  type RegisteredAsset,
  registerAssets,
} from '../src/deploy/register-asset.ts';
import { deploy, type Site } from '../src/deploy/site.ts';
import { NATIVE_TOKEN } from '../src/protocol/asset.ts';
import type { Hex } from '../src/shared/bytes.ts';

/** The bridge of the local world with its assets. */
export interface Deployment extends Bridge {
  /** `ETH` and `DEMO` of Ethereum, and the native coin of every chain of the Polkadot side: `DOT`, `DOT-2`. */
  readonly assets: readonly RegisteredAsset[];
}

const DECIMALS = 18;
const LIMITS = { cap: 10n ** 27n, windowLimit: 10n ** 27n, feeFlat: 10n ** 14n };
const POST_FEE = 10n ** 14n;
/** Canonical amounts are 0.1, 0.2, 0.5, 1, 2, 5 and 10 of every asset. */
const TERMS: AssetTerms = {
  poolUnit: 10n ** 16n,
  rungs: [3, 4, 5, 6, 7, 8, 9],
  entryFee: 10n ** 14n,
  leastBalance: 10n ** 14n,
  rate: 10n ** 14n,
  reward: 10n ** 14n,
};

/** Deploys the bridge with the demo's assets: Ethereum's site comes first, then the one that takes the anchor. */
export async function deployDemoBridge(sites: readonly Site[]): Promise<Deployment> {
  const [ethereum, ...polkadot] = sites;
  const anchor = polkadot[0];
  if (!ethereum || !anchor) throw new RangeError('the demo needs both sides of the bridge');
  const bridge = await deployBridge(sites, {
    anchorChainId: anchor.chain.chainId,
    postFee: POST_FEE,
  });
  const demo = await deploy(ethereum, 'DemoToken', ['Demo', 'DEMO', DECIMALS]);
  const homes: readonly (readonly [symbol: string, site: Site, token: Hex])[] = [
    ['ETH', ethereum, NATIVE_TOKEN],
    ['DEMO', ethereum, demo],
    ...polkadot.map((site, i) => [nativeSymbol(i), site, NATIVE_TOKEN] as const),
  ];
  const plans = homes.map(([symbol, { chain }, token]) => {
    const home = { chainId: chain.chainId, token };
    const shared = { decimals: DECIMALS, limits: LIMITS, terms: TERMS };
    return { name: `Veilspan ${symbol}`, symbol, home, ...shared };
  });
  return { ...bridge, assets: await registerAssets(sites, bridge, plans) };
}

function nativeSymbol(i: number): string {
  return i === 0 ? 'DOT' : `DOT-${i + 1}`;
}

/** An asset of the local world. @throws {RangeError} it has none of that symbol */
export function assetOf({ assets }: Deployment, symbol: string): RegisteredAsset {
  const found = assets.find((asset) => asset.symbol === symbol);
  if (!found) throw new RangeError(`the local world has no ${symbol}`);
  return found;
}
