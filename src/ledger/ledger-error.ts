import { BridgeError, type Disposition } from '../shared/errors.ts';

/**
 * What halts cannot follow from what gateways do: proven inputs never lead to it, so that either a contract or an enclave is not what
 * it should be. The others answer a host that asks too early, or wrongly.
 */
const DISPOSITIONS = {
  /** The state's bytes are not the one encoding of a state. */
  LEDGER_STATE_MALFORMED: 'halt',
  /** Chains that no ledger can have: none, too many, one twice. */
  LEDGER_CHAINS_INVALID: 'halt',
  /** A message of a chain or gateway that the ledger does not have. */
  LEDGER_MESSAGE_FOREIGN: 'halt',
  /** A message that is not the next of its outbox. */
  LEDGER_MESSAGE_OUT_OF_ORDER: 'halt',
  /** A message that no gateway accepts: an amount out of range, a fee above it, a refund to nobody. */
  LEDGER_MESSAGE_IMPOSSIBLE: 'halt',
  /** More would leave than came in, or an amount outgrows 128 bits. */
  LEDGER_SUPPLY_BROKEN: 'halt',
  /** Not all that a round consumes is proven yet. */
  LEDGER_ROUND_INCOMPLETE: 'retry',
  /** The commit that is asked for does not follow the last one, or names counts that it may not. */
  LEDGER_COMMIT_REFUSED: 'reject',
} as const satisfies Record<string, Disposition>;

/** Every reason why the ledger does not go on. */
export type LedgerErrorCode = keyof typeof DISPOSITIONS;

type LedgerErrorMeta = Readonly<Record<string, string | bigint | number>>;

/** The ledger is asked for what cannot be done. Nothing has changed. */
export class LedgerError extends BridgeError<LedgerErrorMeta> {
  readonly code: LedgerErrorCode;
  readonly disposition: Disposition;
  constructor(code: LedgerErrorCode, expected: string, meta: LedgerErrorMeta) {
    super(`The ledger does not go on: expected ${expected}.`, meta);
    this.code = code;
    this.disposition = DISPOSITIONS[code];
  }
}
