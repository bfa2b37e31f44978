import { describe, expect, test } from 'vitest';
import { depositorRoot } from '../../../src/protocol/account.ts';
import { payoutTag } from '../../../src/protocol/tag.ts';
import {
  accountOf,
  addressOf,
  EAST,
  EAST_COIN,
  HOUSE,
  type LedgerWorld,
  legOf,
  NORTH,
  openWorld,
  padded,
  RATE,
  RECIPIENT,
  REFUND_TO,
  RULES,
  releasesOn,
  SENDER,
  sealedOrder,
  TERMS,
  unopened,
  WEST,
  WEST_COIN,
  wordOf,
} from '../../support/ledger.ts';

const OWN = accountOf(1);
const TAG_SECRET = new Uint8Array(32).fill(0x5e);
const credited = 1_000n - 10n;
/** Rounds long enough for pooled legs to be seen waiting. */
const slow = () => openWorld({ ...RULES, pools: { leastRoots: 9, meanStayRounds: 96 } });
const legsOf = (world: LedgerWorld) => [...world.state().legs.entries()].map(([, leg]) => leg);
const waiting = (world: LedgerWorld) => legsOf(world).flatMap(({ payment }) => payment ?? []);
const direct = legOf({ mode: 'direct', amount: 300n });
const expectRefund = (world: LedgerWorld, amount = credited) => {
  const done = world.advance();
  expect(releasesOn(done, WEST).map((release) => [release.recipient, release.amount])).toEqual([
    [REFUND_TO, amount],
  ]);
};

/** What opens an account, and so the least that a deposit or a transfer may bring to any. */
const LEAST = TERMS.entryFee + TERMS.leastBalance;

describe('a sealed deposit', () => {
  test('opens the account that it names, for the entry fee, with its depositor as root', () => {
    const world = openWorld();
    world.send(sealedOrder());
    const done = world.advance();
    expect(done.batches).toEqual([]);
    expect(world.account(OWN)).toEqual({
      root: depositorRoot(WEST, SENDER),
      nonceBase: 0n,
      nonceBits: 0n,
      balances: [{ asset: WEST_COIN, amount: credited - TERMS.entryFee }],
    });
    // The entry fee and, since nobody is named, the message's fee.
    expect(world.balance(HOUSE)).toBe(TERMS.entryFee + 10n);
  });

  test('credits one that is open with all but the message’s fee, whoever pays in, and leaves its root', () => {
    const world = openWorld();
    world.send(sealedOrder());
    world.send(sealedOrder(), { sender: addressOf(0x61), amount: 10n + LEAST });
    world.advance();
    expect(world.balance(OWN)).toBe(credited - TERMS.entryFee + LEAST);
    expect(world.account(OWN)?.root).toBe(depositorRoot(WEST, SENDER));
  });

  test.each([
    ['just enough to open an account', 0n, true],
    ['a unit less', 1n, false],
  ])('of %s', (_, missing, isOpened) => {
    const world = openWorld();
    world.send(sealedOrder(), { amount: 10n + TERMS.entryFee + TERMS.leastBalance - missing });
    const done = world.advance();
    expect(world.account(OWN) !== undefined).toBe(isOpened);
    expect(releasesOn(done, WEST)).toHaveLength(isOpened ? 0 : 1);
  });

  test.each<[string, Parameters<LedgerWorld['send']>]>([
    ['does not open', [unopened, { envelope: Uint8Array.of(1) }]],
    ['names a destination in clear', [sealedOrder(), { destination: EAST }]],
    ['is a post', [{ ...unopened }, { envelope: Uint8Array.of(2) }]],
    ['is late', [sealedOrder(), { sentAtSec: 1n }]],
  ])('that %s is given back', (_, [envelope, change]) => {
    const world = openWorld();
    world.send(envelope, change);
    expectRefund(world);
    expect(world.account(OWN)).toBeUndefined();
  });

  test('of an asset without terms is given back', () => {
    const world = openWorld();
    world.send(sealedOrder(), { chainId: EAST, asset: EAST_COIN });
    const done = world.advance();
    expect(releasesOn(done, EAST).map(({ amount }) => amount)).toEqual([credited]);
  });

  test('that repeats one that has opened is given back', () => {
    const world = openWorld();
    const order = sealedOrder();
    world.send(order);
    world.advance();
    world.send(order);
    expectRefund(world);
    expect(world.balance(OWN)).toBe(credited - TERMS.entryFee);
  });

  test('is late a second past the limit, and not on it', () => {
    for (const [age, isLate] of [
      [RULES.lateSec, false],
      [RULES.lateSec + 1n, true],
    ] as const) {
      const world = openWorld();
      const { sentAtSec } = world.send(sealedOrder());
      const done = world.advance({ asOf: sentAtSec + age });
      expect(releasesOn(done, WEST)).toHaveLength(isLate ? 1 : 0);
    }
  });
});

describe('a direct leg', () => {
  test('leaves in the round that consumes its order, less the rate, under a tag of its owner’s', () => {
    const world = openWorld();
    world.send(sealedOrder({ legs: [direct] }));
    const done = world.advance();
    expect(releasesOn(done, EAST)).toEqual([
      {
        tag: payoutTag(TAG_SECRET, 0),
        asset: WEST_COIN,
        recipient: RECIPIENT,
        amount: 300n - RATE,
        refundOf: 0n,
      },
    ]);
    expect(world.balance(OWN)).toBe(credited - TERMS.entryFee - 300n);
  });

  test('may pay on the chain that the deposit was made on', () => {
    const world = openWorld();
    world.send(sealedOrder({ legs: [{ ...direct, chainId: WEST }] }));
    expect(releasesOn(world.advance(), WEST)).toMatchObject([{ amount: 298n, refundOf: 0n }]);
  });

  test('stays in its account if it does not exceed the rate, and the others leave', () => {
    const world = openWorld();
    world.send(sealedOrder({ legs: [{ ...direct, amount: RATE }, direct] }));
    const done = world.advance();
    expect(releasesOn(done, EAST)).toMatchObject([{ tag: payoutTag(TAG_SECRET, 1) }]);
    expect(world.balance(OWN)).toBe(credited - TERMS.entryFee - 300n);
  });

  test('stays in its account if its chain is suspended', () => {
    const world = openWorld();
    world.govern({ kind: 'suspend', chainId: EAST }, { round: 2n });
    world.send(sealedOrder({ legs: [direct, { ...direct, chainId: NORTH }] }));
    const done = world.advance();
    expect(releasesOn(done, EAST)).toEqual([]);
    expect(releasesOn(done, NORTH)).toHaveLength(1);
    expect(world.balance(OWN)).toBe(credited - TERMS.entryFee - 300n);
  });
});

describe('a pooled leg', () => {
  test('waits, with the root of its depositor, and dummies in the place of the other five', () => {
    const world = slow();
    world.send(sealedOrder({ legs: [direct, legOf({ crowd: 4 })], patience: 7n, notBefore: 3n }));
    world.advance();
    expect(waiting(world)).toEqual([
      {
        asset: WEST_COIN,
        chainId: EAST,
        amount: 100n,
        recipient: RECIPIENT,
        tag: payoutTag(TAG_SECRET, 1),
        account: OWN,
        root: depositorRoot(WEST, SENDER),
        crowd: 4,
      },
    ]);
    expect(legsOf(world)).toHaveLength(6);
    for (const leg of legsOf(world)) {
      expect(leg).toMatchObject({ patience: 7n, notBefore: 3n, afterPatience: 'return' });
    }
    expect(world.balance(OWN)).toBe(credited - TERMS.entryFee - 400n);
  });
});

describe('a transfer', () => {
  const transferTo = (account: number, amount: bigint) =>
    legOf({ mode: 'transfer', chainId: 0n, recipient: accountOf(account), amount });

  test('opens its payee for the entry fee, with the root of the account that pays', () => {
    const world = openWorld();
    world.send(sealedOrder({ legs: [transferTo(2, 50n)] }));
    world.advance();
    expect(world.account(accountOf(2))).toMatchObject({
      root: depositorRoot(WEST, SENDER),
      balances: [{ asset: WEST_COIN, amount: 50n - TERMS.entryFee }],
    });
    expect(world.balance(HOUSE)).toBe(2n * TERMS.entryFee + 10n);
    expect(world.balance(OWN)).toBe(credited - TERMS.entryFee - 50n);
  });

  test('credits a payee that is open with all of it, and its own account too', () => {
    const world = openWorld();
    world.send(sealedOrder({ account: accountOf(2) }));
    world.send(sealedOrder({ legs: [transferTo(2, LEAST), transferTo(1, LEAST + 1n)] }));
    world.advance();
    expect(world.balance(accountOf(2))).toBe(credited - TERMS.entryFee + LEAST);
    expect(world.balance(OWN)).toBe(credited - TERMS.entryFee - LEAST);
  });

  test.each([
    ['just enough', 0n, true],
    ['a unit less', 1n, false],
  ])('of %s opens an account, or nothing of its order is done', (_, missing, isDone) => {
    const world = openWorld();
    const amount = TERMS.entryFee + TERMS.leastBalance - missing;
    world.send(sealedOrder({ legs: [transferTo(2, amount), direct] }));
    const done = world.advance();
    expect(world.account(accountOf(2)) !== undefined).toBe(isDone);
    expect(releasesOn(done, EAST)).toHaveLength(isDone ? 1 : 0);
    const spent = isDone ? amount + 300n : 0n;
    expect(world.balance(OWN)).toBe(credited - TERMS.entryFee - spent);
  });

  test('to one account by many legs opens it once, and only if each would', () => {
    const world = openWorld();
    world.send(sealedOrder({ legs: [transferTo(2, 20n), transferTo(2, 20n)] }));
    world.advance();
    expect(world.balance(accountOf(2))).toBe(40n - TERMS.entryFee);
  });
});

describe('all stays in the account if a leg', () => {
  test.each([
    ['is for a chain that there is not', { chainId: 999n }],
    ['is for the zero address', { recipient: padded(addressOf(0)) }],
    ['is for the gateway that would pay it', { recipient: padded(addressOf(0xa2)) }],
    ['is for more than an address', { recipient: wordOf(0x52) }],
    ['is of nothing', { amount: 0n }],
    ['is pooled and not canonical', { amount: 101n }],
    ['is pooled and of a canonical amount that the asset has no rung for', { amount: 500n }],
    ['is more than the deposit brings', { mode: 'direct', amount: credited } as const],
  ])('%s', (_, change) => {
    const world = slow();
    world.send(sealedOrder({ legs: [direct, legOf(change)] }));
    const done = world.advance();
    expect(done.batches).toEqual([]);
    expect(waiting(world)).toEqual([]);
    expect(world.balance(OWN)).toBe(credited - TERMS.entryFee);
  });

  test('is for a chain where the asset has no rate', () => {
    const world = openWorld();
    const asset = EAST_COIN;
    world.govern({ kind: 'registerAsset', asset, ...TERMS });
    world.govern({ kind: 'setRate', asset, chainId: WEST, rate: RATE });
    world.advance();
    const change = { chainId: EAST, asset };
    world.send(sealedOrder({ legs: [{ ...direct, chainId: NORTH }] }), change);
    world.send(sealedOrder({ legs: [{ ...direct, chainId: WEST }] }), change);
    const done = world.advance();
    expect(releasesOn(done, NORTH)).toEqual([]);
    expect(releasesOn(done, WEST)).toHaveLength(1);
  });

  test.each([
    ['leaves the least balance', 0n, true],
    ['would leave less', 1n, false],
  ])('%s', (_, more, isDone) => {
    const world = openWorld();
    const amount = credited - TERMS.entryFee - TERMS.leastBalance + more;
    world.send(sealedOrder({ legs: [{ ...direct, amount }] }));
    const done = world.advance();
    expect(releasesOn(done, EAST)).toHaveLength(isDone ? 1 : 0);
  });

  test('spends what the account had before, though that would do', () => {
    const world = openWorld();
    world.send(sealedOrder());
    world.send(sealedOrder({ legs: [{ ...direct, amount: 500n }] }), { amount: 509n });
    world.send(sealedOrder({ legs: [{ ...direct, amount: 500n }] }), { amount: 510n });
    const done = world.advance();
    expect(releasesOn(done, EAST)).toHaveLength(1);
    expect(world.balance(OWN)).toBe(credited - TERMS.entryFee + 499n);
  });
});

test('every sealed deposit leaves six entries, whatever becomes of it', () => {
  for (const envelope of [sealedOrder(), sealedOrder({ legs: [direct] }), unopened]) {
    for (const change of [{}, { sentAtSec: 1n }, { destination: EAST }]) {
      const world = slow();
      world.send(envelope, { envelope: Uint8Array.of(1), destination: 0n, ...change });
      world.advance();
      expect(world.state().legs.size).toBe(6);
      expect(world.state().epochs[0]?.opened.size).toBe(1);
    }
  }
});
