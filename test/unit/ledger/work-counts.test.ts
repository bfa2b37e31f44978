import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { OpenedEnvelope } from '../../../src/protocol/envelope.ts';
import type { Message } from '../../../src/protocol/message.ts';
import type { Leg, PostedOrder } from '../../../src/protocol/order.ts';
import {
  accountOf,
  addressOf,
  EAST_COIN,
  type LedgerWorld,
  legOf,
  openWorld,
  ownerOf,
  padded,
  postedOrder,
  RULES,
  sealedOrder,
  unopened,
} from '../../support/ledger.ts';
import * as sealing from './adversary/sealing.ts';

// Time says nothing: what a message makes an enclave do follows from what everybody sees of it. Counted here: HPKE opens, draws by the
// keyed function, signature checks, and writes of the authenticated maps.

const work = vi.hoisted(() => ({ opens: 0, checks: 0, draws: 0, writes: 0 }));
vi.mock('../../../src/crypto/hpke.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../../src/crypto/hpke.ts')>();
  const openHpke: typeof actual.openHpke = (...args) => {
    work.opens += 1;
    return actual.openHpke(...args);
  };
  return { ...actual, openHpke };
});
vi.mock('../../../src/protocol/order-signature.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../../src/protocol/order-signature.ts')>();
  const verifyOwnerSignature: typeof actual.verifyOwnerSignature = (...args) => {
    work.checks += 1;
    return actual.verifyOwnerSignature(...args);
  };
  return { ...actual, verifyOwnerSignature };
});
vi.mock('../../../src/ledger/prf.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../../src/ledger/prf.ts')>();
  // The keys of shuffles are not counted: one a chain and round, and a rank for each release, which everybody sees.
  const exitBits: typeof actual.exitBits = (...args) => {
    work.draws += 1;
    return actual.exitBits(...args);
  };
  return { ...actual, exitBits };
});
vi.mock('../../../src/ledger/trie.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../../src/ledger/trie.ts')>();
  const leafOf: typeof actual.leafOf = (...args) => {
    work.writes += 1;
    return actual.leafOf(...args);
  };
  const withoutKey: typeof actual.withoutKey = (...args) => {
    work.writes += 1;
    return actual.withoutKey(...args);
  };
  const withoutKeyInPlace: typeof actual.withoutKeyInPlace = (...args) => {
    work.writes += 1;
    return actual.withoutKeyInPlace(...args);
  };
  return { ...actual, leafOf, withoutKey, withoutKeyInPlace };
});

const NOTHING = { opens: 0, checks: 0, draws: 0, writes: 0 };
beforeEach(() => {
  Object.assign(work, NOTHING);
});

/** Legs that are due in none of the rounds that are looked at, beside those of the message itself. */
const SLOW = { ...RULES, pools: { leastRoots: 2, meanStayRounds: 1_000 } };
const VICTIM = 1;

/** Someone's account, with enough in it, and in a world where a few more are open. */
function populated(): LedgerWorld {
  const world = openWorld(SLOW);
  for (const owner of [2, 3, 4, 5, 6, 7]) world.send(sealedOrder({ account: accountOf(owner) }));
  world.advance();
  return world;
}

/** What the next round does, but for its batches, which everybody sees. */
function roundOf(world: LedgerWorld) {
  const before = { legs: world.state().legs.size, opened: openedCount(world) };
  Object.assign(work, NOTHING);
  const { batches } = world.advance();
  return {
    draws: work.draws,
    writes: work.writes - batches.length,
    legs: world.state().legs.size - before.legs,
    opened: openedCount(world) - before.opened,
  };
}

function openedCount(world: LedgerWorld): number {
  return world.state().epochs.reduce((sum, { opened }) => sum + opened.size, 0);
}

const pooled = (count: number): Leg[] => Array.from({ length: count }, () => legOf());
const direct = (count: number): Leg[] => pooled(count).map((leg) => ({ ...leg, mode: 'direct' }));
const transfers = (count: number, first: number): Leg[] =>
  pooled(count).map((leg, i) => ({
    ...leg,
    mode: 'transfer',
    chainId: 0n,
    recipient: accountOf(first + i),
  }));
const NOBODY = [legOf({ recipient: padded(addressOf(0)) })];

describe('a sealed deposit', () => {
  type Variant = readonly [string, OpenedEnvelope, Partial<Message>?];
  const order = (legs: readonly Leg[], account = accountOf(VICTIM)) =>
    sealedOrder({ account, legs });
  const variants: readonly Variant[] = [
    ['no leg', order([])],
    ['one leg', order(pooled(1))],
    ['six legs', order(pooled(6))],
    ['one leg at once', order(direct(1))],
    ['six legs at once', order(direct(6))],
    ['transfers to accounts that are open', order(transfers(6, 2))],
    ['transfers that open accounts', order(transfers(6, 20))],
    ['some of each', order([...pooled(2), ...direct(2), ...transfers(2, 2)])],
    ['legs that nobody can be paid', order(NOBODY)],
    ['more than it brings', order(pooled(6).map((leg) => ({ ...leg, amount: 1_000n })))],
    ['an account that is open', order(pooled(1), accountOf(2))],
    ['the house account', order(pooled(1), RULES.houseAccount)],
    ['too little to open its account', order(pooled(1)), { amount: 20n }],
    ['nothing that opens', unopened],
    ['an epoch that there is not', sealedOrder({ legs: pooled(6) }, { epoch: 9n })],
    ['an asset without terms', order(pooled(1)), { chainId: 200n, asset: EAST_COIN }],
    ['a destination, which sealed ones have not', order(pooled(1)), { destination: 200n }],
    ['no time left', order(pooled(6)), { sentAtSec: 1n }],
  ];

  function workOf([, envelope, change]: Variant) {
    const world = populated();
    world.send(envelope, change);
    return roundOf(world);
  }

  test('makes six draws, six entries and one opening, and as many writes, whatever is in it', () => {
    const usual = workOf(variants[1] as Variant);
    expect(usual).toMatchObject({ draws: 6, legs: 6, opened: 1 });
    expect(usual.writes).toBeGreaterThan(12);
    const counted = variants.map((variant) => [variant[0], workOf(variant)]);
    expect(counted).toEqual(variants.map(([name]) => [name, usual]));
  });

  test('that is a copy makes as many as its original', () => {
    const world = populated();
    const envelope = sealedOrder({ account: accountOf(VICTIM), legs: pooled(3) });
    world.send(envelope);
    const first = roundOf(world);
    world.send(envelope);
    expect(roundOf(world)).toEqual(first);
  });

  test('costs one HPKE open and no signature check, whether it opens or not', async () => {
    const { sealFor, depositOf } = sealing;
    const few = await sealFor(depositOf(), { legs: pooled(1) });
    const many = await sealFor(depositOf(), { legs: pooled(6), memo: new Uint8Array(128) });
    const otherEpoch = few.with(8, 77);
    const garbage = few.map((byte, i) => (i > 41 ? byte ^ 0x55 : byte));
    const badKey = few.map((byte, i) => (i > 8 && i < 41 ? 0 : byte));
    for (const envelope of [few, many, otherEpoch, garbage, badKey]) {
      Object.assign(work, NOTHING);
      await sealing.deposit(openWorld(), envelope);
      expect(work).toEqual({ ...NOTHING, opens: 1, writes: work.writes, draws: work.draws });
    }
  });
});

describe('a post', () => {
  const post = (change: Partial<PostedOrder> = {}, epoch?: bigint) =>
    postedOrder({ owner: ownerOf(2), ...change }, epoch);
  const variants: readonly (readonly [string, OpenedEnvelope, Partial<Message>?])[] = [
    ['no leg', post()],
    ['one leg', post({ legs: pooled(1) })],
    ['six legs', post({ legs: pooled(6) })],
    ['one leg at once', post({ legs: direct(1) })],
    ['six legs at once', post({ legs: direct(6) })],
    ['transfers to accounts that are open', post({ legs: transfers(6, 2) })],
    ['transfers that open accounts', post({ legs: transfers(6, 20) })],
    ['legs that nobody can be paid', post({ legs: NOBODY })],
    ['more than there is', post({ legs: pooled(1).map((leg) => ({ ...leg, amount: 10_000n })) })],
    ['a poster whose account is open', post({ posterAccount: accountOf(3) })],
    ['a poster whose account is not', post({ posterAccount: accountOf(30) })],
    ['an account that is not open', post({ owner: ownerOf(30), legs: pooled(6) })],
    ['a nonce that is none', post({ nonce: 128n })],
    ['an expiry that has passed', post({ expiry: 0n })],
    ['a fee below the reward', post({ maxFee: 0n })],
    ['an epoch that there is not', post({ legs: pooled(6) }, 9n)],
    ['another asset', post({ asset: EAST_COIN })],
    ['nothing that opens', unopened],
    ['no time left', post({ legs: pooled(6) }), { sentAtSec: 1n }],
  ];

  test('makes six draws and six entries, and as many writes, whatever is in it', () => {
    const counted = variants.map(([name, envelope, change]) => {
      const world = populated();
      world.post(envelope, change);
      return [name, roundOf(world)];
    });
    const [usual] = counted.map(([, counts]) => counts);
    expect(usual).toMatchObject({ draws: 6, legs: 6, opened: 0 });
    expect(counted).toEqual(variants.map(([name]) => [name, usual]));
  });

  test('costs one HPKE open and one signature check, whether it opens and is signed or not', async () => {
    const { seal, MALLORY, LEDGER } = sealing;
    const order = sealing.postedOrder({ legs: pooled(1) });
    const few = await seal(order);
    const envelopes = [
      few,
      await seal({ ...order, legs: pooled(6), memo: new Uint8Array(128) }),
      await seal(order, { signer: MALLORY }),
      await seal(order, { ledger: { ...LEDGER, chainId: 1n } }),
      few.with(9, 77),
      few.map((byte, i) => (i > 42 ? byte ^ 0x55 : byte)),
      // The scheme is in the clear, and one that it was not sealed under does not open.
      few.with(1, 1),
      few.with(1, 3),
    ];
    for (const envelope of envelopes) {
      Object.assign(work, NOTHING);
      await sealing.post(openWorld(), envelope);
      const { opens, checks } = work;
      expect({ opens, checks }).toEqual({ opens: 1, checks: 1 });
    }
  });
});

describe('legs whose patience ends', () => {
  test('are taken out and written alike, dummies and legs that go back to their accounts', () => {
    const counted = [0, 1, 6].map((legs) => {
      const world = populated();
      const patience = world.state().round + 2n;
      world.send(sealedOrder({ account: accountOf(VICTIM), legs: pooled(legs), patience }));
      world.advance();
      world.advance();
      return roundOf(world);
    });
    expect(counted[0]).toMatchObject({ legs: -6 });
    expect(counted).toEqual(counted.map(() => counted[0]));
  });
});

describe('legs whose turn it is', () => {
  test('draw and are written alike, dummies and legs that stay', () => {
    // Every leg is due in every round, and none has company.
    const world = openWorld({ ...RULES, pools: { leastRoots: 9, meanStayRounds: 1 } });
    const count = (legs: readonly Leg[], notBefore: bigint) => {
      world.send(sealedOrder({ account: accountOf(VICTIM), legs, notBefore }));
      return roundOf(world);
    };
    const first = count(pooled(6), 0n);
    expect(first).toMatchObject({ draws: 12, legs: 6 });
    // Six that stay draw again beside these, and so would six dummies that may not leave yet.
    expect(count([], 1_000n).draws).toBe(first.draws + 6);
    expect(count([], 1_000n).draws).toBe(first.draws + 12);
  });
});
