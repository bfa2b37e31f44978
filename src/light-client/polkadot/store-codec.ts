import {
  createScaleCursor,
  encodeU32,
  encodeU64,
  encodeVector,
  expectEnd,
  readBytes,
  readU8,
  readU32,
  readU64,
  readVector,
  type ScaleCursor,
} from '../../codec/scale.ts';
import { concatBytes, fromHex, toHex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import { type Authority, createAuthoritySet } from './authority-set.ts';
import { MAX_AUTHORITIES } from './limits.ts';
import type { PolkadotStore } from './store.ts';

/** The only layout of the sealed bytes so far. */
const STORE_VERSION = 1;

/**
 * The store as bytes to be sealed, one encoding per store:
 * version u8 ‖ number u32 ‖ hash 32 ‖ stateRoot 32 ‖ setId u64 ‖ Vec<(id 32, weight u64)>, in SCALE.
 */
export function encodePolkadotStore({ finalized, authoritySet }: PolkadotStore): Uint8Array {
  const voters = authoritySet.authorities.map(({ id, weight }) =>
    concatBytes(fromHex(id, 32), encodeU64(weight)),
  );
  return concatBytes(
    Uint8Array.of(STORE_VERSION),
    encodeU32(finalized.number),
    fromHex(finalized.hash, 32),
    fromHex(finalized.stateRoot, 32),
    encodeU64(authoritySet.setId),
    encodeVector(voters),
  );
}

/**
 * The inverse of `encodePolkadotStore`.
 *
 * @param bytes unsealed by the caller, hence its own; checked again all the same
 * @throws {ScaleError} not the encoding of any store
 * @throws {AuthoritySetError} voters that cannot be a set
 * @throws {PolkadotStoreVersionError} written in another layout
 */
export function decodePolkadotStore(bytes: Uint8Array): PolkadotStore {
  const cursor = createScaleCursor(bytes);
  const version = readU8(cursor);
  if (version !== STORE_VERSION) throw new PolkadotStoreVersionError(version);
  const number = readU32(cursor);
  const hash = toHex(readBytes(cursor, 32));
  const stateRoot = toHex(readBytes(cursor, 32));
  const setId = readU64(cursor);
  const authorities = readVector(cursor, MAX_AUTHORITIES, readAuthority);
  expectEnd(cursor);
  return {
    finalized: { number, hash, stateRoot },
    authoritySet: createAuthoritySet(setId, authorities),
  };
}

function readAuthority(cursor: ScaleCursor): Authority {
  return { id: toHex(readBytes(cursor, 32)), weight: readU64(cursor) };
}

export class PolkadotStoreVersionError extends BridgeError<{ version: number }> {
  readonly code = 'POLKADOT_STORE_VERSION_UNKNOWN';
  readonly disposition = 'halt';
  constructor(version: number) {
    super(
      `Sealed Polkadot store refused: expected layout ${STORE_VERSION}, got ${version}; start from the checkpoint.`,
      { version },
    );
  }
}
