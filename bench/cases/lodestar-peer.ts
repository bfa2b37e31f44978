import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MAINNET } from '../../src/light-client/ethereum/networks.ts';
import { fromHex } from '../../src/shared/bytes.ts';
import { mainnetCapella } from '../../test/support/ethereum-vectors.ts';
import { vectorsMissing } from '../../test/support/vectors.ts';
import type { Action } from '../timing.ts';

// @lodestar/light-client is no dependency: its tree is large. It is measured where somebody has put it.

/** What is used of the peer's packages. */
interface Modules {
  readonly config: {
    createBeaconConfig(chain: unknown, genesisValidatorsRoot: Uint8Array): unknown;
  };
  readonly networks: { readonly networksChainConfig: { readonly mainnet: unknown } };
  readonly types: { readonly ssz: { readonly capella: CapellaTypes } };
  readonly client: { readonly LightclientSpec: new (...from: unknown[]) => LightclientSpec };
  readonly bls: { readonly default: { readonly implementation: string } };
}

interface LightclientSpec {
  readonly store: { readonly finalizedHeader: { readonly beacon: { readonly slot: number } } };
  onUpdate(currentSlot: number, update: Signed): void;
  onFinalityUpdate(currentSlot: number, update: Signed): void;
}

interface CapellaTypes {
  readonly LightClientBootstrap: Container<unknown>;
  readonly LightClientUpdate: Container<Signed>;
  readonly LightClientFinalityUpdate: Container<Signed>;
}

interface Container<T> {
  fromJson(json: unknown): T;
}

interface Signed {
  readonly signatureSlot: number;
}

/** The peer at the recorded finality update of mainnet. */
export interface LodestarPeer {
  readonly name: string;
  /** Reads, verifies and applies the update. */
  readonly advance: Action;
}

/** Has the peer follow the recorded periods; undefined if it, or the recorded data, is not here. */
export async function lodestarPeer(): Promise<LodestarPeer | undefined> {
  const modules = vectorsMissing ? undefined : await importModules();
  if (modules === undefined) return undefined;
  const { capella } = modules.types.ssz;
  const client = followMainnet(modules);
  const json = mainnetCapella.finality().data;
  const advance = () => {
    const update = capella.LightClientFinalityUpdate.fromJson(json);
    client.onFinalityUpdate(update.signatureSlot, update);
  };
  advance();
  const { slot } = client.store.finalizedHeader.beacon;
  const wanted = Number(json.finalized_header.beacon.slot);
  if (slot !== wanted) throw new Error(`@lodestar/light-client is at slot ${slot}, not ${wanted}`);
  return { name: `@lodestar/light-client on ${modules.bls.default.implementation}`, advance };
}

function followMainnet({ config, networks, types, client }: Modules): LightclientSpec {
  const { mainnet } = networks.networksChainConfig;
  const chain = config.createBeaconConfig(mainnet, fromHex(MAINNET.genesisValidatorsRoot));
  const { LightClientBootstrap, LightClientUpdate } = types.ssz.capella;
  const bootstrap = LightClientBootstrap.fromJson(mainnetCapella.bootstrap().data);
  const follower = new client.LightclientSpec(chain, { allowForcedUpdates: false }, bootstrap);
  for (const { data } of mainnetCapella.updates()) {
    const update = LightClientUpdate.fromJson(data);
    follower.onUpdate(update.signatureSlot, update);
  }
  return follower;
}

/** The packages in `$PEERS_DIR`; undefined if the variable is not set. */
async function importModules(): Promise<Modules | undefined> {
  const folder = process.env['PEERS_DIR'];
  if (folder === undefined) return undefined;
  const load = (file: string) => import(pathToFileURL(resolve(folder, 'node_modules', file)).href);
  return {
    config: await load('@lodestar/config/lib/index.js'),
    networks: await load('@lodestar/config/lib/networks.js'),
    types: await load('@lodestar/types/lib/index.js'),
    client: await load('@lodestar/light-client/lib/spec/index.js'),
    bls: await load('@chainsafe/bls/lib/index.js'),
  };
}
