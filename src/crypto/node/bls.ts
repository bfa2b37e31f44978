import {
  fastAggregateVerify as blstFastAggregateVerify,
  PublicKey,
  Signature,
} from '@chainsafe/blst';

// BLS12-381 by blst, about 30 times as fast as JavaScript.

/** A public key inside blst: on the curve, its subgroup not checked. */
export type BlsKeyPoint = PublicKey;
/** A signature inside blst, of the subgroup and not infinity. */
export type BlsSignaturePoint = Signature;

/** @throws {Error} 48 bytes that encode no point of the curve */
export function decodeKeyPoint(bytes: Uint8Array): BlsKeyPoint {
  return PublicKey.fromBytes(bytes);
}

/** @throws {Error} 96 bytes that encode no point of the subgroup, or infinity */
export function decodeSignaturePoint(bytes: Uint8Array): BlsSignaturePoint {
  return Signature.fromBytes(bytes, true);
}

/** SPEC: draft-irtf-cfrg-bls-signature-05 `FastAggregateVerify`, proof of possession; false without keys. */
export function verifyAggregate(
  keys: readonly BlsKeyPoint[],
  message: Uint8Array,
  signature: BlsSignaturePoint,
): boolean {
  return blstFastAggregateVerify(message, [...keys], signature);
}
