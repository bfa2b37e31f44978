import { describe, expect, test } from 'vitest';
import { encodeFixed } from '../../../src/ledger/state-codec.ts';
import { blindingOf, stateId } from '../../../src/ledger/state-id.ts';
import { transition } from '../../../src/ledger/transition.ts';
import { appendMessage, EMPTY_HEAD } from '../../../src/protocol/message.ts';
import {
  accountOf,
  addressOf,
  BENEFICIARY_ACCOUNT,
  createWorld,
  EAST,
  LEDGER_SECRET,
  legOf,
  NORTH,
  openWorld,
  sealedOrder,
  transparent,
  WEST,
  wordOf,
} from '../../support/ledger.ts';
import { refusal } from '../../support/refusal.ts';

describe('the commit', () => {
  test('names number, round, time, both state ids, every count and the beneficiary', () => {
    const world = openWorld();
    const before = world.state();
    for (let i = 0; i < 3; i++) world.send(transparent);
    const asOf = 1_234_567n;
    const { commit, state } = world.advance({
      asOf,
      rounds: 2n,
      paid: [{ chainId: EAST, count: 0n }],
    });
    expect(commit).toEqual({
      number: 2n,
      round: 3n,
      asOf,
      prevState: stateId(before, blindingOf(LEDGER_SECRET, 1n)),
      postState: stateId(state, blindingOf(LEDGER_SECRET, 3n)),
      inputs: [
        { chainId: WEST, count: 3n },
        { chainId: EAST, count: 0n },
        { chainId: NORTH, count: 0n },
      ],
      control: 5n,
      paid: [{ chainId: EAST, count: 0n }],
      beneficiary: BENEFICIARY_ACCOUNT,
    });
  });

  test('of rounds in which nothing was said moves number, round, time and beneficiary alone', () => {
    const world = createWorld();
    const before = world.state();
    const { state, batches } = world.advance({ rounds: 7n, asOf: 5n });
    expect(batches).toEqual([]);
    const moved = { number: 1n, round: 7n, asOf: 5n, beneficiary: BENEFICIARY_ACCOUNT };
    expect(encodeFixed(state)).toEqual(encodeFixed({ ...before, ...moved }));
  });

  test.each([
    ['the last round again', { rounds: 0n }],
    ['an earlier round', { rounds: -1n }],
    ['an earlier time', { asOf: 1_000_099n }],
  ])('is refused for %s', (_, how) => {
    const { code, disposition } = refusal(() => openWorld().advance(how));
    expect([code, disposition]).toEqual(['LEDGER_COMMIT_REFUSED', 'reject']);
  });

  test('may be of the same time as the one before', () => {
    expect(openWorld().advance({ asOf: 1_000_100n }).commit.asOf).toBe(1_000_100n);
  });
});

test('the inbox moves to the head that the gateway stores', () => {
  const world = openWorld();
  const messages = [world.send(transparent), world.send(transparent)];
  world.advance();
  const start = { count: 0n, head: EMPTY_HEAD };
  expect(world.chain(WEST).inbox).toEqual(messages.reduce(appendMessage, start));
  expect(world.chain(EAST).inbox).toEqual(start);
});

describe('a transition', () => {
  /** Deposits of several rounds, pooled and direct, into few accounts. */
  const busy = () => {
    const world = openWorld();
    for (let i = 0; i < 24; i++) {
      const legs = [legOf(), legOf({ mode: 'direct', amount: 60n })];
      const change = { sender: addressOf(i % 5), sentAtSec: 1_000_100n + 20n * BigInt(i) };
      world.send(
        sealedOrder({ account: accountOf(i % 5), legs, patience: 5n }, { enc: wordOf(i) }),
        change,
      );
    }
    return world;
  };

  test('gives the same when it is computed again, and changes neither its state nor what it is given', () => {
    const world = busy();
    const state = world.state();
    const before = [encodeFixed(state), ...state.accounts.entries()];
    const input = world.input({ rounds: 4n });
    const first = transition(state, input);
    const other = transition(state, { ...input, beneficiary: accountOf(1) });
    expect(other.batches).toEqual(first.batches);
    expect(transition(state, input)).toMatchObject({
      commit: first.commit,
      batches: first.batches,
    });
    expect([encodeFixed(state), ...state.accounts.entries()]).toEqual(before);
  });

  test('over many rounds is what one transition for each of them comes to', () => {
    const [one, other] = [busy(), busy()];
    const steps = Array.from({ length: 6 }, () => one.advance());
    const whole = other.advance({ rounds: 6n });
    expect(whole.batches).toEqual(steps.flatMap(({ batches }) => batches));
    expect(whole.batches.length).toBeGreaterThan(4);
    expect(encodeFixed({ ...whole.state, number: 7n })).toEqual(encodeFixed(one.state()));
  });

  test('goes on from a state that was read back, with all that waits in it', () => {
    const [one, other] = [busy(), busy()];
    one.advance({ rounds: 2n });
    other.advance({ rounds: 2n });
    // Another map with the same entries, as a snapshot gives.
    const { legs } = other.state();
    const rebuilt = [...legs.entries()].reduce(
      (map, [id, leg]) => map.delete(id).set(id, leg),
      legs,
    );
    const input = other.input({ rounds: 3n });
    const again = transition({ ...other.state(), legs: rebuilt }, input);
    expect(again.commit).toEqual(one.advance({ rounds: 3n }).commit);
  });
});
