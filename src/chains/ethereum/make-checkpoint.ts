import { z } from 'zod';
import { computeBlockTimeSec } from '../../light-client/ethereum/block-time.ts';
import { ethereumConfigSchema, FORK_NAMES } from '../../light-client/ethereum/config.ts';
import { initializeLightClientStore } from '../../light-client/ethereum/initialize-light-client-store.ts';
import {
  type EthereumNetwork,
  HOODI,
  MAINNET,
  SEPOLIA,
} from '../../light-client/ethereum/networks.ts';
import { parseBootstrap } from '../../light-client/ethereum/parse-bootstrap.ts';
import { presetOf } from '../../light-client/ethereum/preset.ts';
import type { FinalizedHeader } from '../../light-client/ethereum/types.ts';
import { computeWeakSubjectivitySec } from '../../light-client/ethereum/weak-subjectivity.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { Checkpoint } from '../shared/checkpoint.ts';
import { fetchJson, readShape } from '../shared/json-rpc.ts';
import { hash } from '../shared/node-hex.ts';

const genesisSchema = z.object({
  data: z.object({
    genesis_validators_root: hash,
    genesis_time: z.string().regex(/^[0-9]{1,15}$/),
  }),
});
const headerSchema = z.object({ data: z.object({ root: hash }) });
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
  const madeSec = computeBlockTimeSec(finalizedHeader, config);
  const stated = madeSec === undefined ? {} : { checkpointTimestampSec: Number(madeSec) };
  return {
    lightClient: { kind: 'ethereum', ...config, ...stated },
    compare: describe(finalizedHeader, { checkpointRoot, isKnown }),
    periodSec: computeWeakSubjectivitySec(config, BigInt(Math.floor(Date.now() / 1000))),
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
    `execution block ${execution.blockHash}`,
    '  compare with  an execution node: eth_getBlockByHash',
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
  const said = readShape('ethereum', genesisSchema, genesis, 'genesis').data;
  const known = [MAINNET, SEPOLIA, HOODI].find(
    (network) => network.genesisValidatorsRoot === said.genesis_validators_root,
  );
  if (known !== undefined) return { network: known, isKnown: true };
  const network = readNetwork(said, await get('config/spec'));
  return { network, isKnown: false };
}

/** A network that this release does not know, as its node describes it. */
function readNetwork(
  genesis: z.output<typeof genesisSchema>['data'],
  json: unknown,
): EthereumNetwork {
  const spec = readShape('ethereum', specSchema, json, 'config/spec').data;
  const forks = FORK_NAMES.flatMap((name) => {
    const prefix = `${name.toUpperCase()}_FORK`;
    const [version, epoch] = [spec[`${prefix}_VERSION`], Number(spec[`${prefix}_EPOCH`])];
    // A fork without a date has the largest epoch that there is.
    return Number.isSafeInteger(epoch) ? [{ name, version: version as Hex, epoch }] : [];
  });
  const preset = spec['PRESET_BASE'] as EthereumNetwork['preset'];
  // Slots of another length would put every fork at a wrong time; without the genesis the latest rules count.
  const isTimed =
    preset === 'mainnet' && secondsPerSlotOf(spec) === presetOf({ preset }).SECONDS_PER_SLOT;
  const timed = isTimed ? { genesisTimeSec: Number(genesis.genesis_time) } : {};
  return { preset, genesisValidatorsRoot: genesis.genesis_validators_root, ...timed, forks };
}

/** SPEC: `SLOT_DURATION_MS`, which has replaced `SECONDS_PER_SLOT`. */
function secondsPerSlotOf(spec: Readonly<Record<string, unknown>>): number {
  const { SLOT_DURATION_MS: durationMs, SECONDS_PER_SLOT: seconds } = spec;
  return durationMs === undefined ? Number(seconds) : Number(durationMs) / 1000;
}
