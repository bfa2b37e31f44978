import { describe, expect, test } from 'vitest';
import { MAX_BATCH_RELEASES } from '../../../src/protocol/release.ts';
import {
  accountOf,
  BENEFICIARY_ACCOUNT,
  EAST,
  EAST_COIN,
  HOUSE,
  openWorld,
  RATE,
  sealedOrder,
  TERMS,
  transparent,
  WEST,
  WEST_COIN,
  wordOf,
} from '../../support/ledger.ts';

describe('the beneficiary', () => {
  /** Account 1 is open. */
  const world = () => {
    const opened = openWorld();
    opened.send(sealedOrder());
    opened.advance();
    return opened;
  };

  test('is credited with the fees of all rounds, of every asset, after the last of them', () => {
    const opened = world();
    const before = opened.balance(accountOf(1));
    opened.send(transparent);
    opened.send(transparent, { fee: 3n, sentAtSec: 1_000_399n });
    opened.send(transparent, { chainId: EAST, asset: EAST_COIN, destination: WEST, fee: 4n });
    opened.advance({ rounds: 3n, beneficiary: accountOf(1) });
    expect(opened.balance(accountOf(1))).toBe(before + 13n);
    expect(opened.balance(accountOf(1), EAST_COIN)).toBe(4n);
  });

  test('opens no account: the house has what would be its', () => {
    const opened = world();
    const before = opened.balance(HOUSE);
    opened.send(transparent);
    opened.advance({ beneficiary: wordOf(0x99) });
    expect(opened.account(wordOf(0x99))).toBeUndefined();
    expect(opened.balance(HOUSE)).toBe(before + 10n);
  });

  test('may be opened in the very rounds that it is credited for', () => {
    const opened = openWorld();
    opened.send(sealedOrder());
    opened.advance({ beneficiary: accountOf(1) });
    expect(opened.balance(accountOf(1))).toBe(1_000n - TERMS.entryFee);
    expect(opened.balance(HOUSE)).toBe(TERMS.entryFee);
  });

  test('gets what refunds leave of their fees', () => {
    const opened = world();
    const before = opened.balance(accountOf(1));
    opened.send(transparent, { destination: 0n });
    opened.advance({ beneficiary: accountOf(1) });
    expect(opened.balance(accountOf(1))).toBe(before + 10n - RATE);
  });
});

describe('a batch’s fees', () => {
  test('are its releases times the rate, whoever they are for', () => {
    const world = openWorld();
    for (let i = 0; i < MAX_BATCH_RELEASES + 2; i++) world.send(transparent, { fee: BigInt(i) });
    const { batches } = world.advance();
    expect(batches.map(({ releases, fees }) => [releases.length, fees])).toEqual([
      [16, [{ asset: WEST_COIN, amount: 16n * RATE }]],
      [2, [{ asset: WEST_COIN, amount: 2n * RATE }]],
    ]);
  });

  test('are listed by ascending asset, none of them zero', () => {
    const world = openWorld();
    world.govern({ kind: 'registerAsset', asset: EAST_COIN, ...TERMS });
    world.govern({ kind: 'setRate', asset: EAST_COIN, chainId: EAST, rate: 5n });
    world.advance();
    world.send(transparent, { chainId: EAST, asset: EAST_COIN, destination: EAST });
    world.send(transparent, { chainId: EAST, asset: EAST_COIN, destination: EAST, fee: 0n });
    world.send(transparent);
    const fees = world.advance().batches.flatMap((batch) => batch.fees);
    expect(fees).toEqual([
      { asset: WEST_COIN, amount: RATE },
      { asset: EAST_COIN, amount: 5n },
    ]);
  });
});

test('a beneficiary who is nobody stays nobody', () => {
  const world = openWorld();
  world.send(transparent);
  world.advance();
  expect(world.account(BENEFICIARY_ACCOUNT)).toBeUndefined();
});
