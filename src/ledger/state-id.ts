import { keccak256 } from '../crypto/hashes.ts';
import { hmacSha256 } from '../crypto/hkdf.ts';
import { concatBytes, type Hex, toBigEndian, toHex, utf8 } from '../shared/bytes.ts';
import type { LedgerState } from './state.ts';
import { encodeFixed } from './state-codec.ts';

const BLINDING_LABEL = utf8('veilspan/state-blinding/v1');

/**
 * What the anchor chain stores of a state: `keccak256(fixed part ‖ blinding)`, 32 bytes; the fixed part names the maps by their roots.
 *
 * SECURITY: without the blinding a host could guess who was paid and test the guess against the id.
 *
 * @param blinding 32 bytes, from {@link blindingOf}
 */
export function stateId(state: LedgerState, blinding: Uint8Array): Hex {
  return toHex(keccak256(concatBytes(encodeFixed(state), blinding)));
}

/**
 * The blinding of a state, 32 bytes: `HMAC-SHA256(secret, label ‖ round u64)`.
 *
 * @param secret the ledger secret of the key epoch that keys `round`, 32 bytes
 * @param round  the last that the state has consumed
 */
export function blindingOf(secret: Uint8Array, round: bigint): Uint8Array {
  return hmacSha256(secret, concatBytes(BLINDING_LABEL, toBigEndian(round, 8)));
}
