import { describe, expect, test } from 'vitest';
import { publicTag, REFUND_PAYOUT_INDEX } from '../../../src/protocol/tag.ts';
import {
  BENEFICIARY_ACCOUNT,
  EAST,
  EAST_COIN,
  GATEWAYS,
  HOUSE,
  openWorld,
  RATE,
  RECIPIENT,
  REFUND_TO,
  releasesOn,
  transparent,
  unopened,
  WEST,
  WEST_COIN,
  ZERO,
} from '../../support/ledger.ts';

const gatewayOf = (chainId: bigint) => GATEWAYS.get(chainId) ?? ZERO;

test('a transparent deposit pays its recipient all but fee and rate, under a tag that anyone can compute', () => {
  const world = openWorld();
  world.send(transparent);
  const done = world.advance();
  expect(releasesOn(done, EAST)).toEqual([
    {
      tag: publicTag(WEST, gatewayOf(WEST), 0n, 0),
      asset: WEST_COIN,
      recipient: RECIPIENT,
      amount: 1_000n - 10n - RATE,
      refundOf: 0n,
    },
  ]);
  expect(done.batches.map(({ fees }) => fees)).toEqual([[{ asset: WEST_COIN, amount: RATE }]]);
  expect(world.balance(HOUSE)).toBe(10n);
  expect(world.state().legs.size).toBe(0);
});

describe('given back on its own chain, less its fee, is', () => {
  const expectRefund = (send: (world: ReturnType<typeof openWorld>) => void, rate = RATE) => {
    const world = openWorld();
    send(world);
    const done = world.advance();
    expect(releasesOn(done, EAST)).toEqual([]);
    expect(releasesOn(done, WEST)).toEqual([
      {
        tag: publicTag(WEST, gatewayOf(WEST), 0n, REFUND_PAYOUT_INDEX),
        asset: WEST_COIN,
        recipient: REFUND_TO,
        amount: 990n,
        refundOf: 1n,
      },
    ]);
    expect(done.batches.map(({ fees }) => fees)).toEqual([[{ asset: WEST_COIN, amount: rate }]]);
    expect(world.balance(HOUSE)).toBe(10n - rate);
  };

  test.each([
    ['of no chain', { destination: 999n }],
    ['of the chain that it was made on', { destination: WEST }],
    ['of zero, as sealed ones have', { destination: 0n }],
  ])('a deposit with the destination %s', (_, change) => {
    expectRefund((world) => world.send(transparent, change));
  });

  test.each([
    ['the zero address', ZERO],
    ['the gateway that would pay it', gatewayOf(EAST)],
  ])('a deposit for %s', (_, recipient) => {
    expectRefund((world) => world.send({ kind: 'transparent', recipient }));
  });

  test('an envelope that is nothing', () => {
    expectRefund((world) => world.send(unopened, { envelope: Uint8Array.of(9) }));
  });

  test('a deposit for a suspended chain', () => {
    expectRefund((world) => {
      world.govern({ kind: 'suspend', chainId: EAST }, { round: 2n });
      world.send(transparent);
    });
  });

  test('a deposit that does not exceed fee and rate', () => {
    const world = openWorld();
    world.send(transparent, { amount: 10n + RATE });
    world.send(transparent, { amount: 10n + RATE + 1n });
    const done = world.advance();
    expect(releasesOn(done, WEST).map(({ amount }) => amount)).toEqual([RATE]);
    expect(releasesOn(done, EAST).map(({ amount }) => amount)).toEqual([1n]);
  });

  test('a deposit of an asset without terms, whose refund costs nothing without a rate', () => {
    const world = openWorld();
    world.send(transparent, { chainId: EAST, asset: EAST_COIN, destination: WEST });
    const done = world.advance();
    expect(releasesOn(done, EAST).map(({ amount }) => amount)).toEqual([990n]);
    expect(done.batches.map(({ fees }) => fees)).toEqual([[]]);
    expect(world.balance(HOUSE, EAST_COIN)).toBe(10n);
  });

  test('a deposit whose fee does not cover the rate: all of the fee goes with it', () => {
    const world = openWorld();
    world.send(transparent, { fee: 1n, destination: 0n });
    const done = world.advance();
    expect(releasesOn(done, WEST).map(({ amount }) => amount)).toEqual([999n]);
    expect(done.batches.map(({ fees }) => fees)).toEqual([[{ asset: WEST_COIN, amount: 1n }]]);
    expect(world.balance(HOUSE)).toBe(0n);
  });
});

test('a transparent post does nothing, and its fee is earned', () => {
  const world = openWorld();
  world.post(transparent, { envelope: Uint8Array.of(0) });
  const done = world.advance();
  expect(done.batches).toEqual([]);
  expect(world.balance(HOUSE)).toBe(7n);
  expect(world.account(BENEFICIARY_ACCOUNT)).toBeUndefined();
});
