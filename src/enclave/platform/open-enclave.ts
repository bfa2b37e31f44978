import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEnclave, type Enclave } from '../answer.ts';
import { deriveEnclaveKeys } from '../keys/enclave-keys.ts';
import {
  computeMeasurement,
  MeasuredConfigError,
  parseMeasuredConfig,
} from '../measured-config.ts';
import type { EnclaveContext } from '../state.ts';
import { loadKeys, openState } from './persistence.ts';
import { systemRng } from './rng.ts';
import { openSealedStore } from './sealed-store.ts';

/** The measured configuration's file in the enclave's folder. */
export const CONFIG_FILE = 'enclave.json';

/**
 * Starts the enclave of a folder: with the state sealed there, or at the genesis of its configuration.
 *
 * @throws {MeasuredConfigError} no usable configuration
 * @throws {SealedStoreError} sealed by another enclave, or damaged
 */
export function openEnclave(paths: {
  readonly folder: string;
  /** Where `enclave.mjs` and `blst.node` lie. */
  readonly codeFolder: string;
}): Enclave {
  const json = readConfig(paths.folder);
  const config = parseMeasuredConfig(json);
  const measurement = computeMeasurement({
    bundle: readFileSync(join(paths.codeFolder, 'enclave.mjs')),
    addon: readFileSync(join(paths.codeFolder, 'blst.node')),
    config: json,
  });
  const store = openSealedStore(paths.folder, measurement, systemRng);
  const keys = deriveEnclaveKeys(loadKeys(store, systemRng), config.epoch);
  const context: EnclaveContext = { config, measurement, keys, rng: systemRng };
  const { state, persist } = openState(store, context);
  return createEnclave(context, state, persist);
}

function readConfig(folder: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, CONFIG_FILE), 'utf8'));
  } catch (cause) {
    const what = cause instanceof SyntaxError ? 'not JSON' : 'cannot be read';
    throw new MeasuredConfigError(CONFIG_FILE, what);
  }
}
