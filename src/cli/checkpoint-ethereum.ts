import { z } from 'zod';
import { fetchJson, readShape } from '../chains/shared/json-rpc.ts';
import {
  type EthereumConfig,
  ethereumConfigSchema,
  FORK_NAMES,
} from '../light-client/ethereum/config.ts';
import { initializeLightClientStore } from '../light-client/ethereum/initialize-light-client-store.ts';
import {
  type EthereumNetwork,
  HOODI,
  MAINNET,
  SEPOLIA,
} from '../light-client/ethereum/networks.ts';
import { parseBootstrap } from '../light-client/ethereum/parse-bootstrap.ts';
import type { FinalizedHeader } from '../light-client/ethereum/types.ts';
import type { Hex } from '../shared/bytes.ts';

/** A checkpoint of Ethereum, ready to be pinned. */
export interface EthereumCheckpoint {
  /** `ethereum.lightClient` of the measured configuration. */
  readonly lightClient: EthereumConfig;
  /** The pinned block, as the bootstrap shows it. */
  readonly finalizedHeader: FinalizedHeader;
  /** Where the fork table comes from: this release, or the node itself. */
  readonly forksFrom: 'this release' | 'the node';
}

const root = z.string().regex(/^0x[0-9a-f]{64}$/);
const genesisSchema = z.object({ data: z.object({ genesis_validators_root: root }) });
const headerSchema = z.object({ data: z.object({ root }) });
const specSchema = z.object({ data: z.record(z.string(), z.unknown()) });

/**
 * Makes a checkpoint of the newest block that a beacon node calls final and has a bootstrap for, and starts a light
 * client from it: what does not fit together is refused.
 *
 * @throws {ChainError} CHAIN_UNAVAILABLE, CHAIN_ANSWER_MALFORMED
 * @throws {BridgeError} as `parseBootstrap` and `initializeLightClientStore`
 */
export async function makeEthereumCheckpoint(beaconUrl: string): Promise<EthereumCheckpoint> {
  const get = (path: string) => fetchJson('ethereum', `${beaconUrl}/eth/v1/${path}`, {});
  const genesis = await get('beacon/genesis');
  const header = await get('beacon/headers/finalized');
  const checkpointRoot = readShape('ethereum', headerSchema, header, 'headers/finalized').data.root;
  const { genesis_validators_root } = readShape('ethereum', genesisSchema, genesis, 'genesis').data;
  const known = [MAINNET, SEPOLIA, HOODI].find(
    (network) => network.genesisValidatorsRoot === genesis_validators_root,
  );
  const network = known ?? readNetwork(genesis_validators_root as Hex, await get('config/spec'));
  const lightClient = readShape(
    'ethereum',
    ethereumConfigSchema,
    { ...network, checkpointRoot },
    'config/spec',
  );
  const bootstrap = await get(`beacon/light_client/bootstrap/${checkpointRoot}`);
  const store = initializeLightClientStore(lightClient, parseBootstrap(bootstrap, lightClient));
  const { timestamp } = store.finalizedHeader.execution;
  return {
    // A header of Gloas says the hash of its execution block alone.
    lightClient:
      timestamp === 0n
        ? lightClient
        : { ...lightClient, checkpointTimestampSec: Number(timestamp) },
    finalizedHeader: store.finalizedHeader,
    forksFrom: known ? 'this release' : 'the node',
  };
}

/** A network that this release does not know, as its node describes it. */
function readNetwork(genesisValidatorsRoot: Hex, json: unknown): EthereumNetwork {
  const spec = readShape('ethereum', specSchema, json, 'config/spec').data;
  const forks = FORK_NAMES.flatMap((name) => {
    const prefix = `${name.toUpperCase()}_FORK`;
    const [version, epoch] = [spec[`${prefix}_VERSION`], Number(spec[`${prefix}_EPOCH`])];
    // A fork without a date has the largest epoch that there is.
    return Number.isSafeInteger(epoch) ? [{ name, version: version as Hex, epoch }] : [];
  });
  const preset = spec['PRESET_BASE'] as EthereumNetwork['preset'];
  return { preset, genesisValidatorsRoot, forks };
}
