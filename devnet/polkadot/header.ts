import { blake2b256 } from '../../src/crypto/hashes.ts';
import { concatBytes, type Hex, toHex } from '../../src/shared/bytes.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import { decodeCompact, encodeBytes, encodeCompact, littleEndian } from './compact.ts';
import { bytesOf } from './hex.ts';

export type Header = {
  readonly parentHash: Hex;
  readonly number: number;
  readonly stateRoot: Hex;
  readonly extrinsicsRoot: Hex;
  /** SCALE-encoded digest items. */
  readonly logs: readonly Hex[];
};

/** `aura` */
const AURA = Uint8Array.of(0x61, 0x75, 0x72, 0x61);
const ITEM_SEAL = 5;
const ITEM_PRE_RUNTIME = 6;

export const ZERO_HASH: Hex = `0x${'00'.repeat(32)}`;

/** The header's SCALE bytes; its hash is the block's. */
export function encodeHeader(header: Header): Uint8Array {
  return concatBytes(
    bytesOf(header.parentHash),
    encodeCompact(header.number),
    bytesOf(header.stateRoot),
    bytesOf(header.extrinsicsRoot),
    encodeCompact(header.logs.length),
    ...header.logs.map(bytesOf),
  );
}

/** Reads a header that the runtime made. */
export function decodeHeader(bytes: Uint8Array): Header {
  const [number, numberLength] = decodeCompact(bytes, 32);
  let at = 32 + numberLength;
  const hashAt = (offset: number) => toHex(bytes.subarray(offset, offset + 32));
  const [stateRoot, extrinsicsRoot] = [hashAt(at), hashAt(at + 32)];
  const [count, countLength] = decodeCompact(bytes, at + 64);
  at += 64 + countLength;
  const logs: Hex[] = [];
  for (let i = 0; i < count; i++) {
    const length = digestItemLength(bytes, at);
    logs.push(toHex(bytes.subarray(at, at + length)));
    at += length;
  }
  return { parentHash: hashAt(0), number, stateRoot, extrinsicsRoot, logs };
}

/** Items 4, 5 and 6 carry an engine id and bytes, 0 bytes alone, 8 nothing. */
function digestItemLength(bytes: Uint8Array, at: number): number {
  const kind = bytes[at] ?? -1;
  if (kind === 8) return 1;
  if (kind !== 0 && (kind < 4 || kind > 6)) throw new DigestItemError(kind);
  const before = kind === 0 ? 1 : 5;
  const [length, lengthBytes] = decodeCompact(bytes, at + before);
  return before + lengthBytes + length;
}

/** BLAKE2b-256 of the SCALE header. */
export function computeHeaderHash(header: Header): Hex {
  return toHex(blake2b256(encodeHeader(header)));
}

/** The digest item with which an Aura author claims a slot. */
export function encodeAuraPreDigest(slot: number): Hex {
  return toHex(
    concatBytes(Uint8Array.of(ITEM_PRE_RUNTIME), AURA, encodeBytes(littleEndian(BigInt(slot), 8))),
  );
}

/** The slot that the header's author claimed; genesis has none. */
export function readAuraSlot(header: Header): number | undefined {
  const item = header.logs.map(bytesOf).find((log) => log[0] === ITEM_PRE_RUNTIME);
  if (item === undefined) return undefined;
  return Number(Buffer.from(item).readBigUInt64LE(6));
}

/** The digest item that seals a block: the author's signature over the hash before it. */
export function encodeAuraSeal(signature: Uint8Array): Hex {
  return toHex(concatBytes(Uint8Array.of(ITEM_SEAL), AURA, encodeBytes(signature)));
}

export class DigestItemError extends BridgeError<{ kind: number }> {
  readonly code = 'DEVNET_DIGEST_ITEM_UNKNOWN';
  readonly disposition = 'halt';
  constructor(kind: number) {
    super(`The runtime made a digest item of kind ${kind}, expected 0, 4, 5, 6 or 8.`, { kind });
  }
}
