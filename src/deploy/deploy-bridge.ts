import type { Hex } from '../shared/bytes.ts';
import { deploy, type Site } from './site.ts';

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

/**
 * Deploys a registry and a gateway on every site and the anchor on one of them, which waits for its genesis state.
 *
 * @param anchorChainId of one of the sites
 * @throws {RangeError} no site has that id
 * @throws {DeploymentError}
 */
export async function deployBridge(sites: readonly Site[], anchorChainId: bigint): Promise<Bridge> {
  const anchorSite = sites.find(({ chain }) => chain.chainId === anchorChainId);
  if (!anchorSite) throw new RangeError(`no site is on chain ${anchorChainId}`);
  const deployed = await Promise.all(
    sites.map(async (site) => [site.chain.chainId, await deployOn(site)] as const),
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

async function deployOn(site: Site): Promise<Contracts> {
  const registry = await deploy(site, 'EnclaveRegistry', [site.owner.address]);
  const gateway = await deploy(site, 'Gateway', [site.owner.address, registry]);
  return { registry, gateway };
}
