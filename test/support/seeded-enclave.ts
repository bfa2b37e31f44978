import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { computeMeasurement } from '../../src/enclave/measured-config.ts';
import { systemRng } from '../../src/enclave/platform/rng.ts';
import { openSealedStore } from '../../src/enclave/platform/sealed-store.ts';
import { concatBytes } from '../../src/shared/bytes.ts';

/** What an emulated enclave is to begin with. */
export interface Seed {
  readonly measured: unknown;
  /** Where `enclave.mjs` and `blst.node` lie. */
  readonly codeFolder: string;
  /** 32 bytes: enclaves that share it have one ledger. */
  readonly masterSecret: Uint8Array;
}

/**
 * Makes a folder for an emulated enclave that has its master secret already and draws only its signing key. As long as no gatekeepers hand
 * secrets out, nothing else gives two enclaves one ledger; it takes what only a test has, the device's secret of the folder it makes.
 */
export function seedEnclave(folder: string, { measured, codeFolder, masterSecret }: Seed): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const measurement = computeMeasurement({
    bundle: readFileSync(join(codeFolder, 'enclave.mjs')),
    addon: readFileSync(join(codeFolder, 'blst.node')),
    config: measured,
  });
  const signingKey = systemRng.bytes(masterSecret.length);
  const store = openSealedStore(folder, measurement, systemRng);
  store.save('keys', concatBytes(masterSecret, signingKey));
}
