import { hmacSha256 } from '../crypto/hkdf.ts';
import { concatBytes, toBigEndian, toHex, utf8 } from '../shared/bytes.ts';

const SHUFFLE_LABEL = utf8('veilspan/shuffle-key/v1');

/** The key that orders a chain's releases in one transition: `HMAC(ledgerSecret, label ‖ number u64 ‖ chainId u64)`. */
export function shuffleKey(ledgerSecret: Uint8Array, number: bigint, chainId: bigint): Uint8Array {
  const place = concatBytes(SHUFFLE_LABEL, toBigEndian(number, 8), toBigEndian(chainId, 8));
  return hmacSha256(ledgerSecret, place);
}

/**
 * The items in an order that only the key tells: by `HMAC(key, position u32)`, ascending.
 *
 * SECURITY: the rank depends on the position alone, so equal items cannot be told apart by where they end up.
 *
 * @param key 32 bytes, for this one list
 */
export function shuffle<T>(items: readonly T[], key: Uint8Array): T[] {
  return items
    .map((item, position) => ({
      item,
      rank: toHex(hmacSha256(key, toBigEndian(BigInt(position), 4))),
    }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ item }) => item);
}
