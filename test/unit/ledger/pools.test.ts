import { describe, expect, test } from 'vitest';
import type { Message } from '../../../src/protocol/message.ts';
import type { DepositOrder } from '../../../src/protocol/order.ts';
import {
  accountOf,
  addressOf,
  EAST,
  type LedgerWorld,
  legOf,
  NORTH,
  openWorld,
  ownerOf,
  postedOrder,
  RATE,
  RULES,
  releasesOn,
  sealedOrder,
  TERMS,
  WEST_COIN,
} from '../../support/ledger.ts';

// A mean stay of one round: what may leave, leaves.

/** A deposit of depositor `who` into an account of its own, with its tag secret. */
const send = (
  world: LedgerWorld,
  who: number,
  order: Partial<DepositOrder>,
  change: Partial<Message> = {},
) =>
  world.send(
    sealedOrder({ account: accountOf(who), tagSecret: new Uint8Array(32).fill(who), ...order }),
    { sender: addressOf(who), ...change },
  );
const leg = (crowd: 1 | 2 | 4 = 1) => ({ legs: [legOf({ crowd })] });
const leaving = (world: LedgerWorld, chainId = EAST) => releasesOn(world.advance(), chainId).length;
const waiting = (world: LedgerWorld) =>
  [...world.state().legs.entries()].filter(([, { payment }]) => payment !== undefined).length;

describe('a leg leaves', () => {
  test('with another of another root, in the round that consumes them, less the rate', () => {
    const world = openWorld();
    send(world, 1, leg());
    send(world, 2, leg());
    const released = releasesOn(world.advance(), EAST);
    expect(released.map(({ amount }) => amount)).toEqual([100n - RATE, 100n - RATE]);
    expect(waiting(world)).toBe(0);
  });

  test('never alone, however long it waits', () => {
    const world = openWorld();
    send(world, 1, leg());
    world.advance({ rounds: 20n });
    expect(waiting(world)).toBe(1);
    send(world, 2, leg());
    expect(leaving(world)).toBe(2);
  });

  test('not with others of its own root: legs of one order, accounts of one depositor, transfers of one account', () => {
    const world = openWorld();
    send(world, 1, {
      legs: [
        legOf(),
        legOf(),
        legOf({ mode: 'transfer', chainId: 0n, recipient: accountOf(3), amount: 300n }),
      ],
    });
    send(world, 2, leg(), { sender: addressOf(1) });
    world.advance();
    world.post(postedOrder({ owner: ownerOf(3), ...leg() }));
    world.advance({ rounds: 5n });
    expect(waiting(world)).toBe(4);
    send(world, 4, leg());
    expect(leaving(world)).toBe(5);
  });

  test('only with its own asset, chain and amount', () => {
    const world = openWorld();
    send(world, 1, { legs: [legOf()] });
    send(world, 2, { legs: [legOf({ amount: 200n })] });
    send(world, 3, { legs: [legOf({ chainId: NORTH })] });
    world.advance({ rounds: 5n });
    expect(waiting(world)).toBe(3);
  });

  test('not with direct legs or transparent deposits of its amount', () => {
    const world = openWorld();
    send(world, 1, leg());
    send(world, 2, { legs: [legOf({ mode: 'direct' })] });
    world.send({ kind: 'transparent', recipient: addressOf(9) }, { amount: 112n });
    expect(leaving(world)).toBe(2);
    expect(waiting(world)).toBe(1);
  });
});

describe('a leg’s own crowd', () => {
  test('is waited for: of those that want two, four and eight roots the largest set leaves that has them', () => {
    const world = openWorld();
    // Two legs that want 8 roots, two that want 4, one that wants 2: five roots.
    send(world, 1, leg(4));
    send(world, 2, leg(4));
    send(world, 3, leg(2));
    send(world, 4, leg(2));
    send(world, 5, leg(1));
    // Without the two there are three roots left, so that those that want four do not leave either, and one is alone.
    expect(leaving(world)).toBe(0);
    send(world, 6, leg(1));
    expect(leaving(world)).toBe(4);
    expect(waiting(world)).toBe(2);
  });

  test('is met by legs that want less', () => {
    const world = openWorld();
    send(world, 1, leg(4));
    for (let who = 2; who <= 7; who++) send(world, who, { ...leg(1), notBefore: 4n });
    world.advance();
    expect(waiting(world)).toBe(7);
    send(world, 8, { ...leg(1), notBefore: 4n });
    world.advance();
    expect(leaving(world)).toBe(8);
  });

  test('of eight is not met by seven, and does not keep those from leaving', () => {
    const world = openWorld();
    send(world, 1, leg(4));
    for (let who = 2; who <= 7; who++) send(world, who, leg(1));
    expect(leaving(world)).toBe(6);
    expect(waiting(world)).toBe(1);
  });
});

describe('a parked leg', () => {
  test('does not leave before its notBefore, and is nobody’s company', () => {
    const world = openWorld();
    send(world, 1, { ...leg(), notBefore: 5n });
    send(world, 2, leg());
    world.advance({ rounds: 3n });
    expect([world.state().round, waiting(world)]).toEqual([4n, 2]);
    expect(leaving(world)).toBe(2);
  });
});

describe('patience', () => {
  const START = 990n - TERMS.entryFee;

  test('ends behind the round that it names: the leg goes back into its account', () => {
    const world = openWorld();
    send(world, 1, { ...leg(), patience: 4n });
    world.advance({ rounds: 3n });
    expect([waiting(world), world.balance(accountOf(1))]).toEqual([1, START - 100n]);
    expect(leaving(world)).toBe(0);
    expect([waiting(world), world.balance(accountOf(1))]).toEqual([0, START]);
    expect(world.state().legs.size).toBe(0);
  });

  test('may be out on arrival', () => {
    const world = openWorld();
    send(world, 1, { ...leg(), patience: 1n });
    send(world, 2, leg());
    expect(leaving(world)).toBe(0);
    expect(world.balance(accountOf(1))).toBe(START);
    expect(waiting(world)).toBe(1);
  });

  test('lets the leg leave in its last round', () => {
    const world = openWorld();
    send(world, 1, { ...leg(), patience: 3n });
    world.advance();
    send(world, 2, leg());
    expect(leaving(world)).toBe(2);
  });

  test('has no end for a leg that waits on, which is company for the others', () => {
    const world = openWorld();
    send(world, 1, { ...leg(), patience: 1n, afterPatience: 'wait' });
    world.advance({ rounds: 9n });
    expect(waiting(world)).toBe(1);
    send(world, 2, leg());
    expect(leaving(world)).toBe(2);
  });
});

describe('a pool waits', () => {
  test('while its chain is suspended', () => {
    const world = openWorld();
    world.govern({ kind: 'suspend', chainId: EAST }, { round: 2n });
    world.govern({ kind: 'resume', chainId: EAST }, { round: 6n });
    send(world, 1, leg());
    send(world, 2, leg());
    world.advance({ rounds: 4n });
    expect([world.state().round, waiting(world)]).toEqual([5n, 2]);
    expect(leaving(world)).toBe(2);
  });

  test('while its rate leaves nothing of the amount', () => {
    const world = openWorld();
    world.govern({ kind: 'setRate', asset: WEST_COIN, chainId: EAST, rate: 100n });
    world.advance();
    world.govern({ kind: 'setRate', asset: WEST_COIN, chainId: EAST, rate: 99n }, { round: 6n });
    send(world, 1, leg());
    send(world, 2, leg());
    world.advance({ rounds: 3n });
    expect(waiting(world)).toBe(2);
    expect(releasesOn(world.advance(), EAST).map(({ amount }) => amount)).toEqual([1n, 1n]);
  });
});

describe('the exits of a pool in which all may leave', () => {
  const rules = { ...RULES, pools: { leastRoots: 2, meanStayRounds: 4 } };

  test('come by the law of the mean stay, and dummies go by the same', () => {
    const world = openWorld(rules);
    const count = 120;
    // Two that never leave keep the pool open to the last.
    for (let who = 1; who <= count; who++) send(world, who, { legs: [legOf(), legOf(), legOf()] });
    const left: number[] = [];
    const dummies: number[] = [];
    for (let round = 0; round < 12; round++) {
      const before = world.state().legs.size - waiting(world);
      left.push(leaving(world));
      dummies.push((round === 0 ? 3 * count : before) - (world.state().legs.size - waiting(world)));
    }
    // A quarter of those that are there, each round: 90, 67.5, 50.6 … with a standard deviation below 9.
    for (const exits of [left, dummies]) {
      let there = 3 * count;
      for (const exit of exits.slice(0, 5)) {
        expect(Math.abs(exit - there / 4)).toBeLessThan(27);
        there -= exit;
      }
    }
  });

  test('are the same whether rounds are advanced over one by one or at once', () => {
    const [one, other] = [openWorld(rules), openWorld(rules)];
    for (const world of [one, other]) {
      for (let who = 1; who <= 20; who++) send(world, who, leg(who % 3 === 0 ? 2 : 1));
    }
    const single = Array.from({ length: 8 }, () => one.advance().batches).flat();
    expect(other.advance({ rounds: 8n }).batches).toEqual(single);
    expect([...other.state().legs.entries()]).toEqual([...one.state().legs.entries()]);
  });
});
