import type { BridgedChain, ChainSigner } from '../src/chains/shared/bridged-chain.ts';
import { type ContractName, loadArtifact } from '../src/deploy/artifacts.ts';
import { assetId, NATIVE_TOKEN } from '../src/protocol/asset.ts';
import type { EnclaveStatus } from '../src/protocol/enclave-commands.ts';
import type { Hex } from '../src/shared/bytes.ts';
import { BridgeError } from '../src/shared/errors.ts';

/** A chain and the account that owns what is deployed on it. */
export interface Site {
  readonly chain: BridgedChain;
  readonly owner: ChainSigner;
}

/** What stands on one chain after a deployment. */
export interface Contracts {
  readonly registry: Hex;
  readonly gateway: Hex;
}

/** The bridge as deployed on both chains, with three assets. */
export interface Deployment {
  readonly ethereum: Contracts & { readonly tokens: { readonly demo: Hex; readonly dot: Hex } };
  readonly polkadot: Contracts & {
    readonly anchor: Hex;
    readonly tokens: { readonly eth: Hex; readonly demo: Hex };
  };
  readonly assets: { readonly eth: Hex; readonly dot: Hex; readonly demo: Hex };
}

const LIMIT = 10n ** 27n;
const FEE_FLAT = 10n ** 14n;
const FEE_BPS = 10n;
const ONE_YEAR_SEC = 365n * 86_400n;

/** Deploys gateways, registries, the anchor and the demo's tokens, and registers the assets. */
export async function deployBridge(ethereum: Site, polkadot: Site): Promise<Deployment> {
  const [onEthereum, onPolkadot] = await Promise.all([
    deployOnEthereum(ethereum, polkadot.chain.chainId),
    deployCore(polkadot),
  ]);
  const assets = {
    eth: assetId(ethereum.chain.chainId, NATIVE_TOKEN),
    dot: assetId(polkadot.chain.chainId, NATIVE_TOKEN),
    demo: assetId(ethereum.chain.chainId, onEthereum.tokens.demo),
  };
  const remote = await deployOnPolkadot(polkadot, onPolkadot, assets);
  await Promise.all([
    registerAssets(ethereum, onEthereum.gateway, [
      [assets.eth, NATIVE_TOKEN],
      [assets.demo, onEthereum.tokens.demo],
      [assets.dot, onEthereum.tokens.dot],
    ]),
    registerAssets(polkadot, onPolkadot.gateway, [
      [assets.dot, NATIVE_TOKEN],
      [assets.eth, remote.tokens.eth],
      [assets.demo, remote.tokens.demo],
    ]),
  ]);
  return { ethereum: onEthereum, polkadot: { ...onPolkadot, ...remote }, assets };
}

/** Admits an enclave on both chains, opens its epoch and sets the anchor's genesis state. */
export async function admitEnclave(
  sites: { readonly ethereum: Site; readonly polkadot: Site },
  deployment: Deployment,
  enclave: EnclaveStatus,
): Promise<void> {
  await Promise.all([
    admitOn(sites.ethereum, deployment.ethereum.registry, enclave),
    (async () => {
      await admitOn(sites.polkadot, deployment.polkadot.registry, enclave);
      const anchor = deployment.polkadot.anchor;
      await invoke(sites.polkadot, 'Anchor', anchor, 'initialize', [enclave.ledger.stateId]);
    })(),
  ]);
}

async function admitOn(site: Site, registry: Hex, enclave: EnclaveStatus): Promise<void> {
  const { epoch, epochKey, signer, measurement } = enclave;
  const expiresAt = BigInt(Math.floor(Date.now() / 1000)) + ONE_YEAR_SEC;
  await invoke(site, 'EnclaveRegistry', registry, 'startEpoch', [epoch, epochKey]);
  await invoke(site, 'EnclaveRegistry', registry, 'admit', [signer, epoch, expiresAt, measurement]);
  await invoke(site, 'EnclaveRegistry', registry, 'setThreshold', [1]);
}

async function deployCore(site: Site): Promise<Contracts> {
  const registry = await deploy(site, 'EnclaveRegistry', [site.owner.address]);
  const gateway = await deploy(site, 'Gateway', [site.owner.address, registry]);
  return { registry, gateway };
}

async function deployOnEthereum(
  site: Site,
  polkadotChainId: bigint,
): Promise<Deployment['ethereum']> {
  const core = await deployCore(site);
  const demo = await deploy(site, 'DemoToken', ['Demo', 'DEMO', 18]);
  const dotAsset = assetId(polkadotChainId, NATIVE_TOKEN);
  const dot = await deploy(site, 'BridgedToken', bridged('DOT', core.gateway, dotAsset));
  return { ...core, tokens: { demo, dot } };
}

async function deployOnPolkadot(
  site: Site,
  core: Contracts,
  assets: Deployment['assets'],
): Promise<Pick<Deployment['polkadot'], 'anchor' | 'tokens'>> {
  const anchor = await deploy(site, 'Anchor', [site.owner.address, core.registry]);
  const eth = await deploy(site, 'BridgedToken', bridged('ETH', core.gateway, assets.eth));
  const demo = await deploy(site, 'BridgedToken', bridged('DEMO', core.gateway, assets.demo));
  return { anchor, tokens: { eth, demo } };
}

function bridged(symbol: string, gateway: Hex, asset: Hex): unknown[] {
  return [`Veilspan ${symbol}`, `v${symbol}`, 18, gateway, asset];
}

async function registerAssets(
  site: Site,
  gateway: Hex,
  assets: readonly (readonly [asset: Hex, token: Hex])[],
): Promise<void> {
  for (const [asset, token] of assets) {
    const config = [token, LIMIT, LIMIT, FEE_FLAT, FEE_BPS];
    await invoke(site, 'Gateway', gateway, 'registerAsset', [asset, config]);
  }
}

/** Deploys `name` and returns its address. */
export async function deploy(site: Site, name: ContractName, args: unknown[]): Promise<Hex> {
  const { abi, creationCode } = loadArtifact(name);
  const data = `${creationCode}${abi.encodeDeploy(args).slice(2)}` as Hex;
  const receipt = await site.chain.submit(site.owner, { to: null, data, valueWei: 0n });
  if (!receipt.contractAddress) throw new DeploymentError({ contract: name });
  return receipt.contractAddress;
}

async function invoke(
  site: Site,
  name: ContractName,
  to: Hex,
  ...[method, args]: [method: string, args: unknown[]]
): Promise<void> {
  const data = loadArtifact(name).abi.encodeFunctionData(method, args) as Hex;
  await site.chain.submit(site.owner, { to, data, valueWei: 0n });
}

export class DeploymentError extends BridgeError<{ contract: string }> {
  readonly code = 'DEVNET_DEPLOYMENT_FAILED';
  readonly disposition = 'halt';
  constructor(meta: { contract: string }) {
    super(`The chain included ${meta.contract} but gave it no address: look at its receipt.`, meta);
  }
}
