import { createScaleCursor, expectEnd, readByteVector } from '../../codec/scale.ts';
import { type Hex, toHex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import { decodeHeader, type Header, headerHash } from './header.ts';
import { MAX_PARENT_HEADERS } from './limits.ts';
import { parachainHeadKey } from './storage-keys.ts';
import type { FinalizedBlock } from './store.ts';
import { verifyReadProof } from './verify-read-proof.ts';

/**
 * The parachain's header that the relay chain holds as its head: final, because the relay block is.
 *
 * SPEC: docs/light-client-rules.md C.3 "Parachain hop".
 *
 * @param relayStateRoot 32 bytes, of a final relay block
 * @param nodes          the `proof` of `state_getReadProof` for `Paras.Heads(paraId)` (untrusted)
 * @throws {ParachainHeadError} PARACHAIN_HEAD_ABSENT
 * @throws {ScaleError | HeaderError} a head that is no header
 * @throws {ReadProofError | TrieNodeError} as `verifyReadProof`
 */
export function verifyParachainHead(
  relayStateRoot: Hex,
  paraId: number,
  nodes: readonly Uint8Array[],
): Header {
  const value = verifyReadProof(relayStateRoot, parachainHeadKey(paraId), nodes);
  if (value === undefined) {
    throw new ParachainHeadError('PARACHAIN_HEAD_ABSENT', `no head of parachain ${paraId}`);
  }
  const cursor = createScaleCursor(value);
  const head = readByteVector(cursor);
  expectEnd(cursor);
  return decodeHeader(head);
}

/**
 * The block at the end of a chain of parents that begins at a final header; `head` itself if the chain is empty.
 *
 * @param head    known to be final
 * @param parents SCALE headers, each the parent of the one before (untrusted)
 * @throws {ParachainHeadError} PARACHAIN_PARENT_MISMATCH, PARACHAIN_PARENTS_TOO_MANY
 * @throws {ScaleError | HeaderError} bytes that are no header
 */
export function verifyParents(head: Header, parents: readonly Uint8Array[]): FinalizedBlock {
  if (parents.length > MAX_PARENT_HEADERS) {
    const found = `${parents.length} parents, at most ${MAX_PARENT_HEADERS} are taken`;
    throw new ParachainHeadError('PARACHAIN_PARENTS_TOO_MANY', found);
  }
  const block = parents.map(decodeHeader).reduce(descend, head);
  return { number: block.number, hash: headerHash(block), stateRoot: toHex(block.stateRoot) };
}

function descend(child: Header, parent: Header): Header {
  const [expected, got] = [toHex(child.parentHash), headerHash(parent)];
  if (got === expected) return parent;
  throw new ParachainHeadError('PARACHAIN_PARENT_MISMATCH', `${got} where ${expected} belongs`);
}

export type ParachainHeadErrorCode =
  | 'PARACHAIN_HEAD_ABSENT'
  | 'PARACHAIN_PARENT_MISMATCH'
  | 'PARACHAIN_PARENTS_TOO_MANY';

/** What was given does not lead from the relay block to a block of the parachain. */
export class ParachainHeadError extends BridgeError<{ found: string }> {
  readonly code: ParachainHeadErrorCode;
  readonly disposition = 'reject';
  constructor(code: ParachainHeadErrorCode, found: string) {
    super(`Parachain head: expected a header final by the relay chain, found ${found}.`, { found });
    this.code = code;
  }
}
