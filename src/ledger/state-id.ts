import { keccak256 } from '../crypto/hashes.ts';
import { hmacSha256 } from '../crypto/hkdf.ts';
import { concatBytes, type Hex, toBigEndian, toHex, utf8 } from '../shared/bytes.ts';
import type { LedgerState } from './state.ts';
import { encodeState } from './state-codec.ts';

const BLINDING_LABEL = utf8('veilspan/state-blinding/v1');

/**
 * What the anchor chain stores of a state: `keccak256(encoding ‖ blinding)`, 32 bytes.
 *
 * SECURITY: without the blinding a host could guess who was paid and test the guess against the id.
 *
 * @param blinding 32 bytes, from {@link blindingOf}
 */
export function stateId(state: LedgerState, blinding: Uint8Array): Hex {
  return toHex(keccak256(concatBytes(encodeState(state), blinding)));
}

/**
 * The blinding of the state with this number, 32 bytes: `HMAC-SHA256(ledgerSecret, label ‖ number u64)`.
 *
 * @param ledgerSecret 32 bytes
 */
export function blindingOf(ledgerSecret: Uint8Array, number: bigint): Uint8Array {
  return hmacSha256(ledgerSecret, concatBytes(BLINDING_LABEL, toBigEndian(number, 8)));
}
