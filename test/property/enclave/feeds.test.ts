import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inboxOf } from '../../../src/enclave/state.ts';
import type { MessageBody } from '../../../src/protocol/message.ts';
import { BridgeError } from '../../../src/shared/errors.ts';
import { deposit, sealedDeposit } from '../../support/deposits.ts';
import {
  cutOf,
  EnclaveWorld,
  ETHEREUM,
  POLKADOT,
  testContext,
} from '../../support/enclave-world.ts';

// An enclave is fed by a host. What it commits must not depend on how, as long as what it is fed is true.

const context = testContext();
const epochKey = await context.keys.epochKeyOf(1n);
const ROUNDS = [2n, 3n, 4n, 5n];
const END_SEC = cutOf(POLKADOT, 9n);

/** Four messages a round: two in the second of its cut, one of them sealed, and two a second later. */
async function outboxOf(chainId: bigint): Promise<MessageBody[]> {
  const lists = ROUNDS.map(async (round, i) => {
    const at = { sentAtSec: cutOf(chainId, round) };
    const later = { sentAtSec: at.sentAtSec + 1n };
    const seed = (chainId === ETHEREUM ? 0x10 : 0x20) + i;
    return [
      deposit(chainId, 500n + round, at),
      await sealedDeposit(chainId, 1000n, { epoch: 1n, epochKey, seed, body: at }),
      deposit(chainId, 600n + round, later),
      deposit(chainId, 700n + round, later),
    ];
  });
  return (await Promise.all(lists)).flat();
}
const OUTBOXES = new Map([
  [ETHEREUM, await outboxOf(ETHEREUM)],
  [POLKADOT, await outboxOf(POLKADOT)],
]);

/** A world in round 1 with all that is ever sent, of which its enclave has been shown nothing. */
async function openWorld(): Promise<EnclaveWorld> {
  const world = new EnclaveWorld(context);
  await world.openLedger();
  for (const [chainId, outbox] of OUTBOXES) world.deposit(chainId, ...outbox);
  for (const round of ROUNDS) {
    for (const sentAtSec of [cutOf(POLKADOT, round), cutOf(POLKADOT, round) + 1n]) {
      const reward = sentAtSec % 100n;
      const { asset } = deposit(ETHEREUM, 1n);
      world.govern({ kind: 'setReward', asset, reward }, { sentAtSec });
    }
  }
  return world;
}

type Place = bigint | 'control';

function sentIn(world: EnclaveWorld, place: Place): readonly { readonly sentAtSec: bigint }[] {
  return place === 'control' ? world.governance : (world.outboxes.get(place) ?? []);
}

function positionIn({ state }: EnclaveWorld, place: Place): number {
  const { position } = place === 'control' ? state.control : inboxOf(state, place);
  return Number(position.count);
}

/** A portion that a host may come with, and perhaps the proof of where it ends. */
interface Portion {
  readonly place: Place;
  readonly from: number;
  readonly to: number;
  readonly isProven: boolean;
  /** Whether the proof is of the last block in which the outbox ends there, or of the first. */
  readonly isOfLastBlock: boolean;
}

/** Has a proof made, and says how to come with the portion: as often as one likes. */
function prepare(world: EnclaveWorld, { place, from, to, ...portion }: Portion) {
  const sent = sentIn(world, place);
  const next = sent[to]?.sentAtSec ?? END_SEC;
  world.nowSec = portion.isOfLastBlock ? next : (sent[to - 1]?.sentAtSec ?? next);
  const fromIndex = BigInt(from);
  if (place === 'control') {
    const messages = world.governance.slice(from, to);
    const proof = world.proveControl(to);
    return () => world.run('ingestControl', { fromIndex, messages, proof });
  }
  const messages = OUTBOXES.get(place)?.slice(from, to) ?? [];
  const proof = portion.isProven ? world.proveOutbox(place, to) : null;
  return () => world.run('ingest', { chainId: place, fromIndex, messages, proof });
}

/** What an enclave says to what is true and comes at the wrong time. */
const REFUSALS = new Set([
  'ENCLAVE_PORTION_MISPLACED',
  'ENCLAVE_REPLAY_MISMATCH',
  'STATE_PROOF_BLOCK_UNKNOWN',
  'ENCLAVE_ROUND_INCOMPLETE',
  'ENCLAVE_PROPOSAL_INVALID',
]);

/** Whether the enclave takes it; refused, it has changed nothing. */
async function comeWith(world: EnclaveWorld, send: () => Promise<unknown>): Promise<boolean> {
  const before = world.state;
  try {
    await send();
    return true;
  } catch (error) {
    if (!(error instanceof BridgeError) || !REFUSALS.has(error.code)) throw error;
    expect(world.state).toBe(before);
    return false;
  }
}

/** Shows what is missing of the rounds up to `round`, in order and no more. */
async function showUpTo(world: EnclaveWorld, round: bigint): Promise<void> {
  for (const place of [ETHEREUM, POLKADOT, 'control'] as const) {
    const cutSec = cutOf(place === 'control' ? POLKADOT : place, round);
    const due = sentIn(world, place).filter(({ sentAtSec }) => sentAtSec <= cutSec).length;
    const from = positionIn(world, place);
    const to = Math.max(from, due);
    const send = prepare(world, { place, from, to, isProven: true, isOfLastBlock: true });
    expect(await comeWith(world, send)).toBe(true);
  }
}

/** Proposes the next round; what a host may choose of it is the same in every world. */
async function proposeNext(world: EnclaveWorld) {
  const { round, asOf } = world.ledger.state;
  const cutSec = cutOf(POLKADOT, round + 1n);
  const control = world.governance.filter(({ sentAtSec }) => sentAtSec <= cutSec).length;
  return await world.propose({ round: round + 1n, asOf, control: BigInt(control) });
}

async function commitNext(world: EnclaveWorld) {
  const commit = await proposeNext(world);
  await world.confirm(commit);
  return commit;
}

/** What a host does: comes with a portion, or with one that it came with before, or starts the enclave anew. */
type Deed =
  | {
      readonly kind: 'portion';
      readonly place: Place;
      /** How far it is from where the enclave stands. */
      readonly offset: number;
      readonly length: number;
      readonly isProven: boolean;
      readonly isOfLastBlock: boolean;
    }
  | { readonly kind: 'again'; readonly back: number }
  | { readonly kind: 'restart' };

const MORE_THAN_ALL = 99;

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('portion' as const),
      place: fc.constantFrom<Place[]>(ETHEREUM, POLKADOT, 'control'),
      offset: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: -4, max: 4 })),
      length: fc.oneof(fc.nat({ max: 7 }), fc.constant(MORE_THAN_ALL)),
      isProven: fc.boolean(),
      isOfLastBlock: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('again' as const), back: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);
/** What it does before each round is committed, beside what it must. */
const deeds = fc.tuple(...ROUNDS.map(() => fc.array(deed, { maxLength: 10 })));

type Send = () => Promise<unknown>;

async function act(world: EnclaveWorld, done: Send[], what: Deed): Promise<boolean> {
  if (what.kind === 'restart') {
    world.restart();
    return true;
  }
  if (what.kind === 'again') {
    const send = done[what.back % done.length];
    return send !== undefined && (await comeWith(world, send));
  }
  const { place, offset, length } = what;
  const within = (index: number) => Math.min(Math.max(index, 0), sentIn(world, place).length);
  const from = within(positionIn(world, place) + offset);
  const send = prepare(world, { ...what, from, to: within(from + length) });
  done.push(send);
  return await comeWith(world, send);
}

it('a feed that is repeated, late, early or out of order gives the commits of the feed in order', async () => {
  const orderly = await openWorld();
  const expected: unknown[] = [];
  for (const round of ROUNDS) {
    await showUpTo(orderly, round);
    expected.push(await commitNext(orderly));
  }
  expect(expected.at(-1)).toMatchObject({ inputs: [{ count: 14n }, { count: 14n }] });
  const seen = { taken: 0, refused: 0 };
  let early = 0;
  await fc.assert(
    fc.asyncProperty(deeds, async (byRound) => {
      const world = await openWorld();
      const done: Send[] = [];
      for (const [i, round] of ROUNDS.entries()) {
        for (const what of byRound[i] ?? []) {
          seen[(await act(world, done, what)) ? 'taken' : 'refused'] += 1;
        }
        // Too early perhaps; but if the enclave has all of the round, it is that round.
        const isComplete = await comeWith(world, async () => {
          expect(await proposeNext(world)).toEqual(expected[i]);
        });
        early += isComplete ? 1 : 0;
        await showUpTo(world, round);
        expect(await commitNext(world)).toEqual(expected[i]);
      }
    }),
    { numRuns: 60 },
  );
  // Of true portions that come anyhow an enclave takes some and refuses some.
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(100);
  expect(early).toBeGreaterThan(3);
});
