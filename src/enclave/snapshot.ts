import { AEAD_NONCE_BYTES, openAead, sealAead } from '../crypto/aead.ts';
import { sha256 } from '../crypto/hashes.ts';
import type { LedgerState } from '../ledger/state.ts';
import { decodeState, encodeState } from '../ledger/state-codec.ts';
import { stateId } from '../ledger/state-id.ts';
import { MAX_SNAPSHOT_CHUNK_BYTES } from '../protocol/enclave-commands.ts';
import {
  concatBytes,
  equalBytes,
  fromBigEndian,
  fromHex,
  type Hex,
  toBigEndian,
  toHex,
  utf8,
} from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import { EnclaveError } from './enclave-error.ts';
import { sizeClass } from './size-class.ts';
import type { LedgerAt } from './state.ts';

// SPEC: docs/wire-formats.md, "Snapshot". Content: magic 5 ‖ number u64 ‖ blinding 32 ‖ length u64 ‖ the state's encoding ‖ zeros
// up to a size class, so that its length says little. It is cut into chunks, each sealed by itself: stateId 32 ‖ nonce 24 ‖
// ciphertext. The key is that of the signing epoch; number, state id and the chunk's place are bound.

const MAGIC = concatBytes(utf8('VSPS'), Uint8Array.of(1));
const NUMBER_AT = MAGIC.length;
const BLINDING_AT = NUMBER_AT + 8;
const LENGTH_AT = BLINDING_AT + 32;
const STATE_AT = LENGTH_AT + 8;
const LABEL = utf8('veilspan/snapshot-chunk/v1');
const STATE_ID_BYTES = 32;

/** What one chunk holds of the content; with what is around it, it stays below the bound. */
const CHUNK_BYTES = MAX_SNAPSHOT_CHUNK_BYTES - 1024;

/** A snapshot's content, padded; the same bytes for the same state in every enclave. */
export function snapshotContent(state: LedgerState, blinding: Uint8Array): Uint8Array {
  const parts = [...encodeState(state)];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = concatBytes(
    MAGIC,
    toBigEndian(state.number, 8),
    blinding,
    toBigEndian(BigInt(length), 8),
  );
  const content = new Uint8Array(sizeClass(STATE_AT + length));
  content.set(head);
  let at = STATE_AT;
  for (const part of parts) {
    content.set(part, at);
    at += part.length;
  }
  return content;
}

/**
 * The ledger that a content describes, whose id is computed from it.
 *
 * @throws {EnclaveError} ENCLAVE_SNAPSHOT_REFUSED: it is no content; nothing is said of why
 */
export function readSnapshot(content: Uint8Array): LedgerAt {
  try {
    const length = Number(fromBigEndian(content.subarray(LENGTH_AT, STATE_AT)));
    const end = STATE_AT + length;
    const isWhole = equalBytes(content.subarray(0, MAGIC.length), MAGIC) && end <= content.length;
    if (!isWhole) throw refused();
    const state = decodeState(content.subarray(STATE_AT, end));
    const blinding = content.slice(BLINDING_AT, LENGTH_AT);
    // One content per state, zeros and all.
    if (!equalBytes(snapshotContent(state, blinding), content)) throw refused();
    return { state, stateId: stateId(state, blinding) };
  } catch (error) {
    if (error instanceof BridgeError) throw refused();
    throw error;
  }
}

/** In how many chunks a content of this length is cut. */
export function chunksOf(contentBytes: number): number {
  return Math.ceil(contentBytes / CHUNK_BYTES);
}

/** Which chunk of which snapshot. */
export interface ChunkPlace {
  readonly number: bigint;
  readonly chunk: number;
  readonly chunks: number;
}

/** Seals one chunk. The same chunk of the same state always gives the same bytes. */
export function sealChunk(
  key: Uint8Array,
  content: Uint8Array,
  { id, ...place }: ChunkPlace & { readonly id: Hex },
): Uint8Array {
  const context = contextOf(place, fromHex(id, STATE_ID_BYTES));
  // SECURITY: a nonce must not seal two different texts. The state id, which it depends on, stands for one content only.
  const nonce = sha256(context).subarray(0, AEAD_NONCE_BYTES);
  const from = place.chunk * CHUNK_BYTES;
  const part = content.subarray(from, from + CHUNK_BYTES);
  return concatBytes(fromHex(id), sealAead(key, part, { nonce, context }));
}

/**
 * Opens one chunk.
 *
 * @param bytes untrusted
 * @returns the id that all chunks of the snapshot name, and the part of its content
 * @throws {EnclaveError} ENCLAVE_SNAPSHOT_REFUSED: of another epoch or network, of another place, or altered
 */
export function openChunk(
  key: Uint8Array,
  bytes: Uint8Array,
  place: ChunkPlace,
): { readonly id: Hex; readonly part: Uint8Array } {
  const id = bytes.slice(0, STATE_ID_BYTES);
  const part = openAead(key, bytes.subarray(STATE_ID_BYTES), contextOf(place, id));
  if (part === undefined) throw refused();
  return { id: toHex(id), part };
}

function contextOf({ number, chunk, chunks }: ChunkPlace, id: Uint8Array): Uint8Array {
  return concatBytes(
    LABEL,
    toBigEndian(number, 8),
    id,
    toBigEndian(BigInt(chunk), 4),
    toBigEndian(BigInt(chunks), 4),
  );
}

/** A snapshot that this enclave must not start from. SECURITY: one answer for every reason. */
export function refused(): EnclaveError {
  const message =
    'Expected a snapshot that an enclave of this network has sealed in this epoch, of the state that the anchor keeps, got another; take a newer one.';
  return new EnclaveError('ENCLAVE_SNAPSHOT_REFUSED', message);
}
