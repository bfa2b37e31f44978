import { type AssetId, assetId } from '../protocol/asset.ts';
import type { Hex } from '../shared/bytes.ts';
import { type Bridge, contractsOn } from './deploy-bridge.ts';
import { deploy, invoke, type Site } from './site.ts';

/** An asset to be taken on, and what every gateway is to hold it to. Amounts are in its smallest unit. */
export interface AssetPlan {
  readonly name: string;
  readonly symbol: string;
  readonly decimals: number;
  /** Where it lives; the zero address is that chain's native coin. */
  readonly home: { readonly chainId: bigint; readonly token: Hex };
  readonly limits: AssetLimits;
}

/** What the gateway's registration takes beside the token, by its own names: one that is missing is refused before it is sent. */
export interface AssetLimits {
  /** The most that a gateway holds, or has minted. */
  readonly cap: bigint;
  /** The most by which payouts of a gateway may outrun its deposits in a window. */
  readonly windowLimit: bigint;
  /** What every deposit pays. */
  readonly feeFlat: bigint;
}

/** An asset that every gateway of a bridge knows. */
export interface RegisteredAsset {
  readonly symbol: string;
  readonly asset: AssetId;
  readonly decimals: number;
  /** Its token by chain id; the zero address is the native coin. */
  readonly addresses: ReadonlyMap<bigint, Hex>;
}

/**
 * Makes assets known on every chain: at home its own token, elsewhere one that the gateway mints and burns.
 *
 * @param sites all chains of the bridge; none waits for another
 * @throws {DeploymentError}
 */
export async function registerAssets(
  sites: readonly Site[],
  bridge: Bridge,
  plans: readonly AssetPlan[],
): Promise<RegisteredAsset[]> {
  const tokens = await Promise.all(sites.map((site) => registerOn(site, bridge, plans)));
  return plans.map((plan, i) => {
    const { symbol, decimals } = plan;
    const addresses = new Map(
      sites.flatMap(({ chain }, at) => {
        const token = tokens[at]?.[i];
        return token === undefined ? [] : [[chain.chainId, token] as const];
      }),
    );
    return { symbol, asset: idOf(plan), decimals, addresses };
  });
}

/** One after the other, as the owner's nonces ask. @returns the tokens, in the order of the plans */
async function registerOn(site: Site, bridge: Bridge, plans: readonly AssetPlan[]): Promise<Hex[]> {
  const { gateway } = contractsOn(bridge, site.chain.chainId);
  const tokens: Hex[] = [];
  for (const plan of plans) {
    const token = await tokenOn(site, gateway, plan);
    await invoke(site, {
      contract: 'Gateway',
      address: gateway,
      method: 'registerAsset',
      args: [idOf(plan), { token, ...plan.limits }],
    });
    tokens.push(token);
  }
  return tokens;
}

function idOf({ home }: AssetPlan): AssetId {
  return assetId(home.chainId, home.token);
}

/** The asset's own token at home; elsewhere a new one, which belongs to the gateway. */
async function tokenOn(site: Site, gateway: Hex, plan: AssetPlan): Promise<Hex> {
  const { name, symbol, decimals, home } = plan;
  if (home.chainId === site.chain.chainId) return home.token;
  return deploy(site, 'BridgedToken', [name, `v${symbol}`, decimals, gateway, idOf(plan)]);
}
