import { bls12_381 } from '@noble/curves/bls12-381.js';

// BLS12-381 in JavaScript, for browsers. DIFF FROM src/crypto/node/bls.ts: a key outside the subgroup is refused, which
// the beacon chain admits none of.

const { G1, longSignatures } = bls12_381;
const CIPHERSUITE = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_';

/** A public key: a point of the subgroup. */
export type BlsKeyPoint = ReturnType<typeof G1.Point.fromBytes>;
/** A signature, of the subgroup and not infinity. */
export type BlsSignaturePoint = ReturnType<typeof longSignatures.Signature.fromBytes>;

/** @throws {Error} 48 bytes that encode no point of the subgroup */
export function decodeKeyPoint(bytes: Uint8Array): BlsKeyPoint {
  return G1.Point.fromBytes(bytes);
}

/** @throws {Error} 96 bytes that encode no point of the subgroup, or infinity */
export function decodeSignaturePoint(bytes: Uint8Array): BlsSignaturePoint {
  const signature = longSignatures.Signature.fromBytes(bytes);
  if (signature.is0()) throw new Error('the point at infinity');
  return signature;
}

/** SPEC: draft-irtf-cfrg-bls-signature-05 `FastAggregateVerify`, proof of possession; false without keys. */
export function verifyAggregate(
  keys: readonly BlsKeyPoint[],
  message: Uint8Array,
  signature: BlsSignaturePoint,
): boolean {
  const sum = keys.reduce((total, key) => total.add(key), G1.Point.ZERO);
  // The sum of no keys, or of keys that cancel out, under which everything would hold.
  if (sum.is0()) return false;
  return longSignatures.verify(signature, longSignatures.hash(message, CIPHERSUITE), sum);
}
