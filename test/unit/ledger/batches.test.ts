import { describe, expect, test } from 'vitest';
import { batchKey } from '../../../src/ledger/entry-keys.ts';
import { EMPTY_HEAD } from '../../../src/protocol/message.ts';
import { positionAfterBatch } from '../../../src/protocol/release.ts';
import {
  addressOf,
  EAST,
  type LedgerWorld,
  NORTH,
  openWorld,
  releasesOn,
  transparent,
  WEST,
} from '../../support/ledger.ts';
import { refusal } from '../../support/refusal.ts';

const sendMany = (world: LedgerWorld, count: number) => {
  for (let i = 0; i < count; i++) world.send(transparent);
};

describe('batches', () => {
  test('follow each other by index and head, and the state knows the end', () => {
    const world = openWorld();
    sendMany(world, 40);
    const { batches } = world.advance();
    let position = { count: 0n, head: EMPTY_HEAD };
    for (const batch of batches) {
      expect({ count: batch.firstIndex, head: batch.prevHead }).toEqual(position);
      position = positionAfterBatch(batch);
    }
    expect(batches.map(({ releases }) => releases.length)).toEqual([16, 16, 8]);
    expect(world.chain(EAST).released).toEqual(position);
    sendMany(world, 1);
    expect(world.advance().batches[0]).toMatchObject({ firstIndex: 40n, prevHead: position.head });
  });

  test('never span rounds, though these are advanced over at once', () => {
    const world = openWorld();
    for (const sentAtSec of [1_000_150n, 1_000_250n, 1_000_251n])
      world.send(transparent, { sentAtSec });
    const { batches } = world.advance({ rounds: 3n });
    expect(batches.map(({ releases, consumedCount }) => [releases.length, consumedCount])).toEqual([
      [1, 0n],
      [1, 0n],
      [1, 0n],
    ]);
  });

  test('come by chain, and say how much of their own chain’s outbox is consumed with their round', () => {
    const world = openWorld();
    sendMany(world, 17);
    world.send(transparent, { destination: 0n });
    world.send(transparent, { destination: NORTH });
    world.send(transparent, { sentAtSec: 1_000_151n, destination: 0n });
    const { batches } = world.advance({ rounds: 2n });
    expect(batches.map(({ chainId, consumedCount }) => [chainId, consumedCount])).toEqual([
      [WEST, 19n],
      [EAST, 0n],
      [EAST, 0n],
      [NORTH, 0n],
      [WEST, 20n],
    ]);
  });

  test('do not keep the order of the deposits', () => {
    const world = openWorld();
    const recipients = Array.from({ length: 15 }, (_, i) => addressOf(i + 1));
    for (const recipient of recipients) world.send({ kind: 'transparent', recipient });
    const released = releasesOn(world.advance(), EAST).map(({ recipient }) => recipient);
    expect(released).not.toEqual(recipients);
    expect(released.toSorted()).toEqual(recipients);
  });
});

describe('what is not known to be paid', () => {
  const outstanding = (world: LedgerWorld) =>
    [...world.state().batches.entries()].map(([, { chainId, firstIndex }]) => [
      chainId,
      firstIndex,
    ]);
  const eastPaid = (count: bigint) => ({ paid: [{ chainId: EAST, count }] });
  /** Batches of 16, 16 and 8 releases in the east and one refund in the west. */
  const owing = () => {
    const world = openWorld();
    sendMany(world, 40);
    world.send(transparent, { destination: 0n });
    world.advance();
    return world;
  };

  test('stays in the state, for as long as it takes', () => {
    const world = owing();
    const before = outstanding(world);
    expect(before).toEqual([
      [WEST, 0n],
      [EAST, 0n],
      [EAST, 16n],
      [EAST, 32n],
    ]);
    world.advance({ rounds: 20n });
    expect(outstanding(world)).toEqual(before);
    expect(world.state().batches.get(batchKey(EAST, 16n))?.releases).toHaveLength(16);
  });

  test.each([
    [0n, 0n, [0n, 16n, 32n]],
    [15n, 0n, [0n, 16n, 32n]],
    [16n, 16n, [16n, 32n]],
    [39n, 32n, [32n]],
    [40n, 40n, []],
  ])('is pruned by whole batches: %s paid', (count, paid, left) => {
    const world = owing();
    world.advance(eastPaid(count));
    expect(world.chain(EAST).paid).toBe(paid);
    expect(outstanding(world)).toEqual([[WEST, 0n], ...left.map((index) => [EAST, index])]);
    expect(world.chain(WEST).paid).toBe(0n);
  });

  test('does not come back when less is said to be paid later', () => {
    const world = owing();
    world.advance(eastPaid(33n));
    world.advance(eastPaid(3n));
    expect(world.chain(EAST).paid).toBe(32n);
  });

  test.each([
    ['more than was released', { chainId: EAST, count: 41n }],
    ['of a chain that there is not', { chainId: 999n, count: 0n }],
  ])('is not %s', (_, paid) => {
    const { code, meta } = refusal(() => owing().advance({ paid: [paid] }));
    expect(code).toBe('LEDGER_COMMIT_REFUSED');
    expect(meta).toEqual(paid);
  });

  test('cannot be what the very commit releases', () => {
    const world = owing();
    sendMany(world, 1);
    expect(refusal(() => world.advance(eastPaid(41n))).code).toBe('LEDGER_COMMIT_REFUSED');
  });
});
