/** The most that an account offers, in wei of 18 decimals on every chain. What a node says of fees is believed up to here. */
export interface FeeCeilings {
  /** For a unit of gas, base fee and tip together; where there is gas. */
  readonly feePerGasWei: bigint;
  /** For a unit of gas, to whoever makes the block; where there is gas. */
  readonly tipPerGasWei: bigint;
  /** For a transaction, to whoever makes the block; where there is no gas. */
  readonly tipWei: bigint;
  /** For a transaction as a whole. */
  readonly transactionWei: bigint;
}

const GWEI = 10n ** 9n;
const COIN = 10n ** 18n;

/** Of an account that nobody has said anything of: no market of the last years was ever so dear. */
export const DEFAULT_CEILINGS: FeeCeilings = {
  feePerGasWei: 500n * GWEI,
  tipPerGasWei: 20n * GWEI,
  tipWei: COIN / 10n,
  transactionWei: 5n * COIN,
};
