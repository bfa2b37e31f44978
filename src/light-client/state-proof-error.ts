import type { Hex } from '../shared/bytes.ts';
import { BridgeError, type Disposition } from '../shared/errors.ts';

export type StateProofErrorCode =
  /** Not a block that was shown to be final, or one that is forgotten. */
  | 'STATE_PROOF_BLOCK_UNKNOWN'
  /** The final state has no contract where the configuration has one. */
  | 'STATE_PROOF_CONTRACT_ABSENT'
  /** Reached by another way than the configuration says. */
  | 'STATE_PROOF_OTHER_ROUTE';

const DISPOSITIONS: Record<StateProofErrorCode, Disposition> = {
  STATE_PROOF_BLOCK_UNKNOWN: 'retry',
  STATE_PROOF_CONTRACT_ABSENT: 'halt',
  STATE_PROOF_OTHER_ROUTE: 'reject',
};

/** A proof of a contract's state that is not about what it must be about. */
export class StateProofError extends BridgeError<Readonly<Record<string, string>>> {
  readonly code: StateProofErrorCode;
  readonly disposition: Disposition;
  constructor(code: StateProofErrorCode, message: string, meta: Readonly<Record<string, string>>) {
    super(message, meta);
    this.code = code;
    this.disposition = DISPOSITIONS[code];
  }
}

/**
 * The block of that hash among those known to be final.
 *
 * @throws {StateProofError} STATE_PROOF_BLOCK_UNKNOWN
 */
export function findFinalBlock<B extends { readonly hash: Hex }>(
  { client, recent }: { readonly client: string; readonly recent: readonly B[] },
  hash: Hex,
): B {
  const block = recent.find((known) => known.hash === hash);
  if (block !== undefined) return block;
  const message = `Expected a block of ${client} that was lately shown to be final, got ${hash}; show its finality first, or prove at a newer one.`;
  throw new StateProofError('STATE_PROOF_BLOCK_UNKNOWN', message, { client, blockHash: hash });
}
