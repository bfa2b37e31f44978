import { readdirSync } from 'node:fs';
import { uncompress } from 'snappyjs';
import { parse } from 'yaml';
import {
  type EthereumConfig,
  ethereumConfigSchema,
} from '../../src/light-client/ethereum/config.ts';
import { parseBootstrap } from '../../src/light-client/ethereum/parse-bootstrap.ts';
import { parseUpdate } from '../../src/light-client/ethereum/parse-update.ts';
import type {
  LightClientBootstrap,
  LightClientUpdate,
} from '../../src/light-client/ethereum/types.ts';
import type { Json } from './ethereum-vectors.ts';
import { readVector, vectorsFolder } from './vectors.ts';

// The official `light_client/sync` cases. Their SSZ is decoded by @lodestar/types, whose preset is one for
// the whole process: a test file that imports this one has the minimal preset.
process.env['LODESTAR_PRESET'] = 'minimal';
const { ssz } = await import('@lodestar/types');

const FOLDER = 'ethereum/spec-minimal';
const FORKS = ['altair', 'bellatrix', 'capella', 'deneb', 'electra'] as const;

/** One step of a case: an update to process, or a forced update. */
export interface SpecStep {
  readonly kind: 'process_update' | 'force_update';
  readonly update: LightClientUpdate | undefined;
  readonly currentSlot: number;
  /** Slot and beacon block root of the finalized header that the specification's store has afterwards. */
  readonly finalized: { readonly slot: number; readonly beaconRoot: string };
}

/** A case with its own configuration. */
export interface SpecCase {
  readonly config: EthereumConfig;
  readonly bootstrap: LightClientBootstrap;
  readonly steps: readonly SpecStep[];
}

/** The cases as `fork/name`. */
export function listSpecCases(): string[] {
  return (['deneb', 'electra'] as const).flatMap((fork) =>
    readdirSync(`${vectorsFolder}/${FOLDER}/${fork}`).map((name) => `${fork}/${name}`),
  );
}

/** Loads a case; its containers go through our JSON parsers. */
export function loadSpecCase(path: string): SpecCase {
  const types = path.startsWith('deneb') ? ssz.deneb : ssz.electra;
  const config = loadConfig(path);
  const bootstrap = types.LightClientBootstrap.deserialize(readSszSnappy(`${path}/bootstrap`));
  const steps: Json[] = readYaml(`${path}/steps`);
  return {
    config,
    bootstrap: parseBootstrap(types.LightClientBootstrap.toJson(bootstrap), config),
    steps: steps.map((step) => {
      const [kind] = Object.keys(step) as [SpecStep['kind']];
      const { update, current_slot: currentSlot, checks } = step[kind];
      const { slot, beacon_root: beaconRoot } = checks.finalized_header;
      return {
        kind,
        update: update && loadUpdate(update),
        currentSlot,
        finalized: { slot, beaconRoot },
      };
    }),
  };

  function loadUpdate(name: string): LightClientUpdate {
    const update = types.LightClientUpdate.deserialize(readSszSnappy(`${path}/${name}`));
    return parseUpdate(types.LightClientUpdate.toJson(update), config);
  }
}

function loadConfig(path: string): EthereumConfig {
  const meta = readYaml(`${path}/meta`);
  // Fork versions are hex numbers in this file; the schema "failsafe" leaves them as they are written.
  const file = parse(readVector(`${FOLDER}/${path}/config.yaml`).toString('utf8'), {
    schema: 'failsafe',
  });
  return ethereumConfigSchema.parse({
    preset: file.PRESET_BASE,
    genesisValidatorsRoot: meta.genesis_validators_root,
    forks: FORKS.filter((name) => `${name.toUpperCase()}_FORK_VERSION` in file).map((name) => ({
      name,
      version: file[`${name.toUpperCase()}_FORK_VERSION`],
      epoch: Number(file[`${name.toUpperCase()}_FORK_EPOCH`]),
    })),
    checkpointRoot: meta.trusted_block_root,
  });
}

function readYaml(path: string): Json {
  return parse(readVector(`${FOLDER}/${path}.yaml`).toString('utf8'));
}

function readSszSnappy(path: string): Uint8Array {
  return uncompress(new Uint8Array(readVector(`${FOLDER}/${path}.ssz_snappy`)));
}
