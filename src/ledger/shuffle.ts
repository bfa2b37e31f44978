import { hmacSha256 } from '../crypto/hkdf.ts';
import { toBigEndian, toHex } from '../shared/bytes.ts';

/**
 * The items in an order that only the key tells: by `HMAC(key, position u32)`, ascending.
 *
 * SECURITY: the rank depends on the position alone, so equal items cannot be told apart by where they end up.
 *
 * @param key 32 bytes, for this one list: see `shuffleKey`
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
