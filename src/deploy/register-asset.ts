import { type AssetId, assetId } from '../protocol/asset.ts';
import { rungAmount } from '../protocol/rungs.ts';
import type { Hex } from '../shared/bytes.ts';
import { loadArtifact } from './artifacts.ts';
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
  readonly terms: AssetTerms;
}

/** What the ledger holds an asset to, on all chains. Amounts are in its smallest unit. */
export interface AssetTerms {
  /** The canonical amounts are 1, 2 or 5 × 10^i × this; see src/protocol/rungs.ts. */
  readonly poolUnit: bigint;
  /** Their codes, ascending, 1 … 7 of them. The smallest amount is at least ten times `rate`. */
  readonly rungs: readonly number[];
  /** What opening an account by a credit in this asset costs. */
  readonly entryFee: bigint;
  /** What a balance keeps at least. */
  readonly leastBalance: bigint;
  /** What a release costs, whichever chain pays it. */
  readonly rate: bigint;
  /** What posting an order earns. */
  readonly reward: bigint;
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
 * Makes assets known on every chain: at home its own token, elsewhere one that the gateway mints and burns. Then the anchor
 * tells the ledger their terms.
 *
 * @param sites all chains of the bridge; none waits for another
 * @throws {RangeError} a rung is not worth its release
 * @throws {DeploymentError}
 */
export async function registerAssets(
  sites: readonly Site[],
  bridge: Bridge,
  plans: readonly AssetPlan[],
): Promise<RegisteredAsset[]> {
  for (const plan of plans) requireWorthwhile(plan);
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
      args: [idOf(plan), { token, ...plan.limits, leastCredit: leastCreditOf(plan) }],
    });
    tokens.push(token);
  }
  if (site.chain.chainId === bridge.anchor.chainId) await announceTerms(site, bridge, plans);
  return tokens;
}

/** Tells the ledger of each asset in one transaction, so that it never knows the half of one. */
async function announceTerms(
  site: Site,
  { anchor, contracts }: Bridge,
  plans: readonly AssetPlan[],
): Promise<void> {
  const { abi } = loadArtifact('Anchor');
  const { address } = anchor;
  for (const plan of plans) {
    const asset = idOf(plan);
    const { poolUnit, rungs, entryFee, leastBalance, rate, reward } = plan.terms;
    const calls = [
      abi.encodeFunctionData('registerAsset', [asset, poolUnit, rungs, entryFee, leastBalance]),
      ...[...contracts.keys()].map((chainId) => {
        return abi.encodeFunctionData('setRate', [asset, chainId, rate]);
      }),
      abi.encodeFunctionData('setReward', [asset, reward]),
    ];
    await invoke(site, { contract: 'Anchor', address, method: 'multicall', args: [calls] });
  }
}

/** What a deposit must bring so that whatever opens can be credited. */
function leastCreditOf({ terms }: AssetPlan): bigint {
  return terms.entryFee + terms.leastBalance;
}

/** A rate is paid out of every release: it must not eat up the smallest amount that pools take. */
function requireWorthwhile({ symbol, terms: { poolUnit, rungs, rate } }: AssetPlan): void {
  const [smallest] = rungs;
  if (smallest === undefined || rungAmount(poolUnit, smallest) < LEAST_RATES * rate) {
    throw new RangeError(`${symbol} needs rungs of at least ${LEAST_RATES} × its rate, ${rate}`);
  }
}

const LEAST_RATES = 10n;

function idOf({ home }: AssetPlan): AssetId {
  return assetId(home.chainId, home.token);
}

/** The asset's own token at home; elsewhere a new one, which belongs to the gateway. */
async function tokenOn(site: Site, gateway: Hex, plan: AssetPlan): Promise<Hex> {
  const { name, symbol, decimals, home } = plan;
  if (home.chainId === site.chain.chainId) return home.token;
  return deploy(site, 'BridgedToken', [name, `v${symbol}`, decimals, gateway, idOf(plan)]);
}
