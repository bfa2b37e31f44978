import { most } from '../../shared/bigints.ts';

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

/** So many times what was tried: were each of 16 payouts to use up its share of what is left, a batch would take about four times what it does. */
const WEIGHT_SCALES: Readonly<Record<Allowance, bigint>> = { usual: 1n, utmost: 4n };

interface Scale {
  /** Payouts of the batch that was tried, at least 1. */
  readonly first: number;
  /** Of the one to be sent. */
  readonly payouts: number;
  readonly allowance: Allowance;
}

/**
 * The budget of a batch, most of which cannot be tried before the ones ahead of it are in a block, from that of one that was. A block
 * takes as many as what they ask for has room in, not what they use: so what is asked for in vain is speed.
 *
 * Of gas the contract says how much is enough. Before each payout to code so much must be left, and what that does not use is there for the
 * next: usually one share does for all. At the utmost each payout takes one. A weight has no such bound, so it is what was tried for as many
 * payouts, which is more than those took already. What is too little fails in its block, and is tried as the first of its line then.
 */
export function scaleBudget(tried: CallBudget, { first, payouts, allowance }: Scale): CallBudget {
  if (tried.measure === 'gas') {
    const bound = BATCH_GAS + payoutGas(BigInt(payouts), allowance);
    return { measure: 'gas', gas: most(bound, tried.gas) };
  }
  const scale = (value: bigint) =>
    (value * WEIGHT_SCALES[allowance] * BigInt(Math.max(payouts, first))) / BigInt(first);
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

/** As much as either of two budgets of one chain in every respect. @throws {RangeError} they are of different kinds of chains */
export function greaterOf(a: CallBudget, b: CallBudget): CallBudget {
  if (a.measure === 'gas' && b.measure === 'gas') {
    return { measure: 'gas', gas: most(a.gas, b.gas) };
  }
  if (a.measure !== 'weight' || b.measure !== 'weight') {
    throw new RangeError('budgets of different kinds of chains');
  }
  return {
    measure: 'weight',
    weight: {
      refTime: most(a.weight.refTime, b.weight.refTime),
      proofSize: most(a.weight.proofSize, b.weight.proofSize),
    },
    storageDepositPlanck: most(a.storageDepositPlanck, b.storageDepositPlanck),
  };
}

/** Whether who may use `limit` may use all of a budget of the same chain. @throws {RangeError} as `greaterOf` */
export function isWithin(budget: CallBudget, limit: CallBudget): boolean {
  const both = greaterOf(budget, limit);
  if (both.measure === 'gas') return limit.measure === 'gas' && both.gas === limit.gas;
  if (limit.measure === 'gas') return false;
  const { weight, storageDepositPlanck } = limit;
  return (
    both.weight.refTime === weight.refTime &&
    both.weight.proofSize === weight.proofSize &&
    both.storageDepositPlanck === storageDepositPlanck
  );
}
