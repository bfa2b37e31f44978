import { hmacSha256 } from '../crypto/hkdf.ts';
import { concatBytes, type Hex, toBigEndian, utf8 } from '../shared/bytes.ts';

// Everything that the ledger decides by chance: HMAC-SHA256 under the secret of the key epoch that keys the round in which it is
// decided. Chains and rounds are in it, the transition never, so that it does not matter how rounds are put together.

const SHUFFLE_LABEL = utf8('veilspan/shuffle-key/v2');
const ROOM_LABEL = utf8('veilspan/room-key/v1');
const EXIT_LABEL = utf8('veilspan/exit/v1');

/**
 * The key that orders a chain's releases in one round, 32 bytes: HMAC(secret, label ‖ chainId u64 ‖ round u64). See `shuffle`.
 *
 * What is shuffled are the chain's releases as the round produced them: payouts and refunds of messages in the order of consumption
 * (and of an order's legs), then pooled legs by ascending leg id, then refunds of transparent payouts that found no room (by chain that
 * had none, then in its order).
 */
export function shuffleKey(secret: Uint8Array, chainId: bigint, round: bigint): Uint8Array {
  return keyOf(SHUFFLE_LABEL, secret, { chainId, round });
}

/**
 * The key that chooses which of a chain's releases, refunds aside, find room in one round, 32 bytes, likewise.
 *
 * SECURITY: not the one that orders them. Whose transparent payout finds no room is public; by one key it would tell where in the order
 * what has moved up to its place ends up.
 */
export function roomKey(secret: Uint8Array, chainId: bigint, round: bigint): Uint8Array {
  return keyOf(ROOM_LABEL, secret, { chainId, round });
}

/**
 * What an exit is drawn by, 64 uniform bits: the first 8 bytes, big-endian, of HMAC(secret, label ‖ legId 32 ‖ from u64). See `drawExit`.
 *
 * @param from the first round that can be drawn: the one in which the leg enters, or the one behind that in which it draws again
 */
export function exitBits(secret: Uint8Array, id: Hex, from: bigint): bigint {
  exitIdField.setFromHex(id.slice(2));
  exitView.setBigUint64(exitFromAt, from);
  const prf = hmacSha256(secret, exitInput);
  return new DataView(prf.buffer, prf.byteOffset).getBigUint64(0);
}

// Overwritten by every draw: six for each message, and making the parts anew takes as long as hashing them.
const exitInput = concatBytes(EXIT_LABEL, new Uint8Array(32 + 8));
const exitFromAt = EXIT_LABEL.length + 32;
const exitIdField = exitInput.subarray(EXIT_LABEL.length, exitFromAt);
const exitView = new DataView(exitInput.buffer);

function keyOf(
  label: Uint8Array,
  secret: Uint8Array,
  { chainId, round }: { readonly chainId: bigint; readonly round: bigint },
): Uint8Array {
  return hmacSha256(secret, concatBytes(label, toBigEndian(chainId, 8), toBigEndian(round, 8)));
}
