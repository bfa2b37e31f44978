import type { Hex } from '../shared/bytes.ts';
import { deploy, invoke, type Site } from './site.ts';

/** What stands on every chain of a bridge. */
export interface Contracts {
  /** 20 bytes. */
  readonly registry: Hex;
  /** 20 bytes. */
  readonly gateway: Hex;
}

/** A bridge's contracts, without its assets. */
export interface Bridge {
  /** By chain id. */
  readonly contracts: ReadonlyMap<bigint, Contracts>;
  readonly anchor: { readonly chainId: bigint; readonly address: Hex };
}

/** What a new bridge is told beside its sites. */
export interface BridgePlan {
  /** Of one of the sites. */
  readonly anchorChainId: bigint;
  /** What posting an order costs, in the smallest unit of each chain's native coin; above zero. */
  readonly postFee: bigint;
}

/**
 * Deploys a registry and a gateway on every site and the anchor on one of them, which waits for its genesis state.
 *
 * @throws {RangeError} no site is on the anchor's chain
 * @throws {DeploymentError}
 */
export async function deployBridge(
  sites: readonly Site[],
  { anchorChainId, postFee }: BridgePlan,
): Promise<Bridge> {
  const anchorSite = sites.find(({ chain }) => chain.chainId === anchorChainId);
  if (!anchorSite) throw new RangeError(`no site is on chain ${anchorChainId}`);
  const deployed = await Promise.all(
    sites.map(async (site) => [site.chain.chainId, await deployOn(site, postFee)] as const),
  );
  const contracts = new Map(deployed);
  const registry = contractsOn({ contracts }, anchorChainId).registry;
  const address = await deploy(anchorSite, 'Anchor', [anchorSite.owner.address, registry]);
  return { contracts, anchor: { chainId: anchorChainId, address } };
}

/** The contracts on one of a bridge's chains. @throws {RangeError} it is none of them */
export function contractsOn({ contracts }: Pick<Bridge, 'contracts'>, chainId: bigint): Contracts {
  const found = contracts.get(chainId);
  if (!found) throw new RangeError(`the bridge has no contracts on chain ${chainId}`);
  return found;
}

async function deployOn(site: Site, postFee: bigint): Promise<Contracts> {
  const registry = await deploy(site, 'EnclaveRegistry', [site.owner.address]);
  const gateway = await deploy(site, 'Gateway', [site.owner.address, registry]);
  const args = [postFee];
  await invoke(site, { contract: 'Gateway', address: gateway, method: 'setPostFee', args });
  return { registry, gateway };
}
