import { describe, expect, test } from 'vitest';
import {
  addressOf,
  EAST,
  legOf,
  openWorld,
  REFUND_TO,
  RULES,
  releasesOn,
  WEST,
} from '../../../support/ledger.ts';
import { ACCOUNT, deposit, depositOf, sealFor } from './sealing.ts';

// Envelopes that come again, in somebody else's deposit, or too late.

const direct = [legOf({ mode: 'direct', amount: 100n })];

describe('a copied envelope of a shared sender', () => {
  test('opens once: a second deposit with the same bytes and the same data is given back', async () => {
    const world = openWorld();
    // The sender is a router: whoever deposits through it has the same address.
    const envelope = await sealFor(depositOf(), { legs: direct });
    const [first, second] = [await deposit(world, envelope), await deposit(world, envelope)];
    expect([first.kind, second.kind]).toEqual(['sealed', 'sealed']);
    const done = world.advance();
    expect(releasesOn(done, EAST)).toHaveLength(1);
    expect(releasesOn(done, WEST)).toMatchObject([{ recipient: REFUND_TO, refundOf: 2n }]);
    expect(world.balance(ACCOUNT)).toBe(1_000n - 10n - 5n - 100n);
  });

  test('opens no more in a later round, or where the first was not carried out', async () => {
    const world = openWorld();
    const envelope = await sealFor(depositOf(), { legs: direct });
    await deposit(world, envelope);
    world.advance();
    await deposit(world, envelope);
    const done = world.advance();
    expect(releasesOn(done, EAST)).toEqual([]);
    expect(releasesOn(done, WEST)).toMatchObject([{ refundOf: 2n }]);
  });

  test.each([
    ['sender', { sender: addressOf(0x66) }],
    ['refund address', { refundTo: addressOf(0x66) }],
    ['amount', { amount: 2_000n }],
    ['fee of the same amount, which nothing binds and nothing needs to', { fee: 11n }],
  ])('with another %s credits nobody but whom the order names', async (what, change) => {
    const world = openWorld();
    const envelope = await sealFor(depositOf(), { legs: direct });
    const opened = await deposit(world, envelope, change);
    expect(opened.kind).toBe(what.startsWith('fee') ? 'sealed' : 'unopened');
    const done = world.advance();
    const paid = releasesOn(done, EAST).map(({ recipient }) => recipient);
    expect(paid.length + releasesOn(done, WEST).length).toBe(1);
    expect(world.account(ACCOUNT) !== undefined).toBe(paid.length === 1);
  });

  test('that comes before its original does not keep the original from opening', async () => {
    const world = openWorld();
    const envelope = await sealFor(depositOf(), { legs: direct });
    // Seen while it was on its way, and sent first for more gas.
    const copy = await deposit(world, envelope, { sender: addressOf(0x66) });
    expect(copy.kind).toBe('unopened');
    await deposit(world, envelope);
    const done = world.advance();
    expect(releasesOn(done, EAST)).toHaveLength(1);
    expect(releasesOn(done, WEST)).toMatchObject([{ refundOf: 1n }]);
  });

  test('with the same key and another ciphertext does not either', async () => {
    const world = openWorld();
    const envelope = await sealFor(depositOf(), { legs: direct });
    const forged = envelope.with(200, (envelope[200] ?? 0) ^ 1);
    expect((await deposit(world, forged)).kind).toBe('unopened');
    await deposit(world, envelope);
    expect(releasesOn(world.advance(), EAST)).toHaveLength(1);
  });
});

describe('a late message', () => {
  const { lateSec, schedule } = RULES;

  /** A deposit that the next round consumes by a commit of this age. */
  async function consumeAt(ageSec: bigint) {
    const world = openWorld();
    const sentAtSec = schedule.startSec;
    await deposit(world, await sealFor(depositOf(), { legs: direct }), { sentAtSec });
    return { world, done: world.advance({ asOf: sentAtSec + ageSec }) };
  }

  test('is never opened, only given back; at the very second it is not late yet', async () => {
    const intime = await consumeAt(lateSec);
    expect(releasesOn(intime.done, EAST)).toHaveLength(1);
    const late = await consumeAt(lateSec + 1n);
    expect(releasesOn(late.done, EAST)).toEqual([]);
    expect(releasesOn(late.done, WEST)).toMatchObject([
      { recipient: REFUND_TO, amount: 990n, refundOf: 1n },
    ]);
    expect(late.world.account(ACCOUNT)).toBeUndefined();
  });

  test('does not count as opened: the same bytes in a deposit that is in time open', async () => {
    const world = openWorld();
    const envelope = await sealFor(depositOf(), { legs: direct });
    await deposit(world, envelope, { sentAtSec: schedule.startSec });
    const asOf = schedule.startSec + lateSec + 1n;
    expect(releasesOn(world.advance({ asOf }), EAST)).toEqual([]);
    await deposit(world, envelope);
    expect(releasesOn(world.advance({ asOf }), EAST)).toHaveLength(1);
  });
});
