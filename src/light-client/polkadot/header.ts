import {
  createScaleCursor,
  expectEnd,
  readBytes,
  readByteVector,
  readCompact,
  readU8,
  readVector,
  type ScaleCursor,
} from '../../codec/scale.ts';
import { blake2b256 } from '../../crypto/hashes.ts';
import { type Hex, toHex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import { MAX_DIGEST_ITEMS, MAX_HEADER_BYTES } from './limits.ts';

// SPEC: docs/light-client-rules.md C.2 "SCALE layout"; spec.polkadot.network chap-state, "Block Header".

/** One log of a header's digest. The byte strings are views of the header. */
export type DigestItem =
  | { readonly kind: 'other'; readonly payload: Uint8Array }
  | {
      readonly kind: 'consensus' | 'seal' | 'preRuntime';
      /** 4 bytes naming the consensus engine. */
      readonly engine: Uint8Array;
      readonly payload: Uint8Array;
    }
  | { readonly kind: 'runtimeEnvironmentUpdated' };

/** A block header. The byte strings are views of `encoded`. */
export interface Header {
  /** The whole SCALE encoding, from which the hash is computed. */
  readonly encoded: Uint8Array;
  /** 32 bytes. */
  readonly parentHash: Uint8Array;
  /** u32. */
  readonly number: number;
  /** 32 bytes. */
  readonly stateRoot: Uint8Array;
  /** 32 bytes. */
  readonly extrinsicsRoot: Uint8Array;
  readonly digest: readonly DigestItem[];
}

/**
 * Decodes one SCALE header that fills `bytes` exactly.
 *
 * @throws {ScaleError} truncated, trailing bytes, a compact that is not canonical, too many digest items
 * @throws {HeaderError} HEADER_TOO_LONG, HEADER_DIGEST_UNKNOWN
 */
export function decodeHeader(bytes: Uint8Array): Header {
  if (bytes.length > MAX_HEADER_BYTES) throw new HeaderError('HEADER_TOO_LONG', bytes.length);
  const cursor = createScaleCursor(bytes);
  const header = readHeader(cursor);
  expectEnd(cursor);
  return header;
}

/** Reads one header from the cursor. @throws as `decodeHeader`, except for trailing bytes and the length */
export function readHeader(cursor: ScaleCursor): Header {
  const start = cursor.offset;
  const parentHash = readBytes(cursor, 32);
  const number = readCompact(cursor);
  const stateRoot = readBytes(cursor, 32);
  const extrinsicsRoot = readBytes(cursor, 32);
  const digest = readVector(cursor, MAX_DIGEST_ITEMS, readDigestItem);
  const encoded = cursor.bytes.subarray(start, cursor.offset);
  return { encoded, parentHash, number, stateRoot, extrinsicsRoot, digest };
}

/** The block's hash: BLAKE2b-256 of the header's encoding. */
export function headerHash(header: Header): Hex {
  return toHex(blake2b256(header.encoded));
}

const ENGINE_ITEMS = new Map([
  [4, 'consensus'],
  [5, 'seal'],
  [6, 'preRuntime'],
] as const);

function readDigestItem(cursor: ScaleCursor): DigestItem {
  const variant = readU8(cursor);
  if (variant === 0) return { kind: 'other', payload: readByteVector(cursor) };
  if (variant === 8) return { kind: 'runtimeEnvironmentUpdated' };
  const kind = ENGINE_ITEMS.get(variant as 4);
  if (kind === undefined) throw new HeaderError('HEADER_DIGEST_UNKNOWN', variant);
  return { kind, engine: readBytes(cursor, 4), payload: readByteVector(cursor) };
}

export type HeaderErrorCode = 'HEADER_TOO_LONG' | 'HEADER_DIGEST_UNKNOWN';

const EXPECTED: Record<HeaderErrorCode, string> = {
  HEADER_TOO_LONG: `at most ${MAX_HEADER_BYTES} bytes`,
  HEADER_DIGEST_UNKNOWN: 'digest items of kind 0, 4, 5, 6 or 8',
};

/** Well-formed SCALE that is no header of a Substrate chain. */
export class HeaderError extends BridgeError<{ got: number }> {
  readonly code: HeaderErrorCode;
  readonly disposition = 'reject';
  constructor(code: HeaderErrorCode, got: number) {
    super(`Header refused: expected ${EXPECTED[code]}, got ${got}; ask another node.`, { got });
    this.code = code;
  }
}
