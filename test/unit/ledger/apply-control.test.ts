import { describe, expect, test } from 'vitest';
import type { ControlContent } from '../../../src/protocol/control.ts';
import { createWorld, EAST, openWorld, TERMS, WEST, WEST_COIN } from '../../support/ledger.ts';

const registration = (change: Partial<typeof TERMS>): ControlContent => ({
  kind: 'registerAsset',
  asset: WEST_COIN,
  ...TERMS,
  ...change,
});
/** The western coin after the message holds. */
const coinAfter = (...contents: ControlContent[]) => {
  const world = openWorld();
  world.advance();
  for (const content of contents) world.govern(content);
  world.advance({ rounds: 2n });
  return world.asset(WEST_COIN);
};

describe('a registered asset', () => {
  test('has the terms it was registered with', () => {
    expect(coinAfter()?.terms).toEqual(TERMS);
  });

  test('may get more rungs, another entry fee and another least balance', () => {
    const change = { rungs: [0, 1, 2, 3], entryFee: 50n, leastBalance: 60n };
    expect(coinAfter(registration(change))?.terms).toEqual({ ...TERMS, ...change });
  });

  test.each([
    ['loses no rung', { rungs: [0, 1], entryFee: 50n }],
    ['keeps a rung even if another comes for it', { rungs: [0, 1, 4], entryFee: 50n }],
    ['keeps its unit', { poolUnit: 200n, entryFee: 50n }],
  ])('%s: such a message changes nothing at all', (_, change) => {
    expect(coinAfter(registration(change))?.terms).toEqual(TERMS);
  });
});

describe('a rate', () => {
  test('is set per chain, and again', () => {
    const rate: ControlContent = { kind: 'setRate', asset: WEST_COIN, chainId: EAST, rate: 9n };
    const rates = coinAfter({ ...rate, rate: 8n }, rate)?.rates;
    expect(rates?.map(({ chainId, amount }) => [chainId, amount])).toEqual([
      [100n, 2n],
      [200n, 9n],
      [300n, 2n],
    ]);
  });

  test('of a chain that the ledger does not have changes nothing', () => {
    const world = createWorld();
    world.govern({ kind: 'setRate', asset: WEST_COIN, chainId: 999n, rate: 9n });
    world.advance({ rounds: 2n });
    expect(world.state().assets).toEqual([]);
  });

  test('may be set before its asset has terms', () => {
    const world = createWorld();
    world.govern({ kind: 'setRate', asset: WEST_COIN, chainId: EAST, rate: 9n });
    world.advance({ rounds: 2n });
    expect(world.asset(WEST_COIN)).toMatchObject({
      terms: undefined,
      rates: [{ chainId: EAST, amount: 9n }],
    });
  });
});

test('a chain that the ledger does not have is neither suspended nor resumed', () => {
  const world = createWorld();
  world.govern({ kind: 'suspend', chainId: 999n }, { round: 1n });
  world.govern({ kind: 'resume', chainId: 999n });
  world.advance({ rounds: 2n });
  expect(world.state().chains.some(({ isSuspended }) => isSuspended)).toBe(false);
});

test('a chain is suspended, and resumed', () => {
  const world = createWorld();
  world.govern({ kind: 'suspend', chainId: WEST }, { round: 1n });
  world.govern({ kind: 'resume', chainId: WEST }, { round: 3n });
  world.advance({ rounds: 2n });
  expect(world.chain(WEST).isSuspended).toBe(true);
  world.advance();
  expect(world.chain(WEST).isSuspended).toBe(false);
});
