import { expect, it } from 'vitest';
import { inboxOf } from '../../../src/enclave/state.ts';
import {
  MAX_INBOX_BYTES,
  MAX_TRANSITION_MESSAGES,
  messageBytes,
} from '../../../src/protocol/limits.ts';
import type { MessageBody } from '../../../src/protocol/message.ts';
import { deposit } from '../../support/deposits.ts';
import {
  EnclaveWorld,
  ETHEREUM,
  POLKADOT,
  SUBMITTER,
  testContext,
} from '../../support/enclave-world.ts';

const BACKLOG = 100_000;
const PORTION = 5_000;

const world = new EnclaveWorld(await testContext());
const body = deposit(ETHEREUM, 1000n);

function portion(fromIndex: bigint, count: number): Promise<unknown> {
  const messages: MessageBody[] = new Array(count).fill(body);
  return world.run('ingest', { chainId: ETHEREUM, fromIndex, messages, proof: null });
}

/** Scans what is behind the position and proves it: one proof, however much it is. */
async function proveBacklog(): Promise<void> {
  for (let from = Number(inboxOf(world.state, ETHEREUM).position.count); from < BACKLOG; ) {
    const count = Math.min(PORTION, BACKLOG - from);
    await portion(BigInt(from), count);
    from += count;
  }
  const proof = world.proveOutbox(ETHEREUM);
  const fromIndex = BigInt(BACKLOG);
  await world.run('ingest', { chainId: ETHEREUM, fromIndex, messages: [], proof });
}

/** Takes what is ahead while there is room for it. */
async function takeAhead(): Promise<void> {
  for (;;) {
    const { position, ahead, bytes } = inboxOf(world.state, ETHEREUM);
    const count = Number((ahead[0] ?? position).count - position.count);
    if (count === 0 || bytes + count * messageBytes(body) > MAX_INBOX_BYTES) return;
    await portion(position.count, count);
  }
}

/** Commits as much as one transition takes, and makes it final. */
async function commitNext(): Promise<void> {
  const consumed = world.state.durable.ledger.state.chains[0]?.inbox.count ?? 0n;
  const most = consumed + BigInt(MAX_TRANSITION_MESSAGES);
  const { position } = inboxOf(world.state, ETHEREUM);
  await world.confirm(
    await world.propose(Number(position.count < most ? position.count : most), 0),
  );
}

it('an enclave that starts with nothing at hand comes through a backlog of 100,000 messages, started anew on the way', async () => {
  world.outboxes.set(ETHEREUM, new Array(BACKLOG).fill(body));
  await proveBacklog();
  const first = inboxOf(world.state, ETHEREUM);
  expect(first.bytes).toBeLessThanOrEqual(MAX_INBOX_BYTES);
  expect(first.position.count + BigInt(first.ahead.length * PORTION)).toBe(BigInt(BACKLOG));
  for (let i = 0; i < 8; i++) {
    await commitNext();
    await takeAhead();
  }
  world.restart();
  expect(inboxOf(world.state, ETHEREUM).position.count).toBe(80_000n);
  await proveBacklog();
  for (let i = 0; i < 2; i++) {
    await commitNext();
    await takeAhead();
  }
  const { state } = world.state.durable.ledger;
  expect(state.chains[0]?.inbox.count).toBe(BigInt(BACKLOG));
  expect(inboxOf(world.state, ETHEREUM)).toMatchObject({ messages: [], bytes: 0, ahead: [] });
  const submitters = [{ chainId: POLKADOT, submitter: SUBMITTER }];
  const { batches } = await world.run('reveal', { number: state.number, submitters });
  expect(batches.flatMap(({ batch }) => batch.releases)).toHaveLength(MAX_TRANSITION_MESSAGES + 1);
}, 240_000);
