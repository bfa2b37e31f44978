import { expect, test } from 'vitest';
import { genesisState } from '../../../src/ledger/genesis.ts';
import type { LedgerRules } from '../../../src/ledger/rules.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { refusal } from '../../support/refusal.ts';

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const chain = (chainId: bigint) => ({
  chainId,
  gateway: `0x${'a1'.repeat(20)}` as Hex,
  lagSec: 6n,
});
const RULES: LedgerRules = {
  schedule: { startSec: 1_900_000_000n, roundSec: 4n },
  chains: [chain(100n), chain(200n)],
  anchor: { chainId: 200n, address: `0x${'a9'.repeat(20)}` },
  lateSec: 259_200n,
  graceSec: 3_600n,
  pools: { leastRoots: 2, meanStayRounds: 2 },
  houseAccount: word('11'),
  firstEpoch: 7n,
};

test('the genesis state has consumed, released and heard nothing; only the house account is open', () => {
  const { accounts, legs, batches, epochs, chains, ...rest } = genesisState(RULES);
  const empty = { count: 0n, head: word('00') };
  expect(rest).toEqual({
    number: 0n,
    round: 0n,
    asOf: 0n,
    control: empty,
    pending: [],
    assets: [],
    successor: word('00'),
    beneficiary: word('00'),
  });
  const nothing = { inbox: empty, released: empty, paid: 0n, isSuspended: false };
  const gateway = `0x${'a1'.repeat(20)}`;
  expect(chains).toEqual([
    { chainId: 100n, gateway, ...nothing },
    { chainId: 200n, gateway, ...nothing },
  ]);
  expect([...accounts.entries()]).toEqual([
    [word('11'), { root: word('00'), nonceBase: 0n, nonceBits: 0n, balances: [] }],
  ]);
  expect([legs.size, batches.size]).toEqual([0, 0]);
  expect(epochs).toMatchObject([{ epoch: 7n, firstRound: 1n, opened: { size: 0 } }]);
});

test('there is room for 16 chains', () => {
  const chains = Array.from({ length: 16 }, (_, i) => chain(BigInt(i)));
  expect(genesisState({ ...RULES, chains }).chains).toHaveLength(16);
});

test.each([
  ['no chain', []],
  ['a chain twice', [100n, 100n]],
  ['chains out of order', [200n, 100n]],
  ['17 chains', Array.from({ length: 17 }, (_, i) => BigInt(i))],
])('%s is refused', (_, chainIds) => {
  const chains = chainIds.map(chain);
  expect(refusal(() => genesisState({ ...RULES, chains })).code).toBe('LEDGER_CHAINS_INVALID');
});
