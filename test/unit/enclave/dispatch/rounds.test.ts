import { beforeEach, describe, expect, it } from 'vitest';
import { inboxOf } from '../../../../src/enclave/state.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { deposit, sealedDeposit } from '../../../support/deposits.ts';
import {
  cutOf,
  EnclaveWorld,
  ETHEREUM,
  POLKADOT,
  testContext,
} from '../../../support/enclave-world.ts';

const context = testContext();
const epochKey = await context.keys.epochKeyOf(1n);
let world: EnclaveWorld;

beforeEach(async () => {
  world = new EnclaveWorld(context);
  await world.openLedger();
});

const CHAINS: [string, bigint][] = [
  ['Ethereum', ETHEREUM],
  ['Polkadot', POLKADOT],
];
const incomplete = (chainId: bigint, round: bigint, complete: bigint) => ({
  code: 'ENCLAVE_ROUND_INCOMPLETE',
  disposition: 'retry',
  meta: { outbox: `${chainId}`, round, complete },
});
const consumed = async (chainId: bigint, round: bigint) =>
  (await world.propose({ round })).inputs.find((input) => input.chainId === chainId)?.count;
/** Shows a chain, with all that it has sent, in a block of that second; the chain of the anchor with its outbox. */
const show = async (chainId: bigint, atSec: bigint, beyondMs = 0n) => {
  Object.assign(world, { nowSec: atSec, beyondMs });
  await world.ingestAll(chainId);
  if (chainId === POLKADOT) await world.ingestGovernance();
};
const otherThan = (chainId: bigint) => (chainId === ETHEREUM ? POLKADOT : ETHEREUM);

describe('while Ethereum does not become final and Polkadot goes on', () => {
  const LAST = 7n;
  /** Two messages of Ethereum for every round, the second of them sealed, and one of Polkadot. */
  const sendAll = async (to: EnclaveWorld) => {
    for (let round = 2n; round <= LAST; round++) {
      const at = { sentAtSec: cutOf(ETHEREUM, round) };
      const sealing = { epoch: 1n, epochKey, seed: Number(round), body: at };
      to.deposit(ETHEREUM, deposit(ETHEREUM, 500n + round, at));
      to.deposit(ETHEREUM, await sealedDeposit(ETHEREUM, 1000n, sealing));
      const sentAtSec = cutOf(POLKADOT, round);
      to.deposit(POLKADOT, deposit(POLKADOT, 700n + round, { sentAtSec }));
    }
  };
  const allBatches = async (of: EnclaveWorld) => {
    const revealed = [await of.reveal(ETHEREUM), await of.reveal(POLKADOT)];
    return revealed.map(({ batches }) => batches.map(({ batch }) => batch));
  };

  it('no round is complete, and what Polkadot has sent waits', async () => {
    await sendAll(world);
    for (let round = 2n; round <= LAST; round++) {
      await show(POLKADOT, cutOf(POLKADOT, round) + 1n);
      for (const asked of [2n, round]) {
        const error = await asyncRefusal(world.propose({ round: asked }));
        expect(error).toMatchObject(incomplete(ETHEREUM, asked, 1n));
      }
    }
    expect(world.ledger.state.round).toBe(1n);
    expect(inboxOf(world.state, POLKADOT).messages).toHaveLength(Number(LAST) - 1);
  });

  it('nothing is lost: the rounds that then are complete at once release what one by one would', async () => {
    await sendAll(world);
    for (let round = 2n; round <= LAST; round++) await show(POLKADOT, cutOf(POLKADOT, round) + 1n);
    await show(ETHEREUM, cutOf(ETHEREUM, LAST) + 1n);
    const commit = await world.propose({ round: LAST });
    expect(commit).toMatchObject({ number: 2n, inputs: [{ count: 12n }, { count: 6n }] });
    await world.confirm(commit);

    const patient = new EnclaveWorld(context);
    await patient.openLedger();
    await sendAll(patient);
    for (let round = 2n; round <= LAST; round++) await patient.advance({ round });
    expect(patient.ledger.state.number).toBe(LAST);
    const batches = await allBatches(world);
    expect(batches).toEqual(await allBatches(patient));
    expect(batches.map((each) => each.flatMap(({ releases }) => releases).length)).toEqual([6, 12]);
    // Batches never span rounds: each of theirs is one round's.
    expect(batches.map((each) => each.length)).toEqual([6, 6]);
  });
});

describe('a chain without blocks', () => {
  it.each(CHAINS)('holds the round back, and none but it does: %s', async (_, chainId) => {
    await world.reach(2n);
    await show(otherThan(chainId), cutOf(otherThan(chainId), 9n) + 1n);
    world.nowSec = cutOf(POLKADOT, 9n) + 1n;
    await world.ingestGovernance();
    const error = await asyncRefusal(world.propose({ round: 9n }));
    expect(error).toMatchObject(incomplete(chainId, 9n, 2n));
    await world.confirm(await world.propose({ round: 2n }));
    expect(await asyncRefusal(world.propose())).toMatchObject(incomplete(chainId, 3n, 2n));
    // One block with nothing in it, a second behind the cut, is all that was missing.
    await show(chainId, cutOf(chainId, 9n) + 1n);
    expect((await world.propose({ round: 9n })).round).toBe(9n);
  });
});

describe('of the second of its cut', () => {
  it.each(CHAINS)(
    'a round of %s takes all messages or none, whatever blocks they are from',
    async (_, chainId) => {
      const cutSec = cutOf(chainId, 3n);
      const send = () => world.deposit(chainId, deposit(chainId, 500n, { sentAtSec: cutSec }));
      await show(otherThan(chainId), cutOf(otherThan(chainId), 3n) + 1n);
      world.nowSec = cutOf(POLKADOT, 3n) + 1n;
      await world.ingestGovernance();
      for (const sent of [1, 2]) {
        send();
        await show(chainId, cutSec);
        expect(inboxOf(world.state, chainId).messages).toHaveLength(sent);
        expect(inboxOf(world.state, chainId).provenAtSec).toBe(cutSec);
        expect(await consumed(chainId, 2n)).toBe(0n);
        expect(await asyncRefusal(world.propose({ round: 3n }))).toMatchObject(
          incomplete(chainId, 3n, 2n),
        );
      }
      // Nobody has shown the third yet, and it is in the very second.
      send();
      await show(chainId, cutSec + 1n);
      expect(await consumed(chainId, 2n)).toBe(0n);
      expect(await consumed(chainId, 3n)).toBe(3n);
    },
  );

  it('a proof without the second message does not reach beyond it: neither is taken', async () => {
    const cutSec = cutOf(ETHEREUM, 3n);
    const both = [500n, 600n].map((amount) => deposit(ETHEREUM, amount, { sentAtSec: cutSec }));
    world.deposit(ETHEREUM, ...both);
    await show(POLKADOT, cutOf(POLKADOT, 3n) + 1n);
    const portion = { chainId: ETHEREUM, fromIndex: 0n, messages: both.slice(0, 1) };
    // The block behind the second has both: what is proven under it cannot be the first alone.
    world.nowSec = cutSec + 1n;
    const later = world.run('ingest', { ...portion, proof: world.proveOutbox(ETHEREUM) });
    expect((await asyncRefusal(later)).code).toBe('ENCLAVE_REPLAY_MISMATCH');
    world.nowSec = cutSec;
    await world.run('ingest', { ...portion, proof: world.proveOutbox(ETHEREUM, 1) });
    expect(await asyncRefusal(world.propose({ round: 3n }))).toMatchObject(
      incomplete(ETHEREUM, 3n, 2n),
    );
    await show(ETHEREUM, cutSec + 1n);
    expect(await consumed(ETHEREUM, 3n)).toBe(2n);
  });
});

describe('where a second has several blocks', () => {
  it('a round waits for the whole second behind its cut, to the millisecond', async () => {
    const cutSec = cutOf(POLKADOT, 3n);
    await show(ETHEREUM, cutOf(ETHEREUM, 3n) + 1n);
    for (const beyondMs of [0n, 1n, 500n, 999n]) {
      world.deposit(POLKADOT, deposit(POLKADOT, 500n, { sentAtSec: cutSec }));
      await show(POLKADOT, cutSec, beyondMs);
      expect(inboxOf(world.state, POLKADOT).provenAtSec).toBe(cutSec);
      expect(world.state.control.provenAtSec).toBe(cutSec);
      expect((await asyncRefusal(world.propose({ round: 3n }))).code).toBe(
        'ENCLAVE_ROUND_INCOMPLETE',
      );
    }
    await show(POLKADOT, cutSec + 1n);
    expect(await consumed(POLKADOT, 3n)).toBe(4n);
  });

  it('waits so for the anchor’s own outbox too', async () => {
    await show(ETHEREUM, cutOf(ETHEREUM, 3n) + 1n);
    await show(POLKADOT, cutOf(POLKADOT, 3n), 999n);
    world.nowSec += 1n;
    world.beyondMs = 0n;
    await world.ingestAll(POLKADOT);
    expect(await asyncRefusal(world.propose({ round: 3n }))).toMatchObject({
      code: 'ENCLAVE_ROUND_INCOMPLETE',
      meta: { outbox: 'control', complete: 2n },
    });
    await world.ingestGovernance();
    expect((await world.propose({ round: 3n })).round).toBe(3n);
  });
});
