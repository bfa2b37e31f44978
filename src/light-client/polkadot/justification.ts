import {
  createScaleCursor,
  expectEnd,
  readBytes,
  readU32,
  readU64,
  readVector,
  type ScaleCursor,
} from '../../codec/scale.ts';
import { BridgeError } from '../../shared/errors.ts';
import { type Header, readHeader } from './header.ts';
import { MAX_AUTHORITIES, MAX_JUSTIFICATION_BYTES, MAX_VOTE_ANCESTRIES } from './limits.ts';

/** One voter's signed precommit, 132 bytes encoded. The byte strings are views. */
export interface SignedPrecommit {
  /** 32 bytes: the block voted for, at or above the commit's target. */
  readonly targetHash: Uint8Array;
  readonly targetNumber: number;
  /** ed25519, 64 bytes. */
  readonly signature: Uint8Array;
  /** The voter's key, 32 bytes. */
  readonly id: Uint8Array;
}

/** A GRANDPA justification as blocks carry it. The set id is not in it. */
export interface Justification {
  readonly round: bigint;
  readonly commit: {
    /** 32 bytes. SECURITY: not signed by anybody; only the precommits are. */
    readonly targetHash: Uint8Array;
    readonly targetNumber: number;
    readonly precommits: readonly SignedPrecommit[];
  };
  /** The headers that lead from the precommits' targets down to the commit's, in any order. */
  readonly votesAncestries: readonly Header[];
}

/**
 * Decodes one justification that fills `bytes` exactly.
 *
 * SPEC: docs/light-client-rules.md C.2 "SCALE layout", GrandpaJustification (not the gossip form CompactCommit).
 *
 * @throws {ScaleError} truncated, trailing bytes, a compact that is not canonical, more than `MAX_AUTHORITIES`
 *   precommits or `MAX_VOTE_ANCESTRIES` headers
 * @throws {JustificationTooLongError} more than `MAX_JUSTIFICATION_BYTES`
 */
export function decodeJustification(bytes: Uint8Array): Justification {
  if (bytes.length > MAX_JUSTIFICATION_BYTES) throw new JustificationTooLongError(bytes.length);
  const cursor = createScaleCursor(bytes);
  const justification = readJustification(cursor);
  expectEnd(cursor);
  return justification;
}

/** Reads one justification from the cursor. @throws as `decodeJustification`, except trailing bytes and length */
export function readJustification(cursor: ScaleCursor): Justification {
  const round = readU64(cursor);
  const targetHash = readBytes(cursor, 32);
  const targetNumber = readU32(cursor);
  const precommits = readVector(cursor, MAX_AUTHORITIES, readSignedPrecommit);
  const votesAncestries = readVector(cursor, MAX_VOTE_ANCESTRIES, readHeader);
  return { round, commit: { targetHash, targetNumber, precommits }, votesAncestries };
}

function readSignedPrecommit(cursor: ScaleCursor): SignedPrecommit {
  const targetHash = readBytes(cursor, 32);
  const targetNumber = readU32(cursor);
  return { targetHash, targetNumber, signature: readBytes(cursor, 64), id: readBytes(cursor, 32) };
}

export class JustificationTooLongError extends BridgeError<{ length: number }> {
  readonly code = 'JUSTIFICATION_TOO_LONG';
  readonly disposition = 'reject';
  constructor(length: number) {
    super(
      `Justification refused: expected at most ${MAX_JUSTIFICATION_BYTES} bytes, got ${length}; ask another node.`,
      { length },
    );
  }
}
