import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inboxOf } from '../../../src/enclave/state.ts';
import { MAX_INBOX_BYTES, messageBytes } from '../../../src/protocol/limits.ts';
import type { MessageBody } from '../../../src/protocol/message.ts';
import { BridgeError } from '../../../src/shared/errors.ts';
import { deposit } from '../../support/deposits.ts';
import { EnclaveWorld, ETHEREUM, testContext } from '../../support/enclave-world.ts';

const context = testContext();
const bodies = Array.from({ length: 12 }, (_, i) => deposit(ETHEREUM, 1000n + BigInt(i)));
const BYTES = messageBytes(bodies[0]!);

/** An enclave's Ethereum inbox with room for so many messages; the rest of it is taken by nothing. */
function worldWithRoom(messages: number): EnclaveWorld {
  const world = new EnclaveWorld(context);
  world.nowSec += 100n;
  world.deposit(ETHEREUM, ...bodies);
  setRoom(world, messages);
  return world;
}

function setRoom(world: EnclaveWorld, messages: number): void {
  const inbox = inboxOf(world.state, ETHEREUM);
  const bytes = MAX_INBOX_BYTES - messages * BYTES;
  world.state = {
    ...world.state,
    inboxes: new Map(world.state.inboxes).set(ETHEREUM, { ...inbox, bytes }),
  };
}

/**
 * A host that delivers what it is asked for: it sends the outbox in the portions given, the last with a
 * proof, and then whatever is ahead, making room each time there is none.
 */
async function deliver(world: EnclaveWorld, sizes: readonly number[]): Promise<void> {
  const chainId = ETHEREUM;
  const send = (from: bigint, to: bigint, isProven: boolean) =>
    world.run('ingest', {
      ...{ chainId, fromIndex: from },
      messages: bodies.slice(Number(from), Number(to)),
      proof: isProven ? world.proveOutbox(chainId) : null,
    });
  let from = 0n;
  for (const [i, size] of sizes.entries()) {
    const to = from + BigInt(size);
    await send(from, to, i === sizes.length - 1);
    from = to;
  }
  for (;;) {
    const { position, ahead, provenAtSec } = (await world.run('status', {})).ingested[0]!;
    const next = bodies[Number(position.count)]?.sentAtSec ?? world.nowSec;
    // SECURITY: never later than what may still be missing.
    expect(provenAtSec).toBeLessThanOrEqual(next);
    if (ahead === null) return;
    try {
      await send(position.count, ahead.count, false);
    } catch (error) {
      if (!(error instanceof BridgeError) || error.code !== 'ENCLAVE_INBOX_FULL') throw error;
      setRoom(world, Number(ahead.count - position.count));
    }
  }
}

/** Sizes that add up to the whole outbox, none of them zero. */
const cuts = fc
  .subarray(Array.from({ length: bodies.length - 1 }, (_, i) => i + 1))
  .map((at) => [0, ...at, bodies.length])
  .map((ends) => ends.slice(1).map((end, i) => end - (ends[i] ?? 0)));

/** The slow twin: what an inbox has to hold, from the outbox alone. */
function expectedInbox(world: EnclaveWorld) {
  const messages = bodies.map((body, i) =>
    expect.objectContaining({ ...body, chainId: ETHEREUM, index: BigInt(i) }),
  );
  const nothing = { ahead: [], aheadAtSec: 0n, pending: null };
  return { position: world.positionAt(ETHEREUM), messages, provenAtSec: world.nowSec, ...nothing };
}

it('portions of every size, with room or without, give the whole outbox in its order', async () => {
  await fc.assert(
    fc.asyncProperty(cuts, fc.nat({ max: bodies.length }), async (sizes, room) => {
      const world = worldWithRoom(room);
      await deliver(world, sizes);
      const inbox = inboxOf(world.state, ETHEREUM);
      expect(inbox).toEqual({ ...expectedInbox(world), bytes: inbox.bytes });
      expect(inbox.bytes).toBeLessThanOrEqual(MAX_INBOX_BYTES);
    }),
    { numRuns: 60 },
  );
});

/** One of the ways in which a host may lie about an outbox. */
const lies = fc.constantFrom<(list: MessageBody[], at: number) => MessageBody[]>(
  (list, at) => list.toSpliced(at, 1),
  (list, at) => list.toSpliced(at, 0, list[at]!),
  (list, at) => list.with(at, { ...list[at]!, refundTo: `0x${'66'.repeat(20)}` }),
  (list, at) => list.with(at, { ...list[at]!, sentAtSec: 1n }),
);

it('a lie in any portion is found at the proof, and nothing of the run counts', async () => {
  const at = fc.nat({ max: bodies.length - 1 });
  await fc.assert(
    fc.asyncProperty(cuts, at, lies, async (sizes, where, lie) => {
      const world = worldWithRoom(bodies.length);
      const told = lie(bodies, where);
      let fromIndex = 0n;
      for (const size of sizes) {
        const messages = told.slice(Number(fromIndex), Number(fromIndex) + size);
        await world.run('ingest', { chainId: ETHEREUM, fromIndex, messages, proof: null });
        fromIndex += BigInt(messages.length);
      }
      const before = inboxOf(world.state, ETHEREUM);
      const proof = world.proveOutbox(ETHEREUM);
      await expect(
        world.run('ingest', {
          chainId: ETHEREUM,
          fromIndex,
          messages: told.slice(Number(fromIndex)),
          proof,
        }),
      ).rejects.toMatchObject({ code: 'ENCLAVE_REPLAY_MISMATCH' });
      expect(inboxOf(world.state, ETHEREUM)).toBe(before);
      expect(before.messages).toEqual([]);
      await world.ingestAll(ETHEREUM);
      expect(inboxOf(world.state, ETHEREUM).position).toEqual(world.positionAt(ETHEREUM));
    }),
    { numRuns: 60 },
  );
});
