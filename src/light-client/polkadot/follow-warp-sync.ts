import {
  createScaleCursor,
  expectEnd,
  readU8,
  readVector,
  type ScaleCursor,
} from '../../codec/scale.ts';
import { BridgeError } from '../../shared/errors.ts';
import { applyFinality } from './apply-finality.ts';
import { readHeader } from './header.ts';
import { readJustification } from './justification.ts';
import { MAX_FINALITY_PROOF_BYTES, MAX_WARP_SYNC_FRAGMENTS } from './limits.ts';
import type { PolkadotStore } from './store.ts';
import { type FinalityFragment, verifyFinality } from './verify-finality.ts';

/** A warp-sync proof: one fragment per set change, and whether the last one reaches the node's last final block. */
export interface WarpSyncProof {
  readonly fragments: readonly FinalityFragment[];
  readonly isFinished: boolean;
}

/**
 * Decodes one warp-sync proof that fills `bytes` exactly; the fragments are views.
 *
 * SPEC: docs/light-client-rules.md C.2 "Warp-sync fragments"; polkadot-sdk client/consensus/grandpa/src/warp_proof.rs.
 *
 * @throws {WarpSyncError} WARP_SYNC_TOO_LONG, WARP_SYNC_FLAG_MALFORMED
 * @throws {ScaleError | HeaderError} any other malformation
 */
export function decodeWarpSyncProof(bytes: Uint8Array): WarpSyncProof {
  if (bytes.length > MAX_FINALITY_PROOF_BYTES) refuse('WARP_SYNC_TOO_LONG', bytes.length);
  const cursor = createScaleCursor(bytes);
  const fragments = readVector(cursor, MAX_WARP_SYNC_FRAGMENTS, readFragment);
  const flag = readU8(cursor);
  expectEnd(cursor);
  if (flag > 1) refuse('WARP_SYNC_FLAG_MALFORMED', flag);
  return { fragments, isFinished: flag === 1 };
}

/**
 * Follows a warp-sync proof from the store on, all of it or none.
 *
 * @throws {WarpSyncError} WARP_SYNC_FRAGMENT_CHANGES_NOTHING: a fragment that is not the end of a finished proof and
 *   announces no change of voters
 * @throws as `decodeWarpSyncProof`, `verifyFinality`, `applyFinality`
 */
export function followWarpSync(store: PolkadotStore, bytes: Uint8Array): PolkadotStore {
  const { fragments, isFinished } = decodeWarpSyncProof(bytes);
  const mayChangeNothing = isFinished ? fragments.length - 1 : -1;
  return fragments.reduce((before, fragment, i) => {
    const after = applyFinality(before, verifyFinality(before, fragment));
    if (after.authoritySet === before.authoritySet && i !== mayChangeNothing) {
      refuse('WARP_SYNC_FRAGMENT_CHANGES_NOTHING', i);
    }
    return after;
  }, store);
}

function readFragment(cursor: ScaleCursor): FinalityFragment {
  const header = readHeader(cursor).encoded;
  const start = cursor.offset;
  readJustification(cursor);
  return { header, justification: cursor.bytes.subarray(start, cursor.offset) };
}

function refuse(code: WarpSyncErrorCode, got: number): never {
  throw new WarpSyncError(code, got);
}

export type WarpSyncErrorCode =
  | 'WARP_SYNC_TOO_LONG'
  | 'WARP_SYNC_FLAG_MALFORMED'
  | 'WARP_SYNC_FRAGMENT_CHANGES_NOTHING';

const EXPECTED: Record<WarpSyncErrorCode, string> = {
  WARP_SYNC_TOO_LONG: `at most ${MAX_FINALITY_PROOF_BYTES} bytes, got`,
  WARP_SYNC_FLAG_MALFORMED: 'a flag of 0 or 1, got',
  WARP_SYNC_FRAGMENT_CHANGES_NOTHING: 'a change of voters in every fragment, got none in number',
};

/** A warp-sync proof that breaks the rules for such proofs, whatever its justifications are worth. */
export class WarpSyncError extends BridgeError<{ got: number }> {
  readonly code: WarpSyncErrorCode;
  readonly disposition = 'reject';
  constructor(code: WarpSyncErrorCode, got: number) {
    super(`Warp-sync proof refused: expected ${EXPECTED[code]} ${got}; ask another node.`, { got });
    this.code = code;
  }
}
