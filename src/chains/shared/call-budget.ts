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

/** What a batch takes beside its payouts: the call, its data and signatures. */
const BATCH_GAS = 300_000n;
/** What a payout takes, some 50,000, and what a wallet with code does when it is paid. KEEP IN SYNC: contracts-evm, snapshots/Gas.json. */
const PAYOUT_GAS = 70_000n;
/**
 * What must be left when code is paid: `TOKEN_GAS` and `DEFER_GAS`, of which a token or a recipient that does what others do uses
 * next to nothing, so that it is there for the next one again. KEEP IN SYNC: contracts-evm ClaimBook.sol, which a test reads.
 */
const LEFT_GAS = 400_000n;

/**
 * What a batch is given of what it may use: enough for payouts as they are, or for such as use up all that the contract lets them have.
 * Nobody can know which it is: code that is paid sees whether it is being tried, and may do otherwise in its block.
 */
export type Allowance = 'usual' | 'utmost';

/**
 * So many times what the first was tried with. Were each of 16 payouts to use up its share of what is left, a batch would take about four times
 * what it does.
 */
const WEIGHT_SCALES: Readonly<Record<Allowance, readonly [bigint, bigint]>> = {
  usual: [3n, 2n],
  utmost: [4n, 1n],
};

interface Scale {
  /** Payouts of the batch that was tried, at least 1. */
  readonly first: number;
  /** Of the one to be sent. */
  readonly payouts: number;
  readonly allowance: Allowance;
}

/**
 * The budget of a batch, most of which cannot be tried before the ones ahead of it are in a block, from that of the one that can. A block
 * takes as many as what they ask for has room in, not what they use: so what is asked for in vain is speed.
 *
 * Of gas the contract says how much is enough. Before each payout to code so much must be left, and what that does not use is there for the
 * next: usually one share does for all. At the utmost each payout takes one. A weight has no such bound, so it is so many times what the
 * first may take for as many payouts. What is too little fails in its block, and is tried as the first of its line then.
 */
export function scaleBudget(tried: CallBudget, { first, payouts, allowance }: Scale): CallBudget {
  if (tried.measure === 'gas') {
    const bound = BATCH_GAS + payoutGas(BigInt(payouts), allowance);
    return { measure: 'gas', gas: bound > tried.gas ? bound : tried.gas };
  }
  const [numerator, denominator] = WEIGHT_SCALES[allowance];
  const scale = (value: bigint) =>
    (value * numerator * BigInt(Math.max(payouts, first))) / (denominator * BigInt(first));
  const { weight, storageDepositPlanck } = tried;
  return {
    measure: 'weight',
    weight: { refTime: scale(weight.refTime), proofSize: scale(weight.proofSize) },
    storageDepositPlanck: scale(storageDepositPlanck),
  };
}

function payoutGas(payouts: bigint, allowance: Allowance): bigint {
  return allowance === 'utmost' ? payouts * LEFT_GAS : payouts * PAYOUT_GAS + LEFT_GAS;
}
