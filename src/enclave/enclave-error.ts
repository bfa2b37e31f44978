import { BridgeError, type Disposition } from '../shared/errors.ts';

export type EnclaveErrorCode =
  | 'ENCLAVE_NOT_BOOTSTRAPPED'
  | 'ENCLAVE_BOOTSTRAP_NOT_NEEDED'
  | 'ENCLAVE_CLIENT_UNKNOWN'
  | 'ENCLAVE_CHAIN_UNKNOWN'
  | 'ENCLAVE_PROOF_OF_OTHER_CHAIN'
  | 'ENCLAVE_PORTION_MISPLACED'
  | 'ENCLAVE_REPLAY_MISMATCH'
  | 'ENCLAVE_INBOX_FULL'
  | 'ENCLAVE_UNKNOWN_STATE'
  | 'ENCLAVE_PROPOSAL_INVALID'
  | 'ENCLAVE_ROUND_INCOMPLETE'
  | 'ENCLAVE_TRANSITION_FAILED'
  | 'ENCLAVE_NOT_ANCHORED'
  | 'ENCLAVE_ANCHOR_UNKNOWN'
  | 'ENCLAVE_ANCHOR_DIVERGED'
  | 'ENCLAVE_SNAPSHOT_MISPLACED'
  | 'ENCLAVE_SNAPSHOT_REFUSED'
  | 'ENCLAVE_QUERY_REFUSED';

const DISPOSITIONS: Record<EnclaveErrorCode, Disposition> = {
  ENCLAVE_NOT_BOOTSTRAPPED: 'retry',
  ENCLAVE_BOOTSTRAP_NOT_NEEDED: 'reject',
  ENCLAVE_CLIENT_UNKNOWN: 'reject',
  ENCLAVE_CHAIN_UNKNOWN: 'reject',
  ENCLAVE_PROOF_OF_OTHER_CHAIN: 'reject',
  ENCLAVE_PORTION_MISPLACED: 'retry',
  ENCLAVE_REPLAY_MISMATCH: 'retry',
  ENCLAVE_INBOX_FULL: 'retry',
  ENCLAVE_UNKNOWN_STATE: 'retry',
  ENCLAVE_PROPOSAL_INVALID: 'retry',
  ENCLAVE_ROUND_INCOMPLETE: 'retry',
  ENCLAVE_TRANSITION_FAILED: 'halt',
  ENCLAVE_NOT_ANCHORED: 'retry',
  ENCLAVE_ANCHOR_UNKNOWN: 'retry',
  ENCLAVE_ANCHOR_DIVERGED: 'halt',
  ENCLAVE_SNAPSHOT_MISPLACED: 'retry',
  ENCLAVE_SNAPSHOT_REFUSED: 'reject',
  ENCLAVE_QUERY_REFUSED: 'reject',
};

/** A command that the enclave refuses; its state is as it was. `meta` holds public facts only. */
export class EnclaveError extends BridgeError<Readonly<Record<string, string | bigint | number>>> {
  readonly code: EnclaveErrorCode;
  readonly disposition: Disposition;
  constructor(
    code: EnclaveErrorCode,
    message: string,
    meta: Readonly<Record<string, string | bigint | number>> = {},
  ) {
    super(message, meta);
    this.code = code;
    this.disposition = DISPOSITIONS[code];
  }
}
