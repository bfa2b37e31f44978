import { BridgeError } from '../shared/errors.ts';

export type LedgerErrorCode =
  /** The state's bytes are not the one encoding of a state. */
  | 'LEDGER_STATE_MALFORMED'
  /** Chains that no ledger can have: none, too many, one twice. */
  | 'LEDGER_CHAINS_INVALID'
  /** A message of a chain or gateway that the ledger does not have. */
  | 'LEDGER_MESSAGE_FOREIGN'
  /** A message that is not the next of its chain, or chains out of order. */
  | 'LEDGER_MESSAGE_OUT_OF_ORDER'
  /** A message that no gateway accepts: an amount out of range, a fee that is not below it, a refund to nobody. */
  | 'LEDGER_MESSAGE_IMPOSSIBLE'
  /** More would leave than came in, or an amount outgrows 128 bits. */
  | 'LEDGER_SUPPLY_BROKEN';

/**
 * What the ledger is asked to do cannot follow from what gateways do. Everything here halts: proven inputs never lead
 * to it, so that either a contract or an enclave is not what it should be.
 */
export class LedgerError extends BridgeError<Readonly<Record<string, string | bigint | number>>> {
  readonly code: LedgerErrorCode;
  readonly disposition = 'halt';
  constructor(
    code: LedgerErrorCode,
    expected: string,
    meta: Readonly<Record<string, string | bigint | number>>,
  ) {
    super(`The ledger stopped: expected ${expected}; find out what signed or proved this.`, meta);
    this.code = code;
  }
}
