import { type AssetId, assetId, originChainId } from '../protocol/asset.ts';
import { fromHex, type Hex, toHex } from '../shared/bytes.ts';
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

/** KEEP IN SYNC: IGateway.AssetConfig */
export interface AssetLimits {
  /** The most that a gateway holds, or has minted. */
  readonly cap: bigint;
  /** The most that leaves a gateway in a window. */
  readonly windowLimit: bigint;
  readonly feeFlat: bigint;
  /** Hundredths of a per cent. */
  readonly feeBps: bigint;
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
 * Makes an asset known on every chain: at home its own token, elsewhere one that the gateway mints and burns.
 *
 * @param sites all chains of the bridge
 * @throws {DeploymentError}
 */
export async function registerAsset(
  sites: readonly Site[],
  bridge: Bridge,
  plan: AssetPlan,
): Promise<RegisteredAsset> {
  const asset = assetId(plan.home.chainId, plan.home.token);
  const addresses = await Promise.all(
    sites.map(async (site) => {
      const { gateway } = contractsOn(bridge, site.chain.chainId);
      const token = await tokenOn(site, gateway, { asset, plan });
      const { cap, windowLimit, feeFlat, feeBps } = plan.limits;
      await invoke(site, {
        contract: 'Gateway',
        address: gateway,
        method: 'registerAsset',
        args: [asset, [token, cap, windowLimit, feeFlat, feeBps]],
      });
      return [site.chain.chainId, token] as const;
    }),
  );
  const { symbol, decimals } = plan;
  return { symbol, asset, decimals, addresses: new Map(addresses) };
}

/** The asset's own token at home; elsewhere a new one, which belongs to the gateway. */
async function tokenOn(
  site: Site,
  gateway: Hex,
  { asset, plan }: { asset: AssetId; plan: AssetPlan },
): Promise<Hex> {
  if (originChainId(asset) === site.chain.chainId) return toHex(fromHex(asset).subarray(12));
  const { name, symbol, decimals } = plan;
  return deploy(site, 'BridgedToken', [name, `v${symbol}`, decimals, gateway, asset]);
}
