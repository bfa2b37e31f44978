import { genesisState } from '../../../src/ledger/genesis.ts';
import type { LedgerState } from '../../../src/ledger/state.ts';
import {
  type Transition,
  type TransitionInput,
  transition,
} from '../../../src/ledger/transition.ts';
import type { AssetId } from '../../../src/protocol/asset.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { STRANGER } from '../../support/ledger-places.ts';
import { type History, inputOf } from './history.ts';
import { type PlainState, plainOf } from './plain-state.ts';

// Plays a history through the ledger itself, by any schedule.

/** The last rounds of the transitions that a history is cut into. */
export type Schedule = readonly bigint[];

export interface Run {
  readonly schedule: Schedule;
  readonly beneficiary?: Hex;
  readonly isAhead?: boolean;
  /** What becomes of the state between two transitions. */
  readonly between?: (state: LedgerState) => LedgerState;
}

/** One transition of a run. */
export interface Ran {
  readonly before: LedgerState;
  readonly input: TransitionInput;
  readonly made: Transition;
}

export function runHistory(history: History, run: Run): Ran[] {
  const { schedule, beneficiary = STRANGER, isAhead = true, between = (state) => state } = run;
  let before = genesisState(history.rules);
  return schedule.map((to) => {
    const input = inputOf(history, before, { to, beneficiary, isAhead });
    const ran = { before, input, made: transition(before, input) };
    before = between(ran.made.state);
    return ran;
  });
}

/** Every round by itself. */
export function oneByOne({ commits }: Pick<History, 'commits'>): Schedule {
  return commits.map((_, i) => BigInt(i + 1));
}

/** As few transitions as can be: one ends before every suspension, where `endsWith` says so, and with the last round. */
export function cutInto(history: History, endsWith: (round: bigint) => boolean): Schedule {
  return oneByOne(history).filter((round) => {
    const next = history.commits[Number(round)];
    return next === undefined || next.isFirst || endsWith(round);
  });
}

/**
 * What does not depend on how rounds are put together, nor on who commits: all of the state but number, time and beneficiary of the commit, what
 * is known to be paid, and what the beneficiary is credited, which goes into one pot with what the house has.
 */
export function comparable(state: LedgerState, beneficiary: Hex, house: Hex): object {
  const { number: _, asOf: __, batches: ___, beneficiary: ____, ...rest } = plainOf(state);
  const chains = rest.chains.map(({ paid: _paid, ...chain }) => chain);
  const accounts = new Map(rest.accounts);
  const pot = new Map<AssetId, bigint>();
  for (const owner of new Set([beneficiary, house])) {
    for (const [asset, amount] of accounts.get(owner)?.balances ?? []) {
      pot.set(asset, (pot.get(asset) ?? 0n) + amount);
    }
    const account = accounts.get(owner);
    if (account !== undefined) accounts.set(owner, { ...account, balances: new Map() });
  }
  return { ...rest, chains, accounts, pot };
}

/** What accounts and waiting legs hold of every asset. */
export function heldInside({ accounts, legs }: PlainState): Map<AssetId, bigint> {
  const held = new Map<AssetId, bigint>();
  const add = (asset: AssetId, amount: bigint) => {
    held.set(asset, (held.get(asset) ?? 0n) + amount);
  };
  for (const { balances } of accounts.values()) {
    for (const [asset, amount] of balances) add(asset, amount);
  }
  for (const { payment } of legs.values()) if (payment) add(payment.asset, payment.amount);
  return held;
}
