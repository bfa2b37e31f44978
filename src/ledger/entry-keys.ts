import { sha256Digits } from '../crypto/hashes.ts';
import { concatBytes, fromHex, type Hex, toBigEndian, toHex, utf8 } from '../shared/bytes.ts';

// The keys under which the state's maps keep what they keep, 32 bytes each. None of them is secret.

const LEG_LABEL = utf8('veilspan/leg/v1');
const UNOPENED_LABEL = utf8('veilspan/unopened/v1');

/** Where a message stands: its chain and its index in the gateway's outbox. */
export interface MessagePlace {
  readonly chainId: bigint;
  readonly index: bigint;
}

/** Of leg `leg` (0 … 5) of the order in a message: sha256(label ‖ chainId u64 ‖ index u64 ‖ leg u8). */
export function legId({ chainId, index }: MessagePlace, leg: number): Hex {
  const at = LEG_LABEL.length;
  legView.setBigUint64(at, chainId);
  legView.setBigUint64(at + 8, index);
  legView.setUint8(at + 16, leg);
  return `0x${sha256Digits(legInput)}`;
}

// Overwritten by every call: there are six for each message.
const legInput = concatBytes(LEG_LABEL, new Uint8Array(8 + 8 + 1));
const legView = new DataView(legInput.buffer);

/** Of an envelope that has opened: sha256(enc). */
export function openedKey(enc: Hex): Hex {
  return hashOf(fromHex(enc, 32));
}

/**
 * Of a deposit's sealed envelope that has not: sha256(label ‖ chainId u64 ‖ index u64). It means nothing; it is there so that what
 * opens and what does not leave as many entries behind.
 */
export function unopenedKey({ chainId, index }: MessagePlace): Hex {
  return hashOf(UNOPENED_LABEL, toBigEndian(chainId, 8), toBigEndian(index, 8));
}

/** Of a batch: chainId u128 ‖ index of its first release u128, so that a chain's batches follow each other. */
export function batchKey(chainId: bigint, firstIndex: bigint): Hex {
  return toHex(concatBytes(toBigEndian(chainId, 16), toBigEndian(firstIndex, 16)));
}

function hashOf(...parts: readonly Uint8Array[]): Hex {
  return `0x${sha256Digits(concatBytes(...parts))}`;
}
