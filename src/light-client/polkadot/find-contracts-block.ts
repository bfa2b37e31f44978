import type { Route } from '../../protocol/chain-kind.ts';
import type { Hex } from '../../shared/bytes.ts';
import { findFinalBlock, StateProofError } from '../state-proof-error.ts';
import type { FinalizedBlock } from './store.ts';
import { verifyParachainHead, verifyParents } from './verify-parachain-head.ts';

/** Which final block a proof begins at, and what leads from there to a block of a parachain. */
export interface ContractsBlockProof {
  /** 32 bytes. */
  readonly blockHash: Hex;
  readonly hop?:
    | { readonly headNodes: readonly Uint8Array[]; readonly parents: readonly Uint8Array[] }
    | undefined;
}

/**
 * The block under whose state root the contracts are: a final one itself, or a block of the parachain that it makes final.
 *
 * SECURITY: the configuration says which of the two, never the proof. A relay chain may run the same pallets, so a word
 * under its own state root would be one of other contracts.
 *
 * @throws {StateProofError} STATE_PROOF_BLOCK_UNKNOWN, STATE_PROOF_OTHER_ROUTE
 * @throws as `verifyParachainHead` and `verifyParents`
 */
export function findContractsBlock(
  { blockHash, hop }: ContractsBlockProof,
  route: Route,
  known: { readonly client: string; readonly recent: readonly FinalizedBlock[] },
): FinalizedBlock {
  const block = findFinalBlock(known, blockHash);
  if (route === 'direct' && hop === undefined) return block;
  if (route !== 'direct' && hop !== undefined) {
    const head = verifyParachainHead(block.stateRoot, route.paraId, hop.headNodes);
    return verifyParents(head, hop.parents);
  }
  const expected = route === 'direct' ? 'no hop' : `a hop to parachain ${route.paraId}`;
  const message = `Expected a proof with ${expected}, as the configured route says, got the other; prove it by that way.`;
  throw new StateProofError('STATE_PROOF_OTHER_ROUTE', message, { expected });
}
