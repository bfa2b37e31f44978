import { bytes32Word, uintWord } from '../codec/abi.ts';
import { importEd25519Key, verifyEd25519 } from '../crypto/ed25519.ts';
import { keccak256 } from '../crypto/hashes.ts';
import { recoverAddress, SignatureMalformedError } from '../crypto/secp256k1.ts';
import { verifySr25519 } from '../crypto/sr25519.ts';
import { concatBytes, fromHex, type Hex, utf8 } from '../shared/bytes.ts';
import { type AccountOwner, accountId, type SignatureScheme } from './account.ts';
import { hashArray, hashStruct, type SigningDomain, typedDataDigest } from './eip712.ts';
import { type Leg, MAX_LEGS, type PostedOrder } from './order.ts';

// SPEC: docs/protocol.md §11. The domain is the ledger's id: the anchor chain and the anchor on it.
const LEG_TYPE = 'Leg(string mode,uint64 chainId,bytes32 recipient,uint128 amount,uint8 crowd)';
const ORDER_TYPE =
  'Order(bytes32 account,uint64 nonce,bytes32 asset,Leg[] legs,uint64 notBefore,uint64 patience,string afterPatience,uint64 expiry,uint128 maxFee,bytes32 posterAccount,bytes32 tagSecret,bytes memo)' +
  LEG_TYPE;

const BYTES_PREFIX = utf8('<Bytes>');
const BYTES_SUFFIX = utf8('</Bytes>');
/** Fills the places of unused legs, for their work only. */
const NO_LEG: Leg = {
  mode: 'transfer',
  chainId: 0n,
  recipient: `0x${'00'.repeat(32)}`,
  amount: 0n,
  crowd: 1,
};

/**
 * What the owner of an account signs, by EIP-712, 32 bytes.
 *
 * @param ledger the anchor chain, and the anchor as the verifying contract
 */
export function orderDigest(ledger: SigningDomain, order: PostedOrder): Uint8Array {
  const hash = hashStruct(
    ORDER_TYPE,
    bytes32Word(accountId(order.owner)),
    uintWord(order.nonce),
    bytes32Word(order.asset),
    hashLegs(order.legs),
    uintWord(order.notBefore),
    uintWord(order.patience),
    hashText(order.afterPatience),
    uintWord(order.expiry),
    uintWord(order.maxFee),
    bytes32Word(order.posterAccount),
    order.tagSecret,
    keccak256(order.memo),
  );
  return typedDataDigest(ledger, hash);
}

/**
 * The very bytes that a key of this scheme signs for a digest: 32 of the digest itself, and for sr25519 what wallets put around them.
 * Of secp256k1 the digest is the hash that is signed.
 */
export function signedBytes(scheme: SignatureScheme, digest: Uint8Array): Uint8Array {
  return scheme === 'sr25519' ? concatBytes(BYTES_PREFIX, digest, BYTES_SUFFIX) : digest;
}

/**
 * True if the owner's key has signed the digest. Bytes that are no signature are false, not an error.
 *
 * @param digest    32 bytes, of {@link orderDigest} or of a permit
 * @param signature 65 bytes r ‖ s ‖ v for secp256k1, else 64 (untrusted)
 */
export function verifyOwnerSignature(
  { scheme, publicKey }: AccountOwner,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const key = fromHex(publicKey, 32);
  const message = signedBytes(scheme, digest);
  switch (scheme) {
    case 'secp256k1':
      return isSignedByAddress(publicKey, message, signature);
    case 'ed25519':
      return verifyEd25519(importEd25519Key(key), message, signature);
    case 'sr25519':
      return verifySr25519(key, message, signature);
  }
}

function isSignedByAddress(owner: Hex, digest: Uint8Array, signature: Uint8Array): boolean {
  try {
    return owner === `0x${'00'.repeat(12)}${recoverAddress(digest, signature).slice(2)}`;
  } catch (error) {
    if (error instanceof SignatureMalformedError) return false;
    throw error;
  }
}

/** The hash of the array of legs, at the work of six whatever their number. */
function hashLegs(legs: readonly Leg[]): Uint8Array {
  const places = Array.from({ length: MAX_LEGS }, (_, i) => hashLeg(legs[i] ?? NO_LEG));
  // Up to four hashes are one block of Keccak, more are two: with what is hashed for nothing it is always three.
  hashArray(places.slice(0, legs.length <= 4 ? MAX_LEGS : 4));
  return hashArray(places.slice(0, legs.length));
}

function hashLeg({ mode, chainId, recipient, amount, crowd }: Leg): Uint8Array {
  return hashStruct(
    LEG_TYPE,
    hashText(mode),
    uintWord(chainId),
    bytes32Word(recipient),
    uintWord(amount),
    uintWord(BigInt(crowd)),
  );
}

/** A handful of words, hashed once each. */
const textHashes = new Map<string, Uint8Array>();

function hashText(text: string): Uint8Array {
  const hash = textHashes.get(text) ?? keccak256(utf8(text));
  textHashes.set(text, hash);
  return hash;
}
