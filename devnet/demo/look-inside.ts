import type { AccountSigner } from '../../src/client/account-signer.ts';
import type { AccountAnswer } from '../../src/protocol/query-answer.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import type { EndedTransfer } from './expectations.ts';
import type { Printer } from './printer.ts';
import type { Transfer } from './transfers.ts';

/** What accounts are looked at with. */
export interface InsideOptions {
  /** Asks the enclave, as the account's owner. */
  readonly ask: (account: AccountSigner) => Promise<AccountAnswer>;
  /** Has the order posted that pays out of the account, which is credited now. */
  readonly post: (transfer: Transfer, answer: AccountAnswer) => Promise<void>;
}

/** A transfer of which no chain shows all: it is marked here. */
type Marked = EndedTransfer & { isReturned: boolean };

/** Between two questions about all that is inside. */
const EVERY_MS = 2000;

/**
 * Looks at the accounts of transfers that wait inside the ledger, as only their owners can: has orders posted once accounts are
 * credited, and marks what found no pool in time.
 *
 * @returns what tells how many have come further; it asks no more often than it makes sense
 */
export function createInsideLook(
  options: InsideOptions,
  printer: Printer,
): (open: readonly Marked[]) => Promise<number> {
  const known = new Map<Transfer, Set<string>>();
  let nextMs = 0;
  const note = ({ transfer }: Marked, state: string, { round }: AccountAnswer): number => {
    const states = known.get(transfer) ?? new Set();
    known.set(transfer, states);
    if (states.has(state)) return 0;
    states.add(state);
    printer.inside(transfer.plan.label, state, round);
    return 1;
  };
  const look = async (each: Marked): Promise<number> => {
    const { transfer } = each;
    const answer = await askIfThere(options, transfer);
    if (!answer?.isOpen) return 0;
    const changes = note(each, 'credited', answer);
    if (transfer.plan.way === 'posted') {
      if (changes > 0) await options.post(transfer, answer);
      return changes;
    }
    if (answer.legs.length > 0) return changes + note(each, 'waiting', answer);
    each.isReturned = hasReturned(transfer, answer);
    return changes + (each.isReturned ? note(each, 'returned', answer) : 0);
  };
  return async (open) => {
    if (Date.now() < nextMs) return 0;
    const waiting = open.filter(
      ({ transfer: { plan } }) => plan.way === 'pooled' || plan.way === 'posted',
    );
    const changes = await Promise.all(waiting.map(look));
    nextMs = Date.now() + EVERY_MS;
    return changes.reduce((sum, change) => sum + change, 0);
  };
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
