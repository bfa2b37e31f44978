import { accountId, type SignatureScheme } from '../../src/protocol/account.ts';
import type { MessageBody } from '../../src/protocol/message.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { EnclaveWorld, ETHEREUM, testContext } from '../../test/support/enclave-world.ts';
import { carry, nextCutSec } from '../cases/carry.ts';
import { grownLedger, placeOn } from '../cases/grown-world.ts';
import {
  ownerOf,
  type PostTraffic,
  sealedDeposits,
  sealedPosts,
  type Traffic,
} from '../cases/sealed-traffic.ts';
import { createSequence } from '../cases/sequence.ts';
import { welch } from '../cases/welch.ts';
import type { Options } from '../options.ts';
import { formatMs, printTable } from '../report.ts';
import { exactCpuMs } from '../timing.ts';

/** Messages of a block, all in one round. */
const BLOCK = 64;
/** Blocks of each kind, no two of which have anything in common; measured again and again. */
const VARIANTS = 4;
/** Rounds of each kind before any is measured. */
const WARM_UP = 20;
const SCHEMES: readonly SignatureScheme[] = ['secp256k1', 'ed25519', 'sr25519'];
/** Beyond this, two kinds can be told apart. */
const MOST_T = 4.5;
/** The floor and the stay of public networks. */
const CONTEXT = testContext({ pools: { leastRoots: 8, meanStayRounds: 96 } });

/** Whether the time of `propose` tells what is in the envelopes of a round. */
export async function benchTime({ isQuick, seed }: Options): Promise<void> {
  const samples = isQuick ? 40 : 400;
  const rows: string[][] = [];
  for (const pair of await depositPairs()) rows.push(await comparePair(pair, samples, seed));
  for (const scheme of SCHEMES) {
    // Verifying takes its time in JavaScript, but not with ed25519.
    const posts = scheme === 'ed25519' ? samples : samples / 4;
    for (const pair of await postPairs(scheme)) rows.push(await comparePair(pair, posts, seed));
  }
  printTable({
    title: 'Time: what `propose` takes, by what only the enclave knows',
    columns: ['block of 64 messages', 'against', 'median', 'median', 'Welch t', 'goal'],
    rows,
    note: `Processor time of whole rounds, warm, in turns drawn by the seed, ${samples} of each kind (a quarter where signatures are verified in JavaScript); the slowest tenth of both kinds together is left out.`,
  });
}

/** Two kinds of blocks that a host should not be able to tell apart. */
interface Pair {
  readonly names: readonly [string, string];
  readonly blocks: readonly [readonly Block[], readonly Block[]];
  /** Accounts that the ledger has. */
  readonly owners: readonly Hex[];
}

type Block = MessageBody[];

async function depositPairs(): Promise<Pair[]> {
  const world = await openWorld();
  const sentAtSec = nextCutSec(world);
  const blocksOf = (name: string, change: Partial<Traffic> = {}) =>
    variants((i) => {
      const traffic = { context: CONTEXT, name: `${name} ${i}`, legs: 1, sentAtSec, ...change };
      return sealedDeposits(traffic, BLOCK);
    });
  const one = await blocksOf('one leg');
  const pairOf = async (name: string, change?: Partial<Traffic>): Promise<Pair> => ({
    names: ['deposits, one leg', name],
    blocks: [one, await blocksOf(name, change)],
    owners: [],
  });
  return [
    await pairOf('the same'),
    await pairOf('six legs', { legs: 6 }),
    await pairOf('that do not open', { isReadable: false }),
  ];
}

async function postPairs(scheme: SignatureScheme): Promise<Pair[]> {
  const world = await openWorld();
  const sentAtSec = nextCutSec(world);
  const trafficOf = (name: string, i: number): PostTraffic => {
    return { context: CONTEXT, name: `${name} ${scheme} ${i}`, legs: 1, sentAtSec, scheme };
  };
  const blocksOf = (name: string, change: Partial<PostTraffic> = {}) =>
    variants((i) => sealedPosts({ ...trafficOf(name, i), ...change }, BLOCK));
  const valid = await blocksOf('valid');
  const pairOf = async (name: string, change?: Partial<PostTraffic>): Promise<Pair> => ({
    names: [`posts, ${scheme}, one leg`, name],
    blocks: [valid, await blocksOf(name, change)],
    owners: [...ownersOf('valid', trafficOf), ...ownersOf(name, trafficOf)],
  });
  return [
    await pairOf('six legs', { legs: 6 }),
    await pairOf('signed by somebody else', { isSigned: false }),
    await pairOf('that do not open', { isReadable: false }),
    { ...(await pairOf('of accounts that are not open')), owners: ownersOf('valid', trafficOf) },
  ];
}

function ownersOf(name: string, trafficOf: (name: string, i: number) => PostTraffic): Hex[] {
  const numbers = Array.from({ length: BLOCK }, (_, number) => number);
  return Array.from({ length: VARIANTS }, (_, i) => trafficOf(name, i)).flatMap((traffic) =>
    numbers.map((number) => accountId(ownerOf(traffic, number))),
  );
}

async function variants(blockOf: (i: number) => Promise<Block>): Promise<Block[]> {
  return Promise.all(Array.from({ length: VARIANTS }, (_, i) => blockOf(i)));
}

async function comparePair({ names, blocks, owners }: Pair, samples: number, seed: number) {
  const world = await openWorld();
  placeOn(world, grownLedger(world, { accounts: 1_000, legs: 1_000, owners }));
  const times: [number[], number[]] = [[], []];
  const next = createSequence(seed);
  for (let i = -WARM_UP; i < samples; i++) {
    const first = Number(next() % 2n);
    for (const kind of [first, 1 - first] as const) {
      const block = blocks[kind]?.[Number(next() % BigInt(VARIANTS))] ?? [];
      const ms = await proposeMs(world, block);
      if (i >= 0) times[kind]?.push(ms);
    }
  }
  const { t, oursMs, othersMs } = welch({ ours: times[0], others: times[1] });
  const verdict = Math.abs(t) < MOST_T ? 'met' : 'missed';
  return [
    ...names,
    formatMs(oursMs),
    formatMs(othersMs),
    t.toFixed(2),
    `below ${MOST_T}: ${verdict}`,
  ];
}

/** Of a round with these messages alone, on the world as it is; the world does not change. */
async function proposeMs(world: EnclaveWorld, block: Block): Promise<number> {
  const { state } = world;
  world.outboxes.set(ETHEREUM, []);
  const carried = await carry(world, block, exactCpuMs);
  world.state = state;
  return carried.proposeMs;
}

/** In round 2, where its coins can be paid. */
async function openWorld(): Promise<EnclaveWorld> {
  const world = new EnclaveWorld(CONTEXT);
  await world.openLedger();
  await world.advance();
  return world;
}
