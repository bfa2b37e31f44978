import { describe, expect, test } from 'vitest';
import type { LedgerRules } from '../../../../src/ledger/rules.ts';
import { decodeDepositOrder, encodeDepositOrder } from '../../../../src/protocol/deposit-order.ts';
import {
  type CrowdFactor,
  type DepositOrder,
  type Leg,
  MAX_PARKING_SEC,
} from '../../../../src/protocol/order.ts';
import {
  accountOf,
  addressOf,
  EAST,
  type LedgerWorld,
  legOf,
  openWorld,
  ownerOf,
  postedOrder,
  RULES,
  releasesOn,
  sealedOrder,
  TERMS,
  WEST,
} from '../../../support/ledger.ts';
import { refusal } from '../../../support/refusal.ts';

// Who tries to be a victim's only company, and what it does not help. A leg leaves in every round in which it may, unless a rule says
// otherwise; the floor is two roots.

const VICTIM = 1;
const MATE = 2;
const ATTACKER = 9;

interface Wish {
  readonly legs?: readonly Leg[];
  readonly order?: Partial<DepositOrder>;
  /** Who pays in; the owner's own address unless said. */
  readonly sender?: number;
}

/** A deposit of an owner: one leg of 100 to the east, more than paid for. */
function deposit(world: LedgerWorld, owner: number, { legs, order, sender }: Wish = {}): void {
  const opened = sealedOrder({ account: accountOf(owner), legs: legs ?? [legOf()], ...order });
  world.send(opened, { sender: addressOf(sender ?? owner) });
}

/** How many payouts the next round makes in the east. */
function leaving(world: LedgerWorld): number {
  return releasesOn(world.advance(), EAST).length;
}

function waiting(world: LedgerWorld): number {
  return [...world.state().legs.entries()].filter(([, { payment }]) => payment).length;
}

const withPools = (pools: LedgerRules['pools']): LedgerRules => ({ ...RULES, pools });

describe('parked legs', () => {
  test('behind a later notBefore are no company, and leave when they may in company of their own', () => {
    const world = openWorld();
    for (const owner of [7, 8, ATTACKER]) deposit(world, owner, { order: { notBefore: 6n } });
    deposit(world, VICTIM);
    expect([leaving(world), leaving(world), leaving(world)]).toEqual([0, 0, 0]);
    // From round 6 on they may leave like any other.
    expect(leaving(world)).toBe(0);
    expect(leaving(world)).toBe(4);
  });

  test('behind a crowd that they will never have are no company', () => {
    const world = openWorld();
    for (const owner of [7, 8, ATTACKER]) deposit(world, owner, { legs: [legOf({ crowd: 4 })] });
    deposit(world, VICTIM);
    expect([leaving(world), leaving(world)]).toEqual([0, 0]);
  });

  test('whose patience has ended are no company', () => {
    const world = openWorld();
    deposit(world, ATTACKER, { order: { patience: 2n } });
    expect(leaving(world)).toBe(0);
    deposit(world, VICTIM);
    expect(leaving(world)).toBe(0);
    expect(waiting(world)).toBe(1);
  });

  test('of another amount, or for another chain, are no company', () => {
    const world = openWorld();
    deposit(world, 7, { legs: [legOf({ amount: 200n })] });
    deposit(world, 8, { legs: [legOf({ chainId: WEST })] });
    deposit(world, VICTIM);
    expect(leaving(world)).toBe(0);
  });

  test('fill no room for ever: what would wait for more than thirty days is not done, and its dummies leave like all others', () => {
    const world = openWorld();
    const last = world.state().round + 1n + MAX_PARKING_SEC / RULES.schedule.roundSec;
    deposit(world, ATTACKER, { order: { notBefore: last + 1n } });
    deposit(world, VICTIM, { order: { notBefore: last } });
    world.advance();
    expect(waiting(world)).toBe(1);
    const waits = [...world.state().legs.entries()].map(([, { notBefore }]) => notBefore);
    expect(new Set(waits)).toEqual(new Set([last]));
  });
});

describe('a refilling attacker', () => {
  test('with one address never makes up a crowd, however often it refills', () => {
    const world = openWorld(withPools({ leastRoots: 3, meanStayRounds: 1 }));
    deposit(world, VICTIM);
    for (let i = 0; i < 5; i++) {
      deposit(world, 10 + i, { sender: ATTACKER });
      expect(leaving(world)).toBe(0);
    }
  });

  test('needs as many addresses as the victim asks for', () => {
    const company = (crowd: CrowdFactor, attackers: number) => {
      const world = openWorld();
      deposit(world, VICTIM, { legs: [legOf({ crowd })] });
      for (let i = 0; i < attackers; i++) deposit(world, 20 + i);
      world.advance();
      return [...world.state().legs.entries()].some(
        ([, { payment }]) => payment?.account === accountOf(VICTIM),
      );
    };
    // True while the victim still waits: 2, 4 and 8 roots, its own among them.
    expect([company(1, 0), company(1, 1)]).toEqual([true, false]);
    expect([company(2, 2), company(2, 3)]).toEqual([true, false]);
    expect([company(4, 6), company(4, 7)]).toEqual([true, false]);
  });

  test('neither hastens nor delays a leg: when it leaves is drawn without them', () => {
    const exitOf = (refills: boolean) => {
      const world = openWorld(withPools({ leastRoots: 2, meanStayRounds: 6 }));
      deposit(world, VICTIM);
      for (const owner of [MATE, 3, 4, 5, 6]) deposit(world, owner, { legs: [legOf(), legOf()] });
      for (let round = 0; round < 60; round++) {
        if (refills) deposit(world, 30 + round);
        world.advance();
        const isThere = [...world.state().legs.entries()].some(
          ([, { payment }]) => payment?.account === accountOf(VICTIM),
        );
        if (!isThere) return world.state().round;
      }
      return undefined;
    };
    expect(exitOf(true)).toBeDefined();
    expect(exitOf(true)).toBe(exitOf(false));
  });
});

describe('one root as many accounts', () => {
  test('counts once, whichever of its accounts are paid in to', () => {
    const world = openWorld();
    deposit(world, VICTIM);
    for (const owner of [7, 8, ATTACKER]) deposit(world, owner, { sender: VICTIM });
    expect(leaving(world)).toBe(0);
    // One more address is enough for all of them.
    deposit(world, MATE);
    expect(leaving(world)).toBe(5);
  });

  test('counts once after its money has moved to accounts that it opened by transfers', () => {
    const world = openWorld();
    const transfer = (owner: number) =>
      legOf({ mode: 'transfer', chainId: 0n, recipient: accountOf(owner), amount: 300n });
    deposit(world, ATTACKER, { legs: [transfer(7), transfer(8)] });
    world.advance();
    for (const owner of [7, 8]) {
      const { root } = world.account(accountOf(owner)) ?? {};
      expect(root).toBe(world.account(accountOf(ATTACKER))?.root);
      const legs = [legOf()];
      world.post(postedOrder({ owner: ownerOf(owner), legs }));
    }
    expect(leaving(world)).toBe(0);
    expect(waiting(world)).toBe(2);
  });

  test('cannot take the roots of others by naming their accounts', () => {
    const world = openWorld();
    for (const owner of [VICTIM, MATE, 7, 8]) deposit(world, owner, { legs: [] });
    world.advance();
    for (const owner of [VICTIM, MATE, 7, 8]) deposit(world, owner, { sender: ATTACKER });
    expect([leaving(world), waiting(world)]).toEqual([0, 4]);
  });

  test('nor have its own accounts opened with them', () => {
    const world = openWorld();
    for (const owner of [VICTIM, MATE]) deposit(world, owner, { legs: [] });
    world.advance();
    const transfer = (owner: number) =>
      legOf({ mode: 'transfer', chainId: 0n, recipient: accountOf(owner), amount: 300n });
    deposit(world, VICTIM, { sender: ATTACKER, legs: [transfer(7)] });
    deposit(world, MATE, { sender: ATTACKER, legs: [transfer(8)] });
    world.advance();
    for (const owner of [7, 8]) world.post(postedOrder({ owner: ownerOf(owner), legs: [legOf()] }));
    expect([leaving(world), waiting(world)]).toEqual([0, 2]);
  });

  test('cannot be put on others by opening their accounts: what they pay in themselves counts as theirs', () => {
    const world = openWorld();
    for (const owner of [VICTIM, MATE]) deposit(world, owner, { sender: ATTACKER, legs: [] });
    world.advance();
    for (const owner of [VICTIM, MATE]) deposit(world, owner);
    expect(leaving(world)).toBe(2);
  });
});

describe('legs of one order', () => {
  test('are no company to each other', () => {
    const world = openWorld();
    deposit(world, VICTIM, { legs: Array.from({ length: 6 }, () => legOf()) });
    expect([leaving(world), waiting(world)]).toEqual([0, 6]);
  });

  test('nor are those of two orders of one account', () => {
    const world = openWorld();
    deposit(world, VICTIM);
    deposit(world, VICTIM);
    world.post(postedOrder({ owner: ownerOf(VICTIM), legs: [legOf()] }));
    expect([leaving(world), waiting(world)]).toEqual([0, 3]);
  });
});

describe('a k of one’s own of 65535', () => {
  const order: DepositOrder = {
    account: accountOf(VICTIM),
    legs: [legOf()],
    notBefore: 0n,
    patience: 9n,
    afterPatience: 'wait',
    tagSecret: new Uint8Array(32).fill(1),
    memo: new Uint8Array(0),
  };

  test.each([0, 3, 8, 255, 65_535])('cannot be said: a crowd of %s has no encoding', (crowd) => {
    // CAST: what the types forbid, a caller without them may try.
    const legs = [legOf({ crowd: crowd as CrowdFactor })];
    expect(refusal(() => encodeDepositOrder({ ...order, legs })).code).toBe('ORDER_UNENCODABLE');
  });

  test('in the bytes of an order makes it none', () => {
    const bytes = encodeDepositOrder(order);
    const crowdAt = bytes.findIndex(
      (_, i) => decodesTo(bytes, i, 2, 2) && decodesTo(bytes, i, 4, 4),
    );
    expect(crowdAt).toBeGreaterThan(0);
    for (const crowd of [0, 3, 8, 255]) {
      const changed = bytes.with(crowdAt, crowd);
      expect(refusal(() => decodeDepositOrder(changed)).code).toBe('ORDER_MALFORMED');
    }
  });

  test('would hold up nobody: the others leave without the leg that wants too much', () => {
    const world = openWorld();
    deposit(world, ATTACKER, { legs: [legOf({ crowd: 4 })] });
    deposit(world, VICTIM);
    deposit(world, MATE);
    expect([leaving(world), waiting(world)]).toEqual([2, 1]);
  });

  /** Whether the byte at a place is the crowd: written there, a crowd is read. */
  function decodesTo(bytes: Uint8Array, at: number, byte: number, crowd: number): boolean {
    try {
      return decodeDepositOrder(bytes.with(at, byte)).legs[0]?.crowd === crowd;
    } catch {
      return false;
    }
  }
});

describe('dust', () => {
  const least = TERMS.entryFee + TERMS.leastBalance;
  const size = (world: LedgerWorld) => world.state().accounts.size;

  test('opens no account: a deposit that leaves less than an account keeps goes back', () => {
    const world = openWorld();
    const before = size(world);
    for (let owner = 40; owner < 60; owner++) {
      const opened = sealedOrder({ account: accountOf(owner) });
      world.send(opened, { amount: 10n + least - 1n, fee: 10n });
    }
    const done = world.advance();
    expect(size(world)).toBe(before);
    expect(releasesOn(done, WEST)).toHaveLength(20);
  });

  test('opens no account by a transfer, by a reward or by a fee', () => {
    const world = openWorld();
    deposit(world, VICTIM, {
      legs: [
        legOf({ mode: 'transfer', chainId: 0n, recipient: accountOf(40), amount: least - 1n }),
      ],
    });
    world.post(postedOrder({ owner: ownerOf(VICTIM), posterAccount: accountOf(41) }));
    const before = size(world);
    world.advance({ beneficiary: accountOf(42) });
    // The victim's alone.
    expect(size(world)).toBe(before + 1);
    for (const owner of [40, 41, 42]) expect(world.account(accountOf(owner))).toBeUndefined();
  });

  test('cannot be left behind: an order that would leave less than an account keeps is not done', () => {
    const world = openWorld();
    const credited = 1_000n - 10n - TERMS.entryFee;
    const amount = credited - TERMS.leastBalance;
    const direct = (over: bigint) => [legOf({ mode: 'direct', amount: amount + over })];
    deposit(world, VICTIM, { legs: direct(1n) });
    deposit(world, MATE, { legs: direct(0n) });
    expect(leaving(world)).toBe(1);
    expect(world.balance(accountOf(VICTIM))).toBe(credited);
    expect(world.balance(accountOf(MATE))).toBe(TERMS.leastBalance);
  });
});
