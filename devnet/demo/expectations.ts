import type { AccountSigner } from '../../src/client/account-signer.ts';
import type { AssetId } from '../../src/protocol/asset.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { assetOf } from '../demo-assets.ts';
import type { BalanceLine } from './bookkeeping.ts';
import type { Stage } from './stage.ts';
import type { StartedTransfer } from './transfers.ts';

/** A transfer of which nothing is under way any more. */
export interface EndedTransfer extends StartedTransfer {
  /** Its payout found no pool in time, and went back into the account. */
  readonly isReturned: boolean;
}

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
  const { transfer, deposit, isReturned } = ended;
  const { plan, terms } = transfer;
  if (isReturned) return [];
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
    const after = await balanceOf(stage, account, request.asset);
    const label = `${plan.payer}, account ${account.owner.index}`;
    return lineOf(label, plan.symbol, { after, expected: expectedBalance(ended) });
  });
  const fees = [...expectedFees(stage, all)].map(async ([symbol, expected]) => {
    const { asset } = assetOf(stage.world.deployment, symbol);
    return lineOf('fees', symbol, { after: await balanceOf(stage, stage.house, asset), expected });
  });
  return Promise.all([...lines, ...fees]);
}

type Balances = Pick<BalanceLine, 'after' | 'expected'>;

function lineOf(label: string, symbol: string, balances: Balances): BalanceLine {
  return { label, place: 'ledger', symbol, before: 0n, ...balances };
}

async function balanceOf(stage: Stage, account: AccountSigner, asset: AssetId): Promise<bigint> {
  const { balances } = await stage.ask(account);
  return balances.find((balance) => balance.asset === asset)?.amount ?? 0n;
}

/** What the deposit brought, less what opened the account, was paid out and was paid for posting. */
function expectedBalance({ transfer, deposit, isReturned }: EndedTransfer): bigint {
  const { plan, terms, request } = transfer;
  const credited = request.amount - deposit.fee - terms.entryFee;
  const posting = plan.way === 'posted' ? terms.reward : 0n;
  return isReturned ? credited : credited - posting - sum(plan.payouts.map(({ amount }) => amount));
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

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
