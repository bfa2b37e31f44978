import { describe, expect, test } from 'vitest';
import { MAX_ROUND_RELEASES } from '../../../src/ledger/room.ts';
import {
  accountOf,
  addressOf,
  EAST,
  legOf,
  openWorld,
  RATE,
  RECIPIENT,
  RULES,
  releasesOn,
  sealedOrder,
  transparent,
  unopened,
  WEST,
  WEST_COIN,
} from '../../support/ledger.ts';

const total = (world: ReturnType<typeof openWorld>) => {
  const { locked = 0n, minted = [] } = world.asset(WEST_COIN) ?? {};
  const accounts = [...world.state().accounts.entries()].map(([account]) => world.balance(account));
  const legs = [...world.state().legs.entries()].map(([, { payment }]) => payment?.amount ?? 0n);
  const outside = minted.map(({ amount }) => amount);
  return [locked, [...accounts, ...legs, ...outside].reduce((sum, amount) => sum + amount, 0n)];
};

describe('a round has room for so many releases on a destination', () => {
  test('and for no more: transparent payouts beyond are given back, refunds are not counted', () => {
    const world = openWorld();
    for (let i = 0; i < MAX_ROUND_RELEASES + 9; i++) world.send(transparent);
    for (let i = 0; i < 3; i++) world.send(unopened);
    const done = world.advance();
    expect(releasesOn(done, EAST)).toHaveLength(MAX_ROUND_RELEASES);
    expect(releasesOn(done, WEST)).toHaveLength(12);
    const [locked, held] = total(world);
    expect(locked).toBe(held);
  });

  test('while there is room for all, nothing is taken back', () => {
    const world = openWorld();
    for (let i = 0; i < MAX_ROUND_RELEASES; i++) world.send(transparent);
    expect(releasesOn(world.advance(), EAST)).toHaveLength(MAX_ROUND_RELEASES);
  });

  test('chosen by a key that says nothing of the order of the others', () => {
    const world = openWorld();
    const amountOf = (i: number) => 1_000n + BigInt(i);
    for (let i = 0; i <= MAX_ROUND_RELEASES; i++) world.send(transparent, { amount: amountOf(i) });
    const done = world.advance();
    // Who went back is public. By the key of the order, who has moved up to that place would be the last.
    const [refund] = releasesOn(done, WEST);
    const next = amountOf(Number(refund?.refundOf)) - 10n - RATE;
    const order = releasesOn(done, EAST).map(({ amount }) => amount);
    expect(order).toContain(next);
    expect(order.at(-1)).not.toBe(next);
  });

  test('chosen by a key, not by what came first or what it is', () => {
    const rules = { ...RULES, pools: { leastRoots: 2, meanStayRounds: 1 } };
    const world = openWorld(rules);
    const count = 1_200;
    const sender = (i: number) => addressOf(0x30 + (i % 2));
    const legs = [legOf(), legOf({ mode: 'direct', amount: 150n })];
    for (let i = 0; i < count; i++) {
      world.send(sealedOrder({ account: accountOf(i % 2), legs }), { sender: sender(i) });
    }
    for (let i = 0; i < 2 * count; i++) world.send(transparent);
    const done = world.advance();
    const released = releasesOn(done, EAST);
    expect(released).toHaveLength(MAX_ROUND_RELEASES);
    const excess = 4 * count - MAX_ROUND_RELEASES;
    const kept = (amount: bigint) => released.filter((release) => release.amount === amount).length;
    const missing = [count - kept(98n), count - kept(148n), 2 * count - kept(988n)];
    expect(missing.reduce((sum, each) => sum + each, 0)).toBe(excess);
    // An even share of each kind: 176, 176, 352 with standard deviations below 17.
    expect(Math.abs((missing[0] ?? 0) - excess / 4)).toBeLessThan(50);
    expect(Math.abs((missing[1] ?? 0) - excess / 4)).toBeLessThan(50);
    // Pooled legs stay, direct ones are in their account, transparent ones go back.
    const waiting = [...world.state().legs.entries()].filter(([, { payment }]) => payment);
    expect(waiting).toHaveLength(missing[0] ?? 0);
    expect(releasesOn(done, WEST)).toHaveLength(missing[2] ?? 0);
    expect(released.every(({ recipient }) => recipient === RECIPIENT)).toBe(true);
    const [locked, held] = total(world);
    expect(locked).toBe(held);
    // And leave in the next.
    expect(releasesOn(world.advance(), EAST)).toHaveLength(missing[0] ?? 0);
  });
});
