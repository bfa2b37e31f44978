import { describe, expect, test } from 'vitest';
import { depositorRoot } from '../../../src/protocol/account.ts';
import type { PostedOrder } from '../../../src/protocol/order.ts';
import { payoutTag } from '../../../src/protocol/tag.ts';
import {
  accountOf,
  addressOf,
  EAST,
  EAST_COIN,
  HOUSE,
  type LedgerWorld,
  legOf,
  openWorld,
  ownerOf,
  postedOrder,
  RATE,
  RECIPIENT,
  REWARD,
  RULES,
  releasesOn,
  SENDER,
  sealedOrder,
  TERMS,
  unopened,
  WEST_COIN,
  wordOf,
} from '../../support/ledger.ts';

const OWN = accountOf(1);
const START = 990n - TERMS.entryFee;
const POSTER = accountOf(7);
const direct = legOf({ mode: 'direct', amount: 300n });
/** A world in round 2, in which account 1 has {@link START} and account 7 is open. */
const funded = (meanStayRounds = 96) => {
  const world = openWorld({ ...RULES, pools: { leastRoots: 9, meanStayRounds } });
  world.send(sealedOrder());
  world.send(sealedOrder({ account: POSTER }), { sender: addressOf(0x61) });
  world.advance();
  return world;
};
const isDone = (world: LedgerWorld, nonce = 0n) =>
  (((world.account(OWN)?.nonceBits ?? 0n) >> nonce) & 1n) === 1n;
const posted = (change: Partial<PostedOrder>, world = funded()) => {
  world.post(postedOrder(change));
  const done = world.advance();
  return { world, done };
};
const expectNothing = ({ world, done }: ReturnType<typeof posted>, left = START) => {
  expect(done.batches).toEqual([]);
  expect(world.account(OWN)).toMatchObject({ nonceBase: 0n, nonceBits: 0n });
  expect(world.balance(OWN)).toBe(left);
};

describe('a posted order', () => {
  test('does its legs, uses its nonce and pays for its posting', () => {
    const { world, done } = posted({ legs: [direct, legOf()], posterAccount: POSTER });
    expect(releasesOn(done, EAST)).toMatchObject([
      {
        tag: payoutTag(new Uint8Array(32).fill(0x5e), 0),
        recipient: RECIPIENT,
        amount: 300n - RATE,
      },
    ]);
    const legs = [...world.state().legs.entries()].flatMap(([, { payment }]) => payment ?? []);
    expect(legs).toMatchObject([{ account: OWN, root: depositorRoot(100n, SENDER), amount: 100n }]);
    expect(world.account(OWN)).toMatchObject({ nonceBase: 0n, nonceBits: 1n });
    expect(world.balance(OWN)).toBe(START - 400n - REWARD);
    expect(world.balance(POSTER)).toBe(START + REWARD);
  });

  test('pays the house if the poster’s account is not open, and opens none', () => {
    const { world } = posted({ posterAccount: wordOf(9) });
    expect(world.account(wordOf(9))).toBeUndefined();
    expect(world.balance(OWN)).toBe(START - REWARD);
    // Two entry fees and two messages' fees, then the post's and its reward.
    expect(world.balance(HOUSE)).toBe(2n * TERMS.entryFee + 20n + 7n + REWARD);
  });

  test('may pay its own account for its posting', () => {
    expect(posted({ posterAccount: OWN }).world.balance(OWN)).toBe(START);
  });

  test('executes once', () => {
    const { world } = posted({ legs: [direct] });
    world.post(postedOrder({ legs: [direct] }));
    expect(world.advance().batches).toEqual([]);
    expect(world.balance(OWN)).toBe(START - 300n - REWARD);
  });

  test('is cancelled by another of its nonce, and not by one of a later nonce', () => {
    const world = funded();
    world.post(postedOrder({ nonce: 6n }));
    world.post(postedOrder({ nonce: 5n, legs: [direct] }));
    world.post(postedOrder({ nonce: 6n, legs: [direct] }));
    expect(releasesOn(world.advance(), EAST)).toHaveLength(1);
  });

  test('may be the second of a round to spend what the first has left', () => {
    const world = funded();
    const amount = START - TERMS.leastBalance - 2n * REWARD - 300n;
    world.post(postedOrder({ legs: [direct] }));
    world.post(postedOrder({ nonce: 1n, legs: [{ ...direct, amount }] }));
    world.post(postedOrder({ nonce: 2n }));
    world.advance();
    expect([isDone(world, 1n), isDone(world, 2n)]).toEqual([true, false]);
    expect(world.balance(OWN)).toBe(TERMS.leastBalance);
  });
});

describe('nothing happens, and the nonce is free, if a posted order', () => {
  test('is of an account that is not open', () => {
    expectNothing(posted({ owner: ownerOf(3), legs: [direct] }));
  });

  test('is of another account of the same owner', () => {
    expectNothing(posted({ owner: { ...ownerOf(1), index: 1 }, legs: [direct] }));
  });

  test.each<[string, Partial<PostedOrder>]>([
    ['allows less for posting than that costs', { maxFee: REWARD - 1n }],
    ['has expired', { expiry: 2n }],
    ['expires more than a day ahead', { expiry: 3n + 864n + 1n }],
    ['has a nonce beyond the window', { nonce: 128n }],
    ['is of an asset without terms', { asset: EAST_COIN }],
    ['has a direct leg and a later notBefore', { notBefore: 4n }],
    ['has a leg that cannot be done', { legs: [direct, legOf({ amount: 101n })] }],
    ['asks for more than there is', { legs: [{ ...direct, amount: START + 1n }] }],
  ])('%s', (_, change) => {
    expectNothing(posted({ legs: [direct], ...change }));
  });

  test('would leave less than the least balance, its reward counted', () => {
    const amount = START - REWARD - TERMS.leastBalance;
    expectNothing(posted({ legs: [{ ...direct, amount: amount + 1n }] }));
    expect(isDone(posted({ legs: [{ ...direct, amount }] }).world)).toBe(true);
  });

  test('does not open, or comes where posts do not', () => {
    const world = funded();
    world.post(unopened);
    world.post(sealedOrder({ legs: [direct] }));
    const before = world.balance(HOUSE);
    expectNothing({ world, done: world.advance() });
    expect(world.balance(HOUSE)).toBe(before + 14n);
  });

  test('is late', () => {
    const world = funded();
    world.post(postedOrder({ legs: [direct] }), { sentAtSec: 1n });
    expectNothing({ world, done: world.advance() });
  });
});

describe('is done on the edge of what it allows:', () => {
  test.each<[string, Partial<PostedOrder>]>([
    ['a reward of all that it pays for posting', { maxFee: REWARD }],
    ['the round that it expires in', { expiry: 3n }],
    ['an expiry a day ahead', { expiry: 3n + 864n }],
    ['a notBefore of this round', { notBefore: 3n }],
    ['a later notBefore without direct legs', { notBefore: 9n, legs: [legOf()] }],
  ])('%s', (_, change) => {
    expect(isDone(posted({ legs: [direct], ...change }).world)).toBe(true);
  });

  test('the last nonce of the window', () => {
    const { world } = posted({ nonce: 127n });
    expect(world.account(OWN)).toMatchObject({ nonceBase: 64n, nonceBits: 1n << 63n });
  });
});

test('the fee of a post is the beneficiary’s, whatever becomes of it', () => {
  for (const envelope of [postedOrder(), postedOrder({ nonce: 500n }), unopened]) {
    const world = funded();
    const before = world.balance(POSTER);
    world.post(envelope);
    world.advance({ beneficiary: POSTER });
    expect(world.balance(POSTER)).toBe(before + 7n);
  }
});

test('every post leaves six entries, whatever becomes of it', () => {
  for (const envelope of [
    postedOrder({ legs: [legOf()] }),
    postedOrder({ nonce: 500n }),
    unopened,
  ]) {
    const world = funded(2_000);
    const before = world.state().legs.size;
    world.post(envelope, { asset: WEST_COIN });
    world.advance();
    expect(world.state().legs.size).toBe(before + 6);
  }
});
