import { sha256 } from '../../src/crypto/hashes.ts';
import { type AuthMap, diffMaps, editMap, mapFromEntries } from '../../src/ledger/auth-map.ts';
import { ACCOUNT_VALUES } from '../../src/ledger/entry-codecs.ts';
import type { Account } from '../../src/ledger/state.ts';
import { type Hex, toBigEndian, toHex } from '../../src/shared/bytes.ts';
import type { Options } from '../options.ts';
import { formatCount, formatMs, printTable } from '../report.ts';
import { measureMs, type Repeats } from '../timing.ts';

const SIZES = [10, 10_000, 1_000_000];
/** As many as a large round makes. */
const CHANGES = 10_000;

/** What a change to an authenticated map costs, by how much else is in it. */
export async function benchLedgerMaps({ isQuick, repeats }: Options): Promise<void> {
  const rows: string[][] = [];
  let smallest: Costs | undefined;
  for (const size of isQuick ? SIZES.slice(0, 2) : SIZES) {
    const costs = await measure(size, repeats);
    smallest ??= costs;
    rows.push([
      formatCount(size),
      withRatio(costs.oneMs, smallest.oneMs),
      formatMs(costs.manyMs),
      formatMs(costs.diffMs),
    ]);
  }
  printTable({
    title: 'Ledger: authenticated maps',
    columns: [
      'accounts',
      'one change and its root',
      `${formatCount(CHANGES)} changes and their root`,
      'finding them again',
    ],
    rows,
    note: 'A change sets an account; the root is asked for after each, or once after all. In brackets: times what it costs with the fewest accounts. Finding again is what a sealed delta takes.',
  });
}

interface Costs {
  /** One set, then the root. */
  readonly oneMs: number;
  /** {@link CHANGES} sets, then the root. */
  readonly manyMs: number;
  /** The difference that they make. */
  readonly diffMs: number;
}

async function measure(size: number, repeats: Repeats): Promise<Costs> {
  const keys = Array.from({ length: size }, (_, i) => keyOf(i));
  const map = mapFromEntries(ACCOUNT_VALUES, accountsOf(keys));
  map.root();
  const picked = Array.from({ length: CHANGES }, (_, i) => keys[(i * 7_919) % size] ?? keyOf(0));
  let turn = 0;
  const changed = withChanges(map, picked);
  return {
    oneMs: await measureMs(() => withChanges(map, [keys[++turn % size] ?? keyOf(0)]), repeats),
    manyMs: await measureMs(() => withChanges(map, picked), repeats),
    diffMs: await measureMs(() => diffMaps(map, changed), repeats),
  };
}

function withChanges(map: AuthMap<Account>, keys: readonly Hex[]): AuthMap<Account> {
  const edit = editMap(map);
  for (const [i, key] of keys.entries()) edit.set(key, accountOf(BigInt(i) + 2n));
  return edit.done();
}

function accountsOf(keys: readonly Hex[]): (readonly [Hex, Account])[] {
  return keys.toSorted().map((key) => [key, accountOf(1n)]);
}

/** What a user has after some deposits: one asset. */
function accountOf(amount: bigint): Account {
  return { root: ROOT, nonceBase: 3n, nonceBits: 5n, balances: [{ asset: ROOT, amount }] };
}

const ROOT: Hex = `0x${'5e'.repeat(32)}`;

function keyOf(number: number): Hex {
  return toHex(sha256(toBigEndian(BigInt(number), 8)));
}

function withRatio(ms: number, leastMs: number): string {
  return `${formatMs(ms)} (${(ms / leastMs).toFixed(1)})`;
}
