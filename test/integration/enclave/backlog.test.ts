import { expect, it } from 'vitest';
import { inboxOf } from '../../../src/enclave/state.ts';
import { MAX_INBOX_BYTES, messageBytes } from '../../../src/protocol/limits.ts';
import { deposit } from '../../support/deposits.ts';
import {
  cutOf,
  EnclaveWorld,
  ETHEREUM,
  POLKADOT,
  testContext,
} from '../../support/enclave-world.ts';

const BACKLOG = 150_000;
const PORTION = 5_000;
const ROUNDS = 10;
const PER_ROUND = BACKLOG / ROUNDS;
const LAST_ROUND = BigInt(ROUNDS + 1);

const world = new EnclaveWorld(testContext());
/** One message of every round from the second on, each sent fifteen thousand times over. */
const bodies = Array.from({ length: ROUNDS }, (_, i) =>
  deposit(ETHEREUM, 1000n, { sentAtSec: cutOf(ETHEREUM, BigInt(i + 2)) }),
);
const BYTES = messageBytes(bodies[0]!);

function portion(fromIndex: bigint, count: number): Promise<unknown> {
  const messages = world.outboxes
    .get(ETHEREUM)!
    .slice(Number(fromIndex), Number(fromIndex) + count);
  return world.run('ingest', { chainId: ETHEREUM, fromIndex, messages, proof: null });
}

/** Scans what is behind the position and proves it: one proof, however much it is. */
async function proveBacklog(): Promise<void> {
  for (let from = Number(inboxOf(world.state, ETHEREUM).position.count); from < BACKLOG; ) {
    const count = Math.min(PORTION, BACKLOG - from);
    await portion(BigInt(from), count);
    from += count;
  }
  world.nowSec = cutOf(ETHEREUM, LAST_ROUND) + 1n;
  const proof = world.proveOutbox(ETHEREUM);
  const fromIndex = BigInt(BACKLOG);
  await world.run('ingest', { chainId: ETHEREUM, fromIndex, messages: [], proof });
  world.nowSec = cutOf(POLKADOT, LAST_ROUND) + 1n;
  await world.ingestAll(POLKADOT);
  await world.ingestGovernance();
}

/** Takes what is ahead while there is room for it. */
async function takeAhead(): Promise<void> {
  for (;;) {
    const { position, ahead, bytes } = inboxOf(world.state, ETHEREUM);
    const count = Number((ahead[0] ?? position).count - position.count);
    if (count === 0 || bytes + count * BYTES > MAX_INBOX_BYTES) return;
    await portion(position.count, count);
  }
}

/** Commits one round, and makes it final. */
async function commitRound(): Promise<void> {
  await world.confirm(await world.propose());
  await takeAhead();
}

it('an enclave with nothing at hand comes through a backlog of 150,000 messages, started anew on the way', async () => {
  await world.openLedger();
  world.outboxes.set(
    ETHEREUM,
    bodies.flatMap((body) => new Array(PER_ROUND).fill(body)),
  );
  await proveBacklog();
  const first = inboxOf(world.state, ETHEREUM);
  expect(first.bytes).toBeLessThanOrEqual(MAX_INBOX_BYTES);
  expect(first.ahead.length).toBeGreaterThan(0);
  expect(first.position.count + BigInt(first.ahead.length * PORTION)).toBe(BigInt(BACKLOG));
  // Not all that was proven is at hand, so not all rounds are complete: of the cut's own second something is still to come.
  expect(first.provenAtSec).toBeLessThanOrEqual(cutOf(ETHEREUM, LAST_ROUND));
  for (let i = 0; i < 8; i++) await commitRound();
  world.restart();
  expect(inboxOf(world.state, ETHEREUM).position.count).toBe(BigInt(8 * PER_ROUND));
  await proveBacklog();
  for (let i = 0; i < 2; i++) await commitRound();
  expect(world.ledger.state.round).toBe(LAST_ROUND);
  expect(world.ledger.state.chains[0]?.inbox.count).toBe(BigInt(BACKLOG));
  expect(inboxOf(world.state, ETHEREUM)).toMatchObject({ messages: [], bytes: 0, ahead: [] });
});
