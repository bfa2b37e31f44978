import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { AEAD_NONCE_BYTES, openAead, sealAead } from '../../crypto/aead.ts';
import { hkdfSha256 } from '../../crypto/hkdf.ts';
import { concatBytes, equalBytes, fromHex, type Hex, toHex, utf8 } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';

/** Records that only an enclave of the same measurement on the same device can read. */
export interface SealedStore {
  /** @returns undefined if there is no such record. @throws {SealedStoreError} it was not sealed here */
  load(name: string): Uint8Array | undefined;
  /** Written through beside the old record, then renamed over it. */
  save(name: string, record: Uint8Array): void;
  /** No error if it is not there. */
  remove(name: string): void;
  /** Names of all records, in no order. */
  list(): readonly string[];
}

/** How the file of a record ends. */
export const SEALED_SUFFIX = '.sealed';
/** "VSPN", then the version of this layout. */
const MAGIC = Uint8Array.of(0x56, 0x53, 0x50, 0x4e, 1);
const MEASUREMENT_BYTES = 32;
const HEAD_BYTES = MAGIC.length + MEASUREMENT_BYTES;

/**
 * Opens the sealed storage of a folder: `magic 5 ‖ measurement 32 ‖ nonce 24 ‖ ciphertext` per record, under a key of
 * the device's secret and the measurement; name and measurement are bound.
 *
 * The device's secret is the file `device.seed`, made here if the folder has no record yet: it stands in for the key
 * that a real TEE has fused in. SECURITY: a copied or rolled-back folder opens. That is allowed for: an enclave with
 * old state can only repeat history (see docs/threat-model.md).
 *
 * @throws {SealedStoreError} records without the seed they were sealed under
 */
export function openSealedStore(folder: string, measurement: Hex, rng: Rng): SealedStore {
  const pathOf = (name: string) => join(folder, name + SEALED_SUFFIX);
  const list = () =>
    readdirSync(folder)
      .filter((file) => file.endsWith(SEALED_SUFFIX))
      .map((file) => file.slice(0, -SEALED_SUFFIX.length));
  const seed = loadDeviceSeed(folder, list().length === 0, rng);
  const key = hkdfSha256(seed, utf8('veilspan/seal/v1'), fromHex(measurement, MEASUREMENT_BYTES));
  const head = concatBytes(MAGIC, fromHex(measurement));
  const requireOwn = claimFolder(folder, rng);
  return {
    list,
    load(name) {
      if (!existsSync(pathOf(name))) return undefined;
      return openRecord(readFileSync(pathOf(name)), { name, head, key });
    },
    save(name, record) {
      requireOwn(name);
      const nonce = rng.bytes(AEAD_NONCE_BYTES);
      const sealed = sealAead(key, record, { nonce, context: contextOf(head, name) });
      writeDurably(folder, name + SEALED_SUFFIX, concatBytes(head, sealed));
    },
    remove: (name) => rmSync(pathOf(name), { force: true }),
  };
}

/**
 * Makes this process the folder's only writer: a process whose host was killed may still be at its last command when
 * the next one starts, and must not write over what that one has sealed.
 */
function claimFolder(folder: string, rng: Rng): (name: string) => void {
  const path = join(folder, 'owner');
  const token = toHex(rng.bytes(16));
  writeFileSync(path, token);
  return (name) => {
    const owner = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (owner !== token) throw new SealedStoreError('ENCLAVE_SEAL_TAKEN', name);
  };
}

interface SealContext {
  readonly name: string;
  readonly head: Uint8Array;
  readonly key: Uint8Array;
}

function openRecord(file: Uint8Array, { name, head, key }: SealContext): Uint8Array {
  const madeBy = file.subarray(MAGIC.length, HEAD_BYTES);
  const isOurs = equalBytes(file.subarray(0, MAGIC.length), MAGIC) && madeBy.length === 32;
  const ownMeasurement = toHex(head.subarray(MAGIC.length));
  if (isOurs && toHex(madeBy) !== ownMeasurement) {
    throw new SealedStoreError('ENCLAVE_SEAL_FOREIGN', name, {
      expected: ownMeasurement,
      got: toHex(madeBy),
    });
  }
  const record = isOurs
    ? openAead(key, file.subarray(HEAD_BYTES), contextOf(head, name))
    : undefined;
  if (record === undefined) throw new SealedStoreError('ENCLAVE_SEAL_BROKEN', name);
  return record;
}

function contextOf(head: Uint8Array, name: string): Uint8Array {
  return concatBytes(head, utf8(name));
}

function loadDeviceSeed(folder: string, isFresh: boolean, rng: Rng): Uint8Array {
  const path = join(folder, 'device.seed');
  if (existsSync(path)) {
    const seed = readFileSync(path);
    if (seed.length !== 32) throw new SealedStoreError('ENCLAVE_SEAL_BROKEN', 'device.seed');
    return seed;
  }
  if (!isFresh) throw new SealedStoreError('ENCLAVE_SEAL_BROKEN', 'device.seed');
  const seed = rng.bytes(32);
  writeDurably(folder, 'device.seed', seed);
  return seed;
}

/** Synchronous writes: `fsync` is not to be had under node's permission model. */
const WRITE_SYNC = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_SYNC;

/**
 * Whole or not at all, over `kill -9` and loss of power. After a loss of power the rename itself may be missing: then
 * the folder is a command older, which is a rollback like any other.
 */
function writeDurably(folder: string, name: string, bytes: Uint8Array): void {
  const path = join(folder, name);
  const beside = `${path}.new`;
  const file = openSync(beside, WRITE_SYNC, 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
}

export type SealedStoreErrorCode =
  | 'ENCLAVE_SEAL_FOREIGN'
  | 'ENCLAVE_SEAL_BROKEN'
  | 'ENCLAVE_SEAL_TAKEN';

const WHAT: Record<SealedStoreErrorCode, string> = {
  ENCLAVE_SEAL_FOREIGN:
    'it was sealed by other code or another configuration; start that enclave, or give this one a folder of its own',
  ENCLAVE_SEAL_BROKEN:
    'it is damaged or was sealed on another device; restore the whole folder from a copy, or start with an empty one',
  ENCLAVE_SEAL_TAKEN: 'another process has taken the folder over; talk to that one',
};

/** A sealed record that this enclave must not use; it never starts over what it cannot read. */
export class SealedStoreError extends BridgeError<{
  record: string;
  expected?: Hex;
  got?: Hex;
}> {
  readonly code: SealedStoreErrorCode;
  readonly disposition = 'halt';
  constructor(
    code: SealedStoreErrorCode,
    record: string,
    measurements: { expected: Hex; got: Hex } | undefined = undefined,
  ) {
    const seen =
      measurements === undefined
        ? ''
        : ` (expected measurement ${measurements.expected}, got ${measurements.got})`;
    super(`Sealed record "${record}" refused${seen}: ${WHAT[code]}.`, { record, ...measurements });
    this.code = code;
  }
}
