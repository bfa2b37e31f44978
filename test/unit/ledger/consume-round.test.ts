import { describe, expect, test } from 'vitest';
import type { OpenedMessage } from '../../../src/ledger/transition.ts';
import { transition } from '../../../src/ledger/transition.ts';
import {
  createWorld,
  EAST,
  messageOf,
  NORTH,
  RULES,
  transparent,
  WEST,
} from '../../support/ledger.ts';
import { refusal } from '../../support/refusal.ts';

const { startSec } = RULES.schedule;
/** The last second of which round 1 takes western messages; 50 before its end. */
const CUT = startSec + 50n;
const consumed = (world: ReturnType<typeof createWorld>, chainId = WEST) =>
  world.chain(chainId).inbox.count;

describe('a round takes', () => {
  test('what was sent on the cut, and not a second later', () => {
    const world = createWorld();
    world.send(transparent, { sentAtSec: CUT });
    world.send(transparent, { sentAtSec: CUT + 1n });
    world.advance();
    expect(consumed(world)).toBe(1n);
    world.advance();
    expect(consumed(world)).toBe(2n);
  });

  test('all of the same second, on both sides of the cut', () => {
    const world = createWorld();
    for (const sentAtSec of [CUT, CUT, CUT, CUT + 1n, CUT + 1n])
      world.send(transparent, { sentAtSec });
    world.advance();
    expect(consumed(world)).toBe(3n);
    world.advance();
    expect(consumed(world)).toBe(5n);
  });

  test('nothing behind the first that was sent later, whatever its time says', () => {
    const world = createWorld();
    for (const sentAtSec of [CUT, CUT + 1n, CUT]) world.send(transparent, { sentAtSec });
    world.advance();
    expect(consumed(world)).toBe(1n);
  });

  test('what was sent before rounds began, in the first', () => {
    const world = createWorld();
    world.send(transparent, { sentAtSec: 1n });
    world.advance();
    expect(consumed(world)).toBe(1n);
  });

  test('of every chain up to a cut of its own', () => {
    const world = createWorld();
    for (const chainId of [WEST, EAST, NORTH]) {
      for (const sentAtSec of [CUT, CUT + 1n, CUT + 20n, CUT + 21n, CUT + 30n, CUT + 31n]) {
        world.send(transparent, {
          chainId,
          sentAtSec,
          asset: `0x${chainId.toString(16).padStart(24, '0')}${'00'.repeat(20)}`,
        });
      }
    }
    world.advance();
    // Lags of 50, 20 and 30 seconds.
    expect([WEST, EAST, NORTH].map((chainId) => consumed(world, chainId))).toEqual([1n, 5n, 3n]);
  });

  test('no more than it needs to look at to know where it ends', () => {
    const world = createWorld();
    for (let i = 0n; i < 5n; i++) world.send(transparent, { sentAtSec: CUT + i });
    const input = world.input();
    const seen: bigint[] = [];
    function* watched(messages: Iterable<OpenedMessage>) {
      for (const opened of messages) {
        seen.push(opened.message.index);
        yield opened;
      }
    }
    const outboxes = new Map(
      [...input.outboxes].map(([id, tail]) => [id, { ...tail, messages: watched(tail.messages) }]),
    );
    transition(world.state(), { ...input, outboxes });
    expect(seen).toEqual([0n, 1n]);
  });
});

describe('a round is complete', () => {
  const provenAt = (chainId: bigint, sec: bigint) => ({ provenAtSec: new Map([[chainId, sec]]) });

  test('when the outbox is proven a second past the cut, and not on it', () => {
    const world = createWorld();
    const { code, disposition, meta } = refusal(() => world.advance(provenAt(WEST, CUT)));
    expect([code, disposition]).toEqual(['LEDGER_ROUND_INCOMPLETE', 'retry']);
    expect(meta).toEqual({ chainId: WEST, round: 1n, provenAtSec: CUT, cutSec: CUT });
    expect(world.advance(provenAt(WEST, CUT + 1n)).commit.round).toBe(1n);
  });

  test('only if that holds for every chain', () => {
    for (const [chainId, cut] of [
      [WEST, 50n],
      [EAST, 80n],
      [NORTH, 70n],
    ] as const) {
      const world = createWorld();
      const { code, meta } = refusal(() => world.advance(provenAt(chainId, startSec + cut)));
      expect([code, meta]).toMatchObject(['LEDGER_ROUND_INCOMPLETE', { chainId }]);
    }
  });

  test('only for all of the rounds that are asked for, and nothing is done if the last is not', () => {
    const world = createWorld();
    world.send(transparent);
    const partial = provenAt(WEST, CUT + 100n);
    const { meta } = refusal(() => world.advance({ ...partial, rounds: 2n }));
    expect(meta).toMatchObject({ chainId: WEST, round: 2n });
    expect(consumed(world)).toBe(0n);
    expect(world.advance({ ...partial, rounds: 1n }).commit.round).toBe(1n);
  });

  test('without the messages of a chain that is not at hand being left out', () => {
    const world = createWorld();
    const input = world.input();
    const outboxes = new Map([...input.outboxes].filter(([chainId]) => chainId !== NORTH));
    const { code, meta } = refusal(() => transition(world.state(), { ...input, outboxes }));
    expect([code, meta]).toMatchObject(['LEDGER_ROUND_INCOMPLETE', { chainId: NORTH }]);
  });
});

describe('a suspended chain', () => {
  const suspended = () => {
    const world = createWorld();
    world.govern({ kind: 'suspend', chainId: WEST }, { round: 1n });
    return world;
  };

  test('holds no round up, and nothing of it is taken', () => {
    const world = suspended();
    world.send(transparent);
    world.advance({ rounds: 3n, provenAtSec: new Map([[WEST, 0n]]) });
    expect([world.state().round, consumed(world)]).toEqual([3n, 0n]);
  });

  test('is taken up where it was left, in the round that it returns in, which waits for it', () => {
    const world = suspended();
    world.send(transparent, { sentAtSec: CUT });
    world.send(transparent, { sentAtSec: CUT + 200n });
    world.send(transparent, { sentAtSec: CUT + 201n });
    world.govern({ kind: 'resume', chainId: WEST }, { round: 3n });
    world.advance({ rounds: 2n, provenAtSec: new Map([[WEST, 0n]]) });
    const early = { provenAtSec: new Map([[WEST, CUT + 200n]]) };
    expect(refusal(() => world.advance(early)).code).toBe('LEDGER_ROUND_INCOMPLETE');
    world.advance();
    expect(consumed(world)).toBe(2n);
  });
});

describe('the ledger stops at', () => {
  const stopped = (change: Parameters<typeof messageOf>[0]) => {
    const world = createWorld();
    const input = world.input();
    const message = messageOf({ sentAtSec: CUT, ...change });
    const outboxes = new Map(input.outboxes).set(WEST, {
      messages: [{ message, envelope: transparent }],
      provenAtSec: CUT + 1n,
    });
    return refusal(() => transition(world.state(), { ...input, outboxes }));
  };

  test('a gap in the indices', () => {
    const { code, meta, disposition } = stopped({ index: 1n });
    expect([code, disposition]).toEqual(['LEDGER_MESSAGE_OUT_OF_ORDER', 'halt']);
    expect(meta).toEqual({ chainId: WEST, index: 1n, next: 0n });
  });

  test.each([
    ['of a chain it does not have', { chainId: 999n, gateway: messageOf().gateway }],
    ['of another gateway of its chain', { gateway: messageOf({ chainId: EAST }).gateway }],
  ])('a message %s', (_, change) => {
    expect(stopped(change).code).toBe('LEDGER_MESSAGE_FOREIGN');
  });

  test.each([
    ['an amount of zero', { amount: 0n, fee: 0n }],
    ['a fee above the amount', { amount: 10n, fee: 11n }],
    ['a negative fee', { fee: -1n }],
    ['an amount of 2^128', { amount: 1n << 128n }],
    ['a refund to the zero address', { refundTo: `0x${'00'.repeat(20)}` as const }],
    ['a refund to its own gateway', { refundTo: messageOf().gateway }],
  ])('a message with %s', (_, change) => {
    const { code, meta } = stopped(change);
    expect(code).toBe('LEDGER_MESSAGE_IMPOSSIBLE');
    expect(meta).toMatchObject(change);
  });
});
