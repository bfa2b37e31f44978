import type { AssetId } from '../../src/protocol/asset.ts';
import type { AccountAnswer } from '../../src/protocol/query-answer.ts';
import { least } from '../../src/shared/bigints.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { assetOf } from '../demo-assets.ts';
import type { BalanceLine } from './bookkeeping.ts';
import type { Stage } from './stage.ts';
import type { StartedTransfer } from './transfers.ts';

/** A transfer of which nothing is under way any more. */
export interface EndedTransfer extends StartedTransfer {
  readonly outcome: Outcome;
}

/**
 * What becomes of a transfer's payouts: they leave; found no pool in time, and went back into the account; or wait on, alone in their
 * pool.
 */
export type Outcome = 'paid' | 'returned' | 'waiting';

/** A payout that a transfer must end in, and what its batch pays for it. */
export interface ExpectedPayout {
  /** Name of the chain. */
  readonly to: string;
  readonly recipient: Hex;
  readonly amount: bigint;
  readonly rate: bigint;
}

/** Who must have got how much on which chain. */
export function expectedPayouts(stage: Stage, ended: EndedTransfer): readonly ExpectedPayout[] {
  const { transfer, deposit, outcome } = ended;
  const { plan, terms } = transfer;
  if (outcome !== 'paid') return [];
  return plan.payouts.map(({ to, recipient, amount }) => {
    const rate = terms.rates.get(stage.chain(to).chainId) ?? 0n;
    const at = { to, recipient: stage.addressOf(plan.claimedBy ?? recipient) };
    // A refund is whole: what it costs is taken from the fee.
    return plan.way === 'unopenable'
      ? { ...at, amount, rate: least(rate, deposit.fee) }
      : { ...at, amount: amount - rate, rate };
  });
}

/** What is in every account of the ledger, beside what must be: those of the transfers, and the house's fees. */
export async function settleLedger(
  stage: Stage,
  all: readonly EndedTransfer[],
): Promise<BalanceLine[]> {
  const own = all.filter(({ transfer }) => isSealed(transfer.plan.way));
  const lines = own.map(async (ended) => {
    const { plan, account, request } = ended.transfer;
    const answer = await stage.ask(account);
    const after = balanceOf(answer, request.asset);
    const label = `${plan.payer}, account ${account.owner.index}`;
    // What waited may have lost its patience since.
    const hasReturned = ended.outcome === 'waiting' && answer.legs.length === 0;
    const outcome = hasReturned ? 'returned' : ended.outcome;
    return lineOf(label, plan.symbol, { after, expected: expectedBalance({ ...ended, outcome }) });
  });
  const fees = [...expectedFees(stage, all)].map(async ([symbol, expected]) => {
    const { asset } = assetOf(stage.world.deployment, symbol);
    const after = balanceOf(await stage.ask(stage.house), asset);
    return lineOf('fees', symbol, { after, expected });
  });
  return Promise.all([...lines, ...fees]);
}

type Balances = Pick<BalanceLine, 'after' | 'expected'>;

function lineOf(label: string, symbol: string, balances: Balances): BalanceLine {
  return { label, place: 'ledger', symbol, before: 0n, ...balances };
}

function balanceOf({ balances }: AccountAnswer, asset: AssetId): bigint {
  return balances.find((balance) => balance.asset === asset)?.amount ?? 0n;
}

/** What the deposit brought, less what opened the account, was paid out and was paid for posting. */
function expectedBalance({ transfer, deposit, outcome }: EndedTransfer): bigint {
  const { plan, terms, request } = transfer;
  const credited = request.amount - deposit.fee - terms.entryFee;
  const posting = plan.way === 'posted' ? terms.reward : 0n;
  const left = credited - posting - sum(plan.payouts.map(({ amount }) => amount));
  return outcome === 'returned' ? credited : left;
}

/** By symbol: what messages, openings and posts paid, less what refunds cost. */
function expectedFees(stage: Stage, all: readonly EndedTransfer[]): Map<string, bigint> {
  const fees = new Map<string, bigint>();
  const add = (symbol: string, amount: bigint) =>
    fees.set(symbol, (fees.get(symbol) ?? 0n) + amount);
  for (const ended of all) {
    const { plan, terms } = ended.transfer;
    add(plan.symbol, ended.deposit.fee);
    if (isSealed(plan.way)) add(plan.symbol, terms.entryFee);
    if (plan.way === 'unopenable') {
      add(plan.symbol, -sum(expectedPayouts(stage, ended).map(({ rate }) => rate)));
    }
    if (plan.way === 'posted') {
      add(plan.symbol, terms.reward);
      add('DOT', stage.postFeeWei);
    }
  }
  return fees;
}

function isSealed(way: StartedTransfer['transfer']['plan']['way']): boolean {
  return way === 'direct' || way === 'pooled' || way === 'posted';
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
