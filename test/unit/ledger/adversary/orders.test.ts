import { describe, expect, test } from 'vitest';
import type { PostedOrder } from '../../../../src/protocol/order.ts';
import {
  addressOf,
  EAST,
  EAST_COIN,
  type LedgerWorld,
  legOf,
  openWorld,
  padded,
  REWARD,
  RULES,
  releasesOn,
  sealedOrder,
} from '../../../support/ledger.ts';
import {
  ACCOUNT,
  fund,
  LEDGER,
  MALLORY,
  OWNER,
  post,
  postedOrder,
  type Sealing,
  seal,
} from './sealing.ts';

// Orders that somebody posts who should not, or not like that. An order that is done pays 100 at once in the east.

const FUNDS = 975n;
const direct = [legOf({ mode: 'direct', amount: 100n })];
const COST = 100n + REWARD;

function fundedWorld(): LedgerWorld {
  const world = openWorld();
  fund(world);
  return world;
}

/** Posts an order that pays out; whether it was done. */
async function isDone(
  world: LedgerWorld,
  change: Partial<PostedOrder> = {},
  sealing: Sealing = {},
): Promise<boolean> {
  const order = postedOrder({ legs: direct, ...change });
  const before = world.balance(ACCOUNT);
  await post(world, await seal(order, sealing));
  const paid = releasesOn(world.advance(), EAST).length;
  expect(before - world.balance(ACCOUNT)).toBe(paid === 1 ? COST : 0n);
  return paid === 1;
}

/** That nothing of a refused order stays: the very nonce is free for the owner's own. */
async function expectUnspent(world: LedgerWorld): Promise<void> {
  expect(world.account(ACCOUNT)?.nonceBits).toBe(0n);
  expect(await isDone(world)).toBe(true);
}

test('an order that is nothing of all that is done', async () => {
  expect(await isDone(fundedWorld())).toBe(true);
});

describe('an order signed for another ledger', () => {
  const others = [
    ['anchor', { ...LEDGER, verifyingContract: addressOf(0xad) }],
    ['anchor chain', { ...LEDGER, chainId: LEDGER.chainId + 1n }],
  ] as const;

  test.each(others)('of another %s opens nowhere else', async (_, ledger) => {
    const world = fundedWorld();
    const sealing = { ledger, signed: { ledger } };
    expect(await isDone(world, {}, sealing)).toBe(false);
    await expectUnspent(world);
  });

  test.each(others)(
    'of another %s is not signed for this one if somebody seals it anew',
    async (_, ledger) => {
      const world = fundedWorld();
      const order = postedOrder({ legs: direct });
      const opened = await post(world, await seal(order, { signed: { ledger } }));
      expect(opened).toEqual({ kind: 'unopened', reason: 'not-signed' });
      expect(releasesOn(world.advance(), EAST)).toEqual([]);
      await expectUnspent(world);
    },
  );
});

describe('an order of another epoch', () => {
  test('that has not begun does nothing, though an enclave could open it', async () => {
    const world = fundedWorld();
    expect(await isDone(world, {}, { epoch: 2n })).toBe(false);
    await expectUnspent(world);
  });

  test('that is over does nothing once its grace is over, and until then what it says', async () => {
    const world = fundedWorld();
    world.govern({ kind: 'startEpoch', epoch: 2n });
    world.advance();
    // The epoch begins with the next round; what is sent 60 seconds after the end of this one still opens.
    const end = RULES.schedule.startSec + world.state().round * RULES.schedule.roundSec;
    const order = (nonce: bigint) => postedOrder({ legs: direct, nonce });
    await post(world, await seal(order(0n)), { sentAtSec: end + RULES.graceSec });
    await post(world, await seal(order(1n)), { sentAtSec: end + RULES.graceSec + 1n });
    expect(releasesOn(world.advance({ rounds: 2n }), EAST)).toHaveLength(1);
    expect(world.account(ACCOUNT)?.nonceBits).toBe(1n);
  });

  test('relabelled as of the running one does not open', async () => {
    const world = fundedWorld();
    const envelope = await seal(postedOrder({ legs: direct }), { epoch: 2n });
    const opened = await post(world, envelope.with(9, 1));
    expect(opened).toEqual({ kind: 'unopened', reason: 'undecryptable' });
    expect(releasesOn(world.advance(), EAST)).toEqual([]);
  });
});

describe('an order of another expiry', () => {
  test('is not what its owner signed', async () => {
    const world = fundedWorld();
    const order = postedOrder({ legs: direct, expiry: 2n });
    const sealing = { signed: { order } };
    const envelope = await seal({ ...order, expiry: 100n }, sealing);
    expect(await post(world, envelope)).toEqual({ kind: 'unopened', reason: 'not-signed' });
  });

  test('is done in the round of its expiry and not in the next', async () => {
    const world = fundedWorld();
    const next = world.state().round + 1n;
    expect(await isDone(world, { expiry: next })).toBe(true);
    expect(await isDone(world, { expiry: next, nonce: 1n })).toBe(false);
    expect(await isDone(world, { expiry: next + 2n, nonce: 1n })).toBe(true);
  });

  test('more than a day ahead is not done, lest a relayer keep it for a better day', async () => {
    const world = fundedWorld();
    const day = 86_400n / RULES.schedule.roundSec;
    expect(await isDone(world, { expiry: world.state().round + 1n + day + 1n })).toBe(false);
    await expectUnspent(world);
    expect(await isDone(world, { expiry: world.state().round + 1n + day, nonce: 1n })).toBe(true);
  });
});

describe('an order of another account', () => {
  test('cannot be signed by anybody else', async () => {
    const world = fundedWorld();
    const envelope = await seal(postedOrder({ legs: direct }), { signer: MALLORY });
    expect(await post(world, envelope)).toEqual({ kind: 'unopened', reason: 'not-signed' });
    expect(releasesOn(world.advance(), EAST)).toEqual([]);
    await expectUnspent(world);
  });

  test('of the same key is not signed by an order of the first', async () => {
    const world = fundedWorld();
    const order = postedOrder({ legs: direct, owner: { ...OWNER, index: 1 } });
    const signed = { order: { ...order, owner: OWNER } };
    const opened = await post(world, await seal(order, { signed }));
    expect(opened).toEqual({ kind: 'unopened', reason: 'not-signed' });
  });

  test('spends what that account has, which is nothing, and opens none', async () => {
    const world = fundedWorld();
    const order = postedOrder({ legs: direct, owner: MALLORY });
    expect((await post(world, await seal(order, { signer: MALLORY }))).kind).toBe('post');
    const accounts = world.state().accounts.size;
    expect(releasesOn(world.advance(), EAST)).toEqual([]);
    expect(world.state().accounts.size).toBe(accounts);
    expect(world.balance(ACCOUNT)).toBe(FUNDS);
  });
});

describe('an order replayed through the other chain', () => {
  test('opens there too, and executes once', async () => {
    const world = fundedWorld();
    const envelope = await seal(postedOrder({ legs: direct }));
    await post(world, envelope);
    const again = await post(world, envelope, { chainId: EAST, asset: EAST_COIN });
    expect(again.kind).toBe('post');
    expect(releasesOn(world.advance(), EAST)).toHaveLength(1);
    expect(world.balance(ACCOUNT)).toBe(FUNDS - COST);
  });

  test('executes once in whichever round it comes again, and pays its poster once', async () => {
    const world = fundedWorld();
    const envelope = await seal(postedOrder({ legs: direct, posterAccount: ACCOUNT }));
    let paid = 0;
    for (let round = 0; round < 3; round++) {
      await post(world, envelope);
      await post(world, envelope, { chainId: EAST, asset: EAST_COIN });
      paid += releasesOn(world.advance(), EAST).length;
    }
    expect(paid).toBe(1);
    expect(world.balance(ACCOUNT)).toBe(FUNDS - 100n);
  });

  test('leaves as its fee what posting cost, also where it does nothing', async () => {
    const world = fundedWorld();
    const envelope = await seal(postedOrder({ legs: direct }));
    await post(world, envelope);
    await post(world, envelope);
    world.advance({ beneficiary: ACCOUNT });
    expect(world.balance(ACCOUNT)).toBe(FUNDS - COST + 2n * 7n);
  });
});

describe('nonce 6 before 5', () => {
  test('executes, and 5 after it, and neither again', async () => {
    const world = fundedWorld();
    const done: boolean[] = [];
    for (const nonce of [6n, 5n, 6n, 5n]) done.push(await isDone(world, { nonce }));
    expect(done).toEqual([true, true, false, false]);
  });

  test('of another order with the same nonce, the first that comes executes: so an order is cancelled', async () => {
    const world = fundedWorld();
    const cancel = await seal(postedOrder({ nonce: 6n }));
    const order = await seal(postedOrder({ nonce: 6n, legs: direct }));
    await post(world, cancel);
    await post(world, order);
    expect(releasesOn(world.advance(), EAST)).toEqual([]);
    expect(world.balance(ACCOUNT)).toBe(FUNDS - REWARD);
  });

  test('goes no further back than the window, and no further ahead than another', async () => {
    const world = fundedWorld();
    expect(await isDone(world, { nonce: 128n })).toBe(false);
    expect(await isDone(world, { nonce: 127n })).toBe(true);
    // The window has moved to 64 … 127.
    expect(await isDone(world, { nonce: 63n })).toBe(false);
    expect(await isDone(world, { nonce: 64n })).toBe(true);
  });
});

describe('an unfunded order', () => {
  test('is not done in part, and its nonce can be used when there is enough', async () => {
    const world = fundedWorld();
    const legs = [...direct, legOf({ mode: 'direct', amount: FUNDS })];
    await post(world, await seal(postedOrder({ legs })));
    expect(releasesOn(world.advance(), EAST)).toEqual([]);
    expect(world.balance(ACCOUNT)).toBe(FUNDS);
    world.send(sealedOrder({ account: ACCOUNT }));
    world.advance();
    await post(world, await seal(postedOrder({ legs })));
    expect(releasesOn(world.advance(), EAST)).toHaveLength(2);
  });

  test('cannot spend what the account keeps, nor what its reward takes', async () => {
    const world = fundedWorld();
    const spend = (amount: bigint) => ({ legs: [legOf({ mode: 'direct', amount })] });
    const most = FUNDS - REWARD - 10n;
    await post(world, await seal(postedOrder(spend(most + 1n))));
    expect(releasesOn(world.advance(), EAST)).toEqual([]);
    await post(world, await seal(postedOrder(spend(most))));
    expect(releasesOn(world.advance(), EAST)).toHaveLength(1);
    expect(world.balance(ACCOUNT)).toBe(10n);
  });

  test('takes nothing from a deposit that comes behind it, nor from one that brings another asset', async () => {
    const world = openWorld();
    await post(world, await seal(postedOrder({ legs: direct })));
    world.send(sealedOrder({ account: ACCOUNT }));
    expect(releasesOn(world.advance(), EAST)).toEqual([]);
    await post(world, await seal(postedOrder({ asset: EAST_COIN, legs: direct })));
    expect(releasesOn(world.advance(), EAST)).toEqual([]);
  });

  test('whose poster wants more than its owner allows is not done', async () => {
    const world = fundedWorld();
    expect(await isDone(world, { maxFee: REWARD - 1n })).toBe(false);
    expect(await isDone(world, { maxFee: REWARD })).toBe(true);
  });

  test('to a recipient that nobody is, is not done either', async () => {
    const world = fundedWorld();
    const legs = [legOf({ mode: 'direct', recipient: padded(addressOf(0)) })];
    expect(await isDone(world, { legs })).toBe(false);
    await expectUnspent(world);
  });
});
