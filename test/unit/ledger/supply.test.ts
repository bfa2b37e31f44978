import { describe, expect, test } from 'vitest';
import { assetId } from '../../../src/protocol/asset.ts';
import {
  accountOf,
  addressOf,
  createWorld,
  EAST,
  EAST_COIN,
  HOUSE,
  type LedgerWorld,
  legOf,
  NORTH,
  openWorld,
  RATE,
  RULES,
  sealedOrder,
  transparent,
  WEST,
  WEST_COIN,
} from '../../support/ledger.ts';
import { refusal } from '../../support/refusal.ts';

const supplyOf = (world: LedgerWorld) => {
  const { locked, minted } = world.asset(WEST_COIN) ?? { locked: 0n, minted: [] };
  return { locked, minted: minted.map(({ chainId, amount }) => [chainId, amount]) };
};

describe('an asset', () => {
  test('is locked at its origin and minted where it is paid, what the batch pays for it included', () => {
    const world = openWorld();
    world.send(transparent);
    world.advance();
    expect(supplyOf(world)).toEqual({ locked: 1_000n, minted: [[EAST, 990n]] });
    expect(world.balance(HOUSE)).toBe(10n);
  });

  test('is burnt where it comes from, and unlocked when it comes home', () => {
    const world = openWorld();
    world.send(transparent);
    world.advance();
    world.send(transparent, { chainId: EAST, destination: WEST, amount: 500n });
    world.advance();
    expect(supplyOf(world)).toEqual({ locked: 510n, minted: [[EAST, 490n]] });
    world.send(transparent, { chainId: EAST, destination: NORTH, amount: 490n });
    world.advance();
    expect(supplyOf(world)).toEqual({ locked: 510n, minted: [[NORTH, 480n]] });
  });

  test('is inside the ledger while it is in accounts and pools', () => {
    const world = openWorld({ ...RULES, pools: { leastRoots: 9, meanStayRounds: 96 } });
    world.send(sealedOrder({ legs: [legOf(), legOf({ mode: 'direct', amount: 300n })] }));
    world.advance();
    expect(supplyOf(world)).toEqual({ locked: 1_000n, minted: [[EAST, 300n]] });
    const accounts = world.balance(accountOf(1)) + world.balance(HOUSE);
    expect(accounts + 100n + 300n).toBe(1_000n);
  });

  test('that nobody has registered is not listed any more when all of it has gone back', () => {
    const world = openWorld();
    world.send(transparent, { chainId: EAST, asset: EAST_COIN, destination: WEST, fee: 0n });
    world.advance();
    expect(world.asset(EAST_COIN)).toBeUndefined();
  });

  test('is all accounted for when a batch pays more than a message brought it in fees', () => {
    const world = openWorld();
    world.send(transparent, { fee: 1n, amount: 2n + RATE });
    world.advance();
    expect(supplyOf(world)).toEqual({ locked: 2n + RATE, minted: [[EAST, 1n + RATE]] });
  });
});

describe('the ledger stops at', () => {
  test('a burn of what was never minted there', () => {
    const world = openWorld();
    world.send(transparent, { chainId: EAST, destination: WEST });
    const { code, disposition, meta } = refusal(() => world.advance());
    expect([code, disposition]).toEqual(['LEDGER_SUPPLY_BROKEN', 'halt']);
    expect(meta).toEqual({ asset: WEST_COIN, chainId: EAST, amount: 1_000n, balance: -1_000n });
  });

  test('a burn of one unit more than was minted there, even if it is given back', () => {
    const world = openWorld();
    world.send(transparent);
    world.advance();
    world.send(transparent, { chainId: EAST, destination: EAST, amount: 991n });
    expect(refusal(() => world.advance()).code).toBe('LEDGER_SUPPLY_BROKEN');
  });

  test('an asset whose origin is no chain of the ledger', () => {
    const world = openWorld();
    world.send(transparent, { asset: assetId(999n, addressOf(1)) });
    expect(refusal(() => world.advance()).code).toBe('LEDGER_SUPPLY_BROKEN');
  });

  test('a supply that outgrows 128 bits', () => {
    const world = openWorld();
    const amount = 1n << 127n;
    world.send(transparent, { amount });
    world.send(transparent, { amount });
    const { code, meta } = refusal(() => world.advance());
    expect(code).toBe('LEDGER_SUPPLY_BROKEN');
    expect(meta).toEqual({ asset: WEST_COIN, chainId: WEST, amount, balance: 1n << 128n });
  });

  test('a state in which less is locked than is minted', () => {
    const broken = {
      asset: EAST_COIN,
      terms: undefined,
      rates: [],
      reward: 0n,
      locked: 1n,
      minted: [{ chainId: WEST, amount: 2n }],
    };
    const world = createWorld(RULES, { ...createWorld().state(), assets: [broken] });
    const { code, meta } = refusal(() => world.advance());
    expect(code).toBe('LEDGER_SUPPLY_BROKEN');
    expect(meta).toEqual({ asset: EAST_COIN, locked: 1n, minted: 2n, inside: -1n });
  });
});
