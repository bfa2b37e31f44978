import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, equalBytes } from '../../shared/bytes.ts';

// The rule of Node 26, so that a browser and an enclave never differ over a signature: encode(S·B − k·A) is byte for byte
// R, S is below the order, A is decoded without a look at whether it is reduced, and neither A nor R is of small order.
// What @noble/curves offers itself is another rule: it multiplies by the cofactor.

const { Point } = ed25519;
type Point = InstanceType<typeof Point>;

/** A public key and the point that it encodes, if it encodes one. */
export interface ImportedEd25519Key {
  readonly encoded: Uint8Array;
  readonly point: Point | undefined;
}

/** @param key 32 bytes, a point or not: nothing verifies under what is none */
export function importKey(key: Uint8Array): ImportedEd25519Key {
  const encoded = Uint8Array.from(key);
  try {
    return { encoded, point: Point.fromBytes(encoded, true) };
  } catch {
    // That these bytes are no point is the answer, and it is kept.
    return { encoded, point: undefined };
  }
}

/** True if `signature` over `message` is the key's: the cofactorless equation, and neither A nor R of small order. */
export function verifySignature(
  { encoded, point }: ImportedEd25519Key,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (point === undefined || signature.length !== 64) return false;
  const r = signature.subarray(0, 32);
  const s = fromLittleEndian(signature.subarray(32));
  if (s >= Point.Fn.ORDER) return false;
  const k = fromLittleEndian(sha512(concatBytes(r, encoded, message))) % Point.Fn.ORDER;
  const expected = Point.BASE.multiplyUnsafe(s).subtract(point.multiplyUnsafe(k));
  return equalBytes(expected.toBytes(), r) && !expected.isSmallOrder() && !point.isSmallOrder();
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
