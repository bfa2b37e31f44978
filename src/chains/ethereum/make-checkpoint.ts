import { z } from 'zod';
import { ethereumConfigSchema, FORK_NAMES } from '../../light-client/ethereum/config.ts';
import { initializeLightClientStore } from '../../light-client/ethereum/initialize-light-client-store.ts';
import {
  type EthereumNetwork,
  HOODI,
  MAINNET,
  SEPOLIA,
} from '../../light-client/ethereum/networks.ts';
import { parseBootstrap } from '../../light-client/ethereum/parse-bootstrap.ts';
import type { FinalizedHeader } from '../../light-client/ethereum/types.ts';
import { WEAK_SUBJECTIVITY_SEC } from '../../light-client/weak-subjectivity.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { Checkpoint } from '../shared/checkpoint.ts';
import { fetchJson, readShape } from '../shared/json-rpc.ts';

const root = z.string().regex(/^0x[0-9a-f]{64}$/);
const genesisSchema = z.object({ data: z.object({ genesis_validators_root: root }) });
const headerSchema = z.object({ data: z.object({ root }) });
const specSchema = z.object({ data: z.record(z.string(), z.unknown()) });

/**
 * Makes a checkpoint of the newest block that a beacon node calls final and has a bootstrap for, and starts a light
 * client from it: what does not fit together is refused.
 *
 * @param url of the beacon node's API
 * @throws {ChainError} CHAIN_UNAVAILABLE, CHAIN_ANSWER_MALFORMED
 * @throws {BridgeError} as `parseBootstrap` and `initializeLightClientStore`
 */
export async function makeEthereumCheckpoint(url: string): Promise<Checkpoint> {
  const get = (path: string) => fetchJson('ethereum', `${url}/eth/v1/${path}`, {});
  const header = await get('beacon/headers/finalized');
  const checkpointRoot = readShape('ethereum', headerSchema, header, 'headers/finalized').data.root;
  const { network, isKnown } = await findNetwork(get);
  const config = readShape(
    'ethereum',
    ethereumConfigSchema,
    { ...network, checkpointRoot },
    'config/spec',
  );
  const bootstrap = await get(`beacon/light_client/bootstrap/${checkpointRoot}`);
  const { finalizedHeader } = initializeLightClientStore(config, parseBootstrap(bootstrap, config));
  const { timestamp } = finalizedHeader.execution;
  // A header of Gloas says the hash of its execution block alone.
  const stated = timestamp === 0n ? {} : { checkpointTimestampSec: Number(timestamp) };
  return {
    lightClient: { kind: 'ethereum', ...config, ...stated },
    compare: describe(finalizedHeader, { checkpointRoot, isKnown }),
    periodSec: WEAK_SUBJECTIVITY_SEC.ethereum,
  };
}

function describe(
  { beacon, execution }: FinalizedHeader,
  { checkpointRoot, isKnown }: { readonly checkpointRoot: string; readonly isKnown: boolean },
): string[] {
  const forks = isKnown
    ? 'this release'
    : 'the node: compare every line with the network’s own configuration';
  return [
    `beacon block    slot ${beacon.slot}, root ${checkpointRoot}`,
    `  compare with  another beacon node: GET /eth/v1/beacon/blocks/${beacon.slot}/root; a block explorer: slot ${beacon.slot}`,
    `execution block ${execution.blockNumber} ${execution.blockHash}`,
    '  compare with  an execution node: eth_getBlockByNumber',
    `fork table      from ${forks}`,
  ];
}

interface FoundNetwork {
  readonly network: EthereumNetwork;
  /** Whether this release has its fork table, or the node gave it. */
  readonly isKnown: boolean;
}

async function findNetwork(get: (path: string) => Promise<unknown>): Promise<FoundNetwork> {
  const genesis = await get('beacon/genesis');
  const { genesis_validators_root } = readShape('ethereum', genesisSchema, genesis, 'genesis').data;
  const known = [MAINNET, SEPOLIA, HOODI].find(
    (network) => network.genesisValidatorsRoot === genesis_validators_root,
  );
  if (known !== undefined) return { network: known, isKnown: true };
  const network = readNetwork(genesis_validators_root as Hex, await get('config/spec'));
  return { network, isKnown: false };
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
