import {
  createScaleCursor,
  expectEnd,
  readBytes,
  readByteVector,
  readVector,
} from '../../codec/scale.ts';
import { type Hex, toHex } from '../../shared/bytes.ts';
import { type Header, readHeader } from './header.ts';
import { JustificationTooLongError } from './justification.ts';
import { MAX_FINALITY_PROOF_BYTES, MAX_VOTE_ANCESTRIES } from './limits.ts';

/** What `grandpa_proveFinality(n)` answers: how the last block of the set that block n belongs to was finalized. */
export interface FinalityProof {
  /** Hash of that last block; 32 bytes. */
  readonly block: Hex;
  /** Its SCALE justification, a view. */
  readonly justification: Uint8Array;
  /** Headers between n and that block, which the asking node may lack. */
  readonly unknownHeaders: readonly Header[];
}

/**
 * Decodes an answer of `grandpa_proveFinality`. It proves nothing by itself: the block's header and the justification
 * are for `verifyFinality`.
 *
 * SPEC: polkadot-sdk substrate/client/consensus/grandpa/src/finality_proof.rs `FinalityProof`.
 *
 * @throws {ScaleError | HeaderError | JustificationTooLongError} not one proof that fills `bytes` exactly
 */
export function decodeFinalityProof(bytes: Uint8Array): FinalityProof {
  if (bytes.length > MAX_FINALITY_PROOF_BYTES) throw new JustificationTooLongError(bytes.length);
  const cursor = createScaleCursor(bytes);
  const block = toHex(readBytes(cursor, 32));
  const justification = readByteVector(cursor);
  const unknownHeaders = readVector(cursor, MAX_VOTE_ANCESTRIES, readHeader);
  expectEnd(cursor);
  return { block, justification, unknownHeaders };
}
