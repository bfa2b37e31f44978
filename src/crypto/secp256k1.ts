import { secp256k1 } from '@noble/curves/secp256k1.js';
import { concatBytes, type Hex, toHex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import { keccak256 } from './hashes.ts';

// ECDSA as Ethereum's `ecrecover` takes it. SPEC: SEC 1 §4.1; RFC 6979 nonces; low s as in EIP-2.

/** Bytes of a signature: r ‖ s ‖ v. */
export const SIGNATURE_BYTES = 65;

/** What `ecrecover` adds to the recovery bit. */
const V_OFFSET = 27;

/**
 * Signs a digest, deterministically: the same key and digest give the same bytes.
 *
 * @param privateKey 32 bytes
 * @param digest     32 bytes, already a hash
 * @returns 65 bytes: r ‖ s ‖ v, s in the lower half, v 27 or 28
 */
export function signDigest(privateKey: Uint8Array, digest: Uint8Array): Uint8Array {
  const signed = secp256k1.sign(digest, privateKey, {
    prehash: false,
    lowS: true,
    format: 'recovered',
  });
  return concatBytes(signed.subarray(1), Uint8Array.of(V_OFFSET + (signed[0] ?? 0)));
}

/**
 * The address whose key signed `digest`.
 *
 * @param digest    32 bytes
 * @param signature r ‖ s ‖ v (untrusted); high s is refused, as the contracts refuse it
 * @throws {SignatureMalformedError} the bytes are no signature of any key
 */
export function recoverAddress(digest: Uint8Array, signature: Uint8Array): Hex {
  const v = signature[SIGNATURE_BYTES - 1];
  if (signature.length !== SIGNATURE_BYTES || (v !== V_OFFSET && v !== V_OFFSET + 1)) {
    throw new SignatureMalformedError(signature);
  }
  try {
    return recover(digest, signature.subarray(0, SIGNATURE_BYTES - 1), v - V_OFFSET);
  } catch (cause) {
    throw new SignatureMalformedError(signature, { cause });
  }
}

/**
 * The address of a key.
 *
 * @param key 32 bytes: a private key; 33 or 65 bytes: a public key
 * @throws if the bytes are neither
 */
export function addressOf(key: Uint8Array): Hex {
  const publicKey = key.length === 32 ? secp256k1.getPublicKey(key, false) : key;
  return addressOfPoint(secp256k1.Point.fromBytes(publicKey).toBytes(false));
}

function recover(digest: Uint8Array, compact: Uint8Array, recoveryBit: number): Hex {
  const parsed = secp256k1.Signature.fromBytes(compact, 'compact');
  if (parsed.hasHighS()) throw new RangeError('s is in the upper half');
  return addressOfPoint(parsed.addRecoveryBit(recoveryBit).recoverPublicKey(digest).toBytes(false));
}

/** The last 20 bytes of the hash of x ‖ y. */
function addressOfPoint(uncompressed: Uint8Array): Hex {
  return toHex(keccak256(uncompressed.subarray(1)).subarray(12));
}

export class SignatureMalformedError extends BridgeError<{ signature: Hex }> {
  readonly code = 'SIGNATURE_MALFORMED';
  readonly disposition = 'reject';
  constructor(signature: Uint8Array, options?: { cause?: unknown }) {
    super(
      `Expected ${SIGNATURE_BYTES} bytes r ‖ s ‖ v with low s and v 27 or 28, got ${signature.length} bytes that are not one; ask the signer again.`,
      { signature: toHex(signature.subarray(0, SIGNATURE_BYTES)) },
      options,
    );
  }
}
