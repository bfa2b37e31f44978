import * as sr25519 from '@scure/sr25519';
import {
  ed25519PairFromSeed,
  ed25519Sign,
  encodeAddress,
  keyExtractPath,
  keyFromPath,
  sr25519PairFromSeed,
} from '../../dist/polkadot/util-crypto.mjs';
import { blake2b256 } from '../../src/crypto/hashes.ts';
import { concatBytes, fromHex, type Hex, toHex, utf8 } from '../../src/shared/bytes.ts';

/** A key of the well-known development phrase: public, deterministic, worthless. */
export type DevKey = {
  /** The derivation path, `//Alice`. */
  readonly uri: string;
  readonly publicKey: Hex;
  readonly address: string;
  sign(message: Uint8Array): Uint8Array;
};

/** The seed of Substrate's well-known development phrase (`bottom drive obey lake …`). */
const DEV_SEED = fromHex('0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e');

/** The names that development chains use for their authorities. */
export const DEV_URIS = [
  '//Alice',
  '//Bob',
  '//Charlie',
  '//Dave',
  '//Eve',
  '//Ferdie',
  '//One',
  '//Two',
] as const;

/** The GRANDPA key (ed25519) of a derivation path. */
export function deriveGrandpaKey(uri: string): DevKey {
  const pair = keyFromPath(ed25519PairFromSeed(DEV_SEED), keyExtractPath(uri).path, 'ed25519');
  return {
    uri,
    publicKey: toHex(pair.publicKey),
    address: encodeAddress(pair.publicKey),
    sign: (message) => ed25519Sign(message, pair),
  };
}

/** The Aura or account key (sr25519) of a derivation path. Its signatures are deterministic. */
export function deriveAccountKey(uri: string): DevKey {
  const pair = keyFromPath(sr25519PairFromSeed(DEV_SEED), keyExtractPath(uri).path, 'sr25519');
  return {
    uri,
    publicKey: toHex(pair.publicKey),
    address: encodeAddress(pair.publicKey),
    sign: (message) =>
      sr25519.sign(pair.secretKey, message, () => nonceSeed(pair.secretKey, message)),
  };
}

/** In place of fresh randomness, so that equal inputs give equal blocks. */
function nonceSeed(secretKey: Uint8Array, message: Uint8Array): Uint8Array {
  return blake2b256(concatBytes(utf8('veilspan/devnet/sr25519'), secretKey, message));
}
