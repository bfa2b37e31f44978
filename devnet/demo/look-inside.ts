import type { AccountSigner } from '../../src/client/account-signer.ts';
import type { AccountAnswer } from '../../src/protocol/query-answer.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import type { EndedTransfer, Outcome } from './expectations.ts';
import type { Printer } from './printer.ts';
import type { Transfer } from './transfers.ts';

/** What accounts are looked at with. */
export interface InsideOptions {
  /** Asks the enclave, as the account's owner. */
  readonly ask: (account: AccountSigner) => Promise<AccountAnswer>;
  /** Has the order posted that pays out of the account, which is credited now. */
  readonly post: (transfer: Transfer, answer: AccountAnswer) => Promise<void>;
}

/** A transfer of which no chain shows all: what becomes of it is marked here. */
interface Marked extends Omit<EndedTransfer, 'outcome'> {
  outcome: Outcome;
}

/** A transfer, and what its account says; undefined if nobody answered, or before the account is open. */
interface Looked {
  readonly each: Marked;
  readonly answer: AccountAnswer | undefined;
}

/** Between two questions about all that is inside. */
const EVERY_MS = 2000;

/**
 * Looks at the accounts of transfers that wait inside the ledger, as only their owners can: has orders posted once accounts are
 * credited, and marks what found no pool in time or is left alone in its own.
 *
 * @param all every transfer that was begun; those on their way are looked at
 * @returns how many have come further; it asks no more often than it makes sense
 */
export function createInsideLook(
  options: InsideOptions,
  printer: Printer,
): (all: readonly Marked[], open: readonly Marked[]) => Promise<number> {
  const told = new Set<string>();
  let nextMs = 0;
  const tell = ({ plan }: Transfer, state: string, { round }: AccountAnswer): number => {
    const key = `${state} ${plan.label}`;
    if (told.has(key)) return 0;
    told.add(key);
    printer.inside(plan.label, state, round);
    return 1;
  };
  const note = async ({ each, answer }: Looked): Promise<number> => {
    if (answer === undefined) return 0;
    const { transfer } = each;
    const changes = tell(transfer, 'credited', answer);
    if (transfer.plan.way === 'posted') {
      // Others are looked at meanwhile. A post that fails leaves the transfer where it is, which is told of when nothing moves.
      if (changes > 0)
        void options.post(transfer, answer).catch((error) => printer.say(String(error)));
      return changes;
    }
    if (answer.legs.length > 0) return changes + tell(transfer, 'waiting', answer);
    if (!hasReturned(transfer, answer)) return changes;
    each.outcome = 'returned';
    return changes + tell(transfer, 'returned', answer);
  };
  return async (all, open) => {
    if (Date.now() < nextMs) return 0;
    const inside = open.filter(({ transfer: { plan } }) => INSIDE.has(plan.way));
    const looked = await Promise.all(inside.map((each) => look(options, each)));
    const changes = await Promise.all(looked.map(note));
    for (const { each } of looked.filter((one) => isLeftAlone(one, looked, all))) {
      each.outcome = 'waiting';
      printer.say(
        `…          alone in its pool now, and waits for another: ${each.transfer.plan.label}`,
      );
    }
    nextMs = Date.now() + EVERY_MS;
    return changes.reduce((sum, change) => sum + change, 0);
  };
}

const INSIDE: ReadonlySet<string> = new Set(['pooled', 'posted']);

async function look(options: InsideOptions, each: Marked): Promise<Looked> {
  const answer = await askIfThere(options, each.transfer);
  return { each, answer: answer?.isOpen ? answer : undefined };
}

/** It waits, and whoever was in its pool with it has left: it cannot leave before somebody comes. */
function isLeftAlone(
  { each, answer }: Looked,
  looked: readonly Looked[],
  all: readonly Marked[],
): boolean {
  if (answer === undefined || answer.legs.length === 0) return false;
  const others = all.filter((other) => other !== each && poolOf(other) === poolOf(each));
  const hasLeft = (other: Marked) => {
    const seen = looked.find((one) => one.each === other)?.answer;
    // One that is not looked at any more is final on its chain.
    const isFinal = !looked.some((one) => one.each === other);
    return isFinal || (seen !== undefined && seen.legs.length === 0 && seen.round <= answer.round);
  };
  return others.length > 0 && others.every(hasLeft);
}

function poolOf({ transfer: { plan } }: Marked): string {
  const [payout] = plan.payouts;
  return `${plan.way} ${plan.symbol} ${payout?.to} ${payout?.amount}`;
}

/** Undefined while the enclave has no answer, as while it is started again. */
async function askIfThere(
  { ask }: InsideOptions,
  { account }: Transfer,
): Promise<AccountAnswer | undefined> {
  try {
    return await ask(account);
  } catch (error) {
    if (error instanceof BridgeError && error.disposition === 'retry') return undefined;
    throw error;
  }
}

/** What a leg took from the account is there again, after its patience: it did not leave. */
function hasReturned({ plan, request, patience }: Transfer, answer: AccountAnswer): boolean {
  const [{ amount } = { amount: 0n }] = plan.payouts;
  const held = answer.balances.find(({ asset }) => asset === request.asset)?.amount ?? 0n;
  return answer.round > patience && held >= amount;
}
