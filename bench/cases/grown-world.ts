import type { LedgerAt } from '../../src/enclave/state.ts';
import { type AuthMap, mapFromEntries } from '../../src/ledger/auth-map.ts';
import { ACCOUNT_VALUES, LEG_VALUES } from '../../src/ledger/entry-codecs.ts';
import { idOfState } from '../../src/ledger/id-of-state.ts';
import type { Account, LedgerState, LegEntry } from '../../src/ledger/state.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { type EnclaveWorld, POLKADOT } from '../../test/support/enclave-world.ts';
import { COIN, uniqueAddress, uniqueWord } from './sealed-traffic.ts';

// A ledger that has had users for long: as many accounts and waiting legs as are asked for, in books that agree.

/** What is in a ledger before anything is measured. */
export interface Grown {
  readonly accounts: number;
  readonly legs: number;
  /** Accounts beside those, with {@link BALANCE} each. */
  readonly owners?: readonly Hex[];
}

const BALANCE = 10_000n;
const LEG_AMOUNT = 100n;
/** Exits are spread over as many rounds. */
const EXIT_ROUNDS = 96;

/** A state that has all this in it, to begin worlds with: making it takes longer than what is measured. */
export function grownLedger(world: EnclaveWorld, grown: Grown): LedgerAt {
  const { state } = world.ledger;
  const accounts = grownAccounts(state, grown);
  const legs = grownLegs(state.round, grown.legs);
  const held = BigInt(accounts.size - state.accounts.size) * BALANCE;
  const added = held + BigInt(grown.legs) * LEG_AMOUNT;
  const assets = state.assets.map((known) =>
    known.asset === COIN ? { ...known, locked: known.locked + added } : known,
  );
  const next: LedgerState = { ...state, assets, accounts, legs };
  return { state: next, stateId: idOfState(next, world.context.keys.ledgerSecretOf) };
}

/** Puts a world on that ledger. */
export function placeOn(world: EnclaveWorld, ledger: LedgerAt): void {
  world.state = { ...world.state, durable: { ...world.state.durable, ledger } };
}

function grownAccounts(state: LedgerState, { accounts, owners = [] }: Grown): AuthMap<Account> {
  const names = Array.from({ length: accounts }, (_, i) => uniqueWord('account', i));
  const entries = [...names, ...owners].map((key, i) => [key, accountOf(i)] as const);
  return mapFromEntries(ACCOUNT_VALUES, sorted([...entries, ...state.accounts.entries()]));
}

function accountOf(number: number): Account {
  return {
    root: uniqueWord('root', number),
    nonceBase: 0n,
    nonceBits: 0n,
    balances: [{ asset: COIN, amount: BALANCE }],
  };
}

function grownLegs(round: bigint, count: number): AuthMap<LegEntry> {
  const entries = Array.from(
    { length: count },
    (_, i) => [uniqueWord('leg', i), legOf(round, i)] as const,
  );
  return mapFromEntries(LEG_VALUES, sorted(entries));
}

function legOf(round: bigint, number: number): LegEntry {
  return {
    payment: {
      asset: COIN,
      chainId: POLKADOT,
      amount: LEG_AMOUNT,
      recipient: uniqueAddress('recipient', number),
      tag: uniqueWord('tag', number),
      account: uniqueWord('account', number),
      root: uniqueWord('root', number),
      crowd: 1,
    },
    notBefore: 0n,
    patience: 10_000n,
    afterPatience: 'return',
    exitRound: round + 1n + BigInt(number % EXIT_ROUNDS),
  };
}

function sorted<V>(entries: readonly (readonly [Hex, V])[]): (readonly [Hex, V])[] {
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}
