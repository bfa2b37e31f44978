/** A weight: time in picoseconds and proof size in bytes. */
export interface Weight {
  readonly refTime: bigint;
  readonly proofSize: bigint;
}

/** The most that a call may use, as its chain measures it. What it does not use costs nothing. */
export type CallBudget =
  | { readonly measure: 'gas'; readonly gas: bigint }
  | {
      readonly measure: 'weight';
      readonly weight: Weight;
      /** Most that the call may lock for storage, in planck. */
      readonly storageDepositPlanck: bigint;
    };

/**
 * Gas that one more payout asks for at most. Code that a batch pays gets an equal share of what is left, and before the last payout
 * there must be its `TOKEN_GAS` and `DEFER_GAS`: a test counts through it. KEEP IN SYNC: contracts-evm ClaimBook.sol, snapshots/Gas.json.
 */
const PAYOUT_GAS = 400_000n;
/** What a batch takes beside its payouts: the call, its data and signatures. */
const BATCH_GAS = 300_000n;

/**
 * The budget of a batch that cannot be tried before the ones ahead of it are in a block, from that of the one that can.
 * Of gas the contract says how much is enough. A weight has no such bound, so it is half more than the first may take for as many payouts, which is
 * more than it takes already: a block takes as many batches as what they ask for has room in, not what they use. One that is too small fails in its
 * block, and is tried as the first of its line then.
 *
 * @param first payouts of the batch that was tried, at least 1; this: of the one to be sent
 */
export function scaleBudget(
  tried: CallBudget,
  { first, payouts }: { readonly first: number; readonly payouts: number },
): CallBudget {
  if (tried.measure === 'gas') {
    const bound = BATCH_GAS + BigInt(payouts) * PAYOUT_GAS;
    return { measure: 'gas', gas: bound > tried.gas ? bound : tried.gas };
  }
  const scale = (value: bigint) =>
    (value * 3n * BigInt(Math.max(payouts, first))) / (2n * BigInt(first));
  const { weight, storageDepositPlanck } = tried;
  return {
    measure: 'weight',
    weight: { refTime: scale(weight.refTime), proofSize: scale(weight.proofSize) },
    storageDepositPlanck: scale(storageDepositPlanck),
  };
}
