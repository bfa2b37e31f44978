import { beforeEach, describe, expect, it } from 'vitest';
import type { Inbox } from '../../../../src/enclave/inbox.ts';
import { inboxOf } from '../../../../src/enclave/state.ts';
import type { OutboxStatus } from '../../../../src/protocol/enclave-commands.ts';
import {
  MAX_INBOX_BYTES,
  MAX_RUN_PORTIONS,
  messageBytes,
} from '../../../../src/protocol/limits.ts';
import type { MessageBody } from '../../../../src/protocol/message.ts';
import type { StateProof } from '../../../../src/protocol/state-proof.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { deposit } from '../../../support/deposits.ts';
import {
  cutOf,
  EnclaveWorld,
  ETHEREUM,
  POLKADOT,
  testContext,
} from '../../../support/enclave-world.ts';

const context = testContext();
let world: EnclaveWorld;
let all: MessageBody[];
beforeEach(() => {
  world = new EnclaveWorld(context);
  all = Array.from({ length: 8 }, (_, i) =>
    deposit(ETHEREUM, 1000n + BigInt(i), { sentAtSec: cutOf(ETHEREUM, BigInt(i + 1)) }),
  );
  world.nowSec = cutOf(ETHEREUM, 20n);
  world.deposit(ETHEREUM, ...all);
});

const portion = (from: number, to: number, proof: StateProof | null = null) =>
  world.run('ingest', {
    chainId: ETHEREUM,
    fromIndex: BigInt(from),
    messages: world.outboxes.get(ETHEREUM)!.slice(from, to),
    proof,
  });
const proof = (count?: number) => world.proveOutbox(ETHEREUM, count);
const at = (count: number) => world.positionAt(ETHEREUM, count);
/** What is known of the outbox, `paid` left out. */
const known = (position: number, scanned: number, rest: Partial<OutboxStatus> = {}) => ({
  chainId: ETHEREUM,
  position: at(position),
  scanned: at(scanned),
  ahead: null,
  provenAtSec: 0n,
  paid: 0n,
  ...rest,
});
/** Takes the ledger over the rounds up to `round`: each consumes one of the messages. */
async function settle(round: number): Promise<void> {
  await world.ingestAll(POLKADOT);
  await world.ingestGovernance();
  await world.confirm(await world.propose({ round: BigInt(round) }));
}
const inbox = (chainId = ETHEREUM) => inboxOf(world.state, chainId);
const change = (part: Partial<Inbox>, chainId = ETHEREUM) => {
  const inboxes = new Map(world.state.inboxes).set(chainId, { ...inbox(chainId), ...part });
  world.state = { ...world.state, inboxes };
};
/** The bytes that leave room for so many of these messages. */
const roomFor = (messages: number) => MAX_INBOX_BYTES - messages * messageBytes(all[0]!);

describe('a run of portions', () => {
  it('counts when a proof shows its end, and not before', async () => {
    const first = await portion(0, 3);
    expect(first).toEqual(known(0, 3));
    expect((await portion(3, 5)).scanned).toEqual(at(5));
    expect(inbox().messages).toEqual([]);
    expect((await world.run('status', {})).ingested[0]).toMatchObject({ scanned: at(5) });
    const last = await portion(5, 8, proof());
    expect(last).toEqual(known(8, 8, { provenAtSec: world.nowSec }));
    expect(inbox().messages.map(({ amount }) => amount)).toEqual(all.map(({ amount }) => amount));
    expect(inbox().bytes).toBe(8 * messageBytes(all[0]!));
    expect(inbox().pending).toBeNull();
  });

  it('cannot be consumed from before it is proven', async () => {
    await portion(0, 8);
    await world.ingestAll(POLKADOT);
    await world.ingestGovernance();
    expect((await asyncRefusal(world.propose())).code).toBe('ENCLAVE_ROUND_INCOMPLETE');
  });

  it('may be confirmed without another message, and does not count twice', async () => {
    await portion(0, 8);
    expect((await portion(8, 8, proof())).position).toEqual(at(8));
    expect((await portion(8, 8, proof())).position).toEqual(at(8));
    expect(inbox().messages).toHaveLength(8);
  });

  it('is nothing if it has no message', async () => {
    const answer = await portion(0, 0);
    expect(answer).toEqual(known(0, 0));
    expect(inbox().pending).toBeNull();
  });

  it('begins anew at the position, whatever was scanned', async () => {
    await portion(0, 2);
    await portion(2, 6);
    expect((await portion(0, 1)).scanned).toEqual(at(1));
    await portion(1, 8, proof());
    expect(inbox().messages).toHaveLength(8);
  });

  it.each([0, 2, 4])(
    'is refused at the proof if message %i is wrong, and a new run recovers',
    async (wrong) => {
      const outbox = world.outboxes.get(ETHEREUM)!;
      world.outboxes.set(ETHEREUM, outbox.with(wrong, { ...outbox[wrong]!, amount: 1n }));
      await portion(0, 3);
      await portion(3, 5);
      world.outboxes.set(ETHEREUM, outbox);
      const proven = proof(5);
      const before = world.state;
      const error = await asyncRefusal(portion(5, 5, proven));
      expect(error).toMatchObject({
        code: 'ENCLAVE_REPLAY_MISMATCH',
        disposition: 'retry',
        meta: { knownCount: 0n, messages: 5n, sentHead: at(5).head },
      });
      expect(error.meta).not.toMatchObject({ got: at(5).head });
      expect(world.state).toBe(before);
      await portion(0, 5, proven);
      expect(inbox().position).toEqual(at(5));
    },
  );

  it.each([
    ['behind its end', 4],
    ['inside it', 2],
    ['inside what is proven', 0],
  ])('is not gone on with %s', async (_, from) => {
    await portion(0, 1, proof(1));
    await portion(1, 3);
    const before = world.state;
    const error = await asyncRefusal(portion(from, from + 1));
    expect(error).toMatchObject({
      code: 'ENCLAVE_PORTION_MISPLACED',
      disposition: 'retry',
      meta: { fromIndex: BigInt(from), scanned: 3n, expected: 1n },
    });
    expect(world.state).toBe(before);
  });

  it('is followed beyond the portions that are remembered; what lies there is proven once more', async () => {
    const more = MAX_RUN_PORTIONS + 3;
    world.deposit(ETHEREUM, ...Array.from({ length: more - all.length }, () => all[0]!));
    for (let i = 0; i < more; i++) await portion(i, i + 1);
    expect(inbox().pending?.portions).toHaveLength(MAX_RUN_PORTIONS);
    const answer = await portion(more, more, proof());
    // The proof reached further than what is at hand, so it says nothing of the time behind that.
    const provenAtSec = inbox().messages.at(-1)!.sentAtSec;
    expect(answer).toMatchObject({ position: at(MAX_RUN_PORTIONS), ahead: null, provenAtSec });
    await portion(MAX_RUN_PORTIONS, more, proof());
    expect(inbox()).toMatchObject({ position: at(more), provenAtSec: world.nowSec });
  });
});

describe('a run without room for its messages', () => {
  it('keeps what there is room for, to the byte, and remembers the ends of the rest', async () => {
    change({ bytes: roomFor(5) });
    await portion(0, 3);
    await portion(3, 5);
    const kept = inbox().pending!;
    expect(kept.portions.map(({ messages }) => messages?.length)).toEqual([3, 2]);
    change({ bytes: roomFor(5) + 1 });
    await portion(0, 3);
    await portion(3, 5);
    // Room for this one there would be, but its place is behind one that is not kept.
    await portion(5, 6);
    const { portions, bytes } = inbox().pending!;
    expect(portions.map(({ messages }) => messages?.length)).toEqual([3, undefined, undefined]);
    expect(bytes).toBe(3 * messageBytes(all[0]!));
    const answer = await portion(6, 8, proof());
    const provenAtSec = all[2]!.sentAtSec;
    expect(answer).toEqual(known(3, 3, { ahead: at(5), provenAtSec }));
    expect(inbox().ahead).toEqual([at(5), at(6), at(8)]);
    expect(inbox().messages).toHaveLength(3);
  });

  it('is proven even where nothing of it can be kept', async () => {
    change({ bytes: MAX_INBOX_BYTES });
    const answer = await portion(0, 8, proof());
    expect(answer).toMatchObject({ position: at(0), ahead: at(8), provenAtSec: 0n });
  });

  it('gets its messages between commits, each portion to its own end and without a proof', async () => {
    change({ bytes: roomFor(2) });
    await portion(0, 2);
    await portion(2, 5);
    await portion(5, 8, proof());
    const full = await asyncRefusal(portion(2, 5));
    expect(full).toMatchObject({
      code: 'ENCLAVE_INBOX_FULL',
      disposition: 'retry',
      meta: { waiting: MAX_INBOX_BYTES, added: 3 * messageBytes(all[0]!) },
    });
    await settle(1);
    const early = world.propose({ round: 2n });
    expect((await asyncRefusal(early)).code).toBe('ENCLAVE_ROUND_INCOMPLETE');
    expect(inbox()).toMatchObject({ messages: [{ index: 1n }], bytes: messageBytes(all[0]!) });
    change({ bytes: roomFor(3) });
    expect(await portion(2, 5)).toMatchObject({ position: at(5), ahead: at(8) });
    change({ bytes: roomFor(3) + 1 });
    expect((await asyncRefusal(portion(5, 8))).code).toBe('ENCLAVE_INBOX_FULL');
    change({ bytes: 0 });
    const { provenAtSec } = await portion(5, 8);
    expect(inbox()).toMatchObject({ position: at(8), ahead: [], aheadAtSec: 0n, provenAtSec });
    expect(provenAtSec).toBe(world.nowSec);
    world.deposit(ETHEREUM, all[0]!);
    expect((await portion(8, 9, proof())).position).toEqual(at(9));
  });

  it('takes nothing else meanwhile: another end, another place, a proof or wrong messages', async () => {
    change({ bytes: MAX_INBOX_BYTES });
    await portion(0, 3);
    await portion(3, 8, proof());
    change({ bytes: 0 });
    const misplaced: readonly [number, number, StateProof | null][] = [
      [0, 2, null],
      [0, 4, null],
      [3, 8, null],
      [0, 0, null],
      [0, 3, proof()],
    ];
    for (const [from, to, shown] of misplaced) {
      const before = world.state;
      expect(await asyncRefusal(portion(from, to, shown))).toMatchObject({
        code: 'ENCLAVE_PORTION_MISPLACED',
        disposition: 'retry',
        meta: { fromIndex: BigInt(from), expected: 0n, until: 3n },
      });
      expect(world.state).toBe(before);
    }
    const outbox = world.outboxes.get(ETHEREUM)!;
    world.outboxes.set(ETHEREUM, outbox.with(1, { ...outbox[1]!, fee: 1n }));
    expect((await asyncRefusal(portion(0, 3))).code).toBe('ENCLAVE_REPLAY_MISMATCH');
    world.outboxes.set(ETHEREUM, outbox);
    expect(await portion(0, 3)).toMatchObject({ position: at(3), ahead: at(8) });
  });

  it('takes no room of another chain', async () => {
    change({ bytes: MAX_INBOX_BYTES });
    await portion(0, 8, proof());
    world.deposit(POLKADOT, deposit(POLKADOT, 500n), deposit(POLKADOT, 600n));
    await world.ingestAll(POLKADOT);
    expect(inbox(POLKADOT)).toMatchObject({ position: world.positionAt(POLKADOT), ahead: [] });
    expect(inbox(POLKADOT).messages).toHaveLength(2);
    await world.ingestGovernance();
    expect((await asyncRefusal(world.propose())).code).toBe('ENCLAVE_ROUND_INCOMPLETE');
    change({ bytes: 0 });
    await portion(0, 8);
    await settle(8);
    expect(inbox(POLKADOT)).toMatchObject({ messages: [], bytes: 0 });
    expect(inbox()).toMatchObject({ messages: [], bytes: 0, ahead: [] });
  });
});

describe('the room of a chain', () => {
  it('is given back message by message as they are consumed, and all of it in the end', async () => {
    await portion(0, 8, proof());
    for (const [consumed, left] of [
      [3, 5],
      [7, 1],
      [8, 0],
    ] as const) {
      await settle(consumed);
      expect(inbox().bytes).toBe(left * messageBytes(all[0]!));
      expect(inbox().messages.map(({ index }) => index)).toEqual(
        Array.from({ length: left }, (_, i) => BigInt(consumed + i)),
      );
    }
  });
});
