import type { LedgerAt } from '../../src/enclave/state.ts';
import { accountId, type SignatureScheme } from '../../src/protocol/account.ts';
import type { MessageBody } from '../../src/protocol/message.ts';
import { EnclaveWorld, testContext } from '../../test/support/enclave-world.ts';
import { bareOpening } from '../cases/bare-open.ts';
import { type Carried, carry, nextCutSec } from '../cases/carry.ts';
import { type Grown, grownLedger, placeOn } from '../cases/grown-world.ts';
import { ownerOf, sealedDeposits, sealedPosts, type Traffic } from '../cases/sealed-traffic.ts';
import type { Options } from '../options.ts';
import { formatCount, formatMs, printTable } from '../report.ts';
import { measureMs, median } from '../timing.ts';

const SCHEMES: readonly SignatureScheme[] = ['secp256k1', 'ed25519', 'sr25519'];
/** Of each order; six entries are made whatever it is. */
const LEGS = 3;
const GOALS = { ratio: 1.5, depositsPerSec: 5_000, postsPerSec: 300, roundMs: 5_000 };
/** The floor and the stay of public networks. */
const CONTEXT = testContext({ pools: { leastRoots: 8, meanStayRounds: 96 } });

/** How many messages an enclave settles, beside what no opening can do without; and what a large round takes in a large ledger. */
export async function benchSpeed(options: Options): Promise<void> {
  await printThroughput(options);
  await printLargeRound(options);
}

async function printThroughput({ repeats, isQuick }: Options): Promise<void> {
  const [deposits, posts] = isQuick ? [500, 50] : [5_000, 1_000];
  const sealed = await sealedDeposits(await trafficOf('deposit'), deposits);
  const ledger = await ledgerOf({ accounts: 0, legs: 0 });
  const runs: { carried: Carried; bareMs: number }[] = [];
  for (let i = 0; i < repeats.runs; i++) {
    const carried = await carryOn(ledger, sealed);
    const bareMs = await measureMs(bareOpening(), { runs: 1, leastRunMs: repeats.leastRunMs });
    runs.push({ carried, bareMs });
  }
  const ratio = median(runs.map(({ carried, bareMs }) => totalMs(carried) / deposits / bareMs));
  const rows = [rowOf('deposit', deposits, { runs, goal: GOALS.depositsPerSec })];
  for (const scheme of SCHEMES) rows.push(await postRow(scheme, posts));
  const bareMs = median(runs.map((run) => run.bareMs));
  printTable({
    title: 'Speed: a sealed message from its proof to its settlement',
    columns: ['what', 'in one round', 'ingest', 'propose', 'per message', 'a second', 'goal'],
    rows,
    note: `Processor time of one enclave, per round. \`ingest\` replays the bodies to the proven head; \`propose\` opens them and computes their round, ${LEGS} pooled legs in each order. A deposit takes ${ratio.toFixed(2)} times a bare opening (X25519, HKDF, ChaCha20-Poly1305 over ready keys, ${formatMs(bareMs)} in the same run): goal ${judge(ratio <= GOALS.ratio, `at most ${GOALS.ratio}`)}.`,
  });
}

async function postRow(scheme: SignatureScheme, posts: number): Promise<string[]> {
  const traffic = { ...(await trafficOf(`post ${scheme}`)), scheme };
  const bodies = await sealedPosts(traffic, posts);
  const owners = bodies.map((_, i) => accountId(ownerOf(traffic, i)));
  const ledger = await ledgerOf({ accounts: 0, legs: 0, owners });
  const runs: { carried: Carried }[] = [];
  for (let i = 0; i < 3; i++) runs.push({ carried: await carryOn(ledger, bodies) });
  return rowOf(`post, ${scheme}`, posts, { runs, goal: GOALS.postsPerSec });
}

async function printLargeRound({ isQuick }: Options): Promise<void> {
  const [accounts, legs, messages] = isQuick
    ? [10_000, 1_000, 1_000]
    : [1_000_000, 100_000, 10_000];
  const sealed = await sealedDeposits(await trafficOf('large'), messages);
  const ledger = await ledgerOf({ accounts, legs });
  const carried: Carried[] = [];
  for (let i = 0; i < 3; i++) carried.push(await carryOn(ledger, sealed));
  const roundMs = median(carried.map(totalMs));
  printTable({
    title: 'Speed: a large round in a large ledger',
    columns: ['accounts', 'waiting legs', 'messages', 'ingest', 'propose', 'together', 'goal'],
    rows: [
      [
        ...[accounts, legs, messages].map(formatCount),
        formatMs(median(carried.map(({ ingestMs }) => ingestMs))),
        formatMs(median(carried.map(({ proposeMs }) => proposeMs))),
        formatMs(roundMs),
        judge(roundMs < GOALS.roundMs, `under ${formatMs(GOALS.roundMs)}`),
      ],
    ],
    note: 'Processor time; the round follows another one, as in an enclave that runs.',
  });
}

interface Measured {
  readonly runs: readonly { readonly carried: Carried }[];
  /** Messages a second. */
  readonly goal: number;
}

function rowOf(what: string, count: number, { runs, goal }: Measured): string[] {
  const times = runs.map(({ carried }) => carried);
  const eachMs = median(times.map(totalMs)) / count;
  return [
    what,
    formatCount(count),
    formatMs(median(times.map(({ ingestMs }) => ingestMs))),
    formatMs(median(times.map(({ proposeMs }) => proposeMs))),
    formatMs(eachMs),
    formatCount(Math.round(1000 / eachMs)),
    judge(1000 / eachMs >= goal, `at least ${formatCount(goal)}`),
  ];
}

function judge(isMet: boolean, goal: string): string {
  return `${goal}: ${isMet ? 'met' : 'missed'}`;
}

function totalMs({ ingestMs, proposeMs }: Carried): number {
  return ingestMs + proposeMs;
}

/** In round 2, where its coins can be paid. */
async function openWorld(): Promise<EnclaveWorld> {
  const world = new EnclaveWorld(CONTEXT);
  await world.openLedger();
  await world.advance();
  return world;
}

async function ledgerOf(grown: Grown): Promise<LedgerAt> {
  return grownLedger(await openWorld(), grown);
}

/** In an enclave of its own, so that nothing is known before; the round before theirs brings nothing. */
async function carryOn(ledger: LedgerAt, bodies: MessageBody[]): Promise<Carried> {
  const world = await openWorld();
  placeOn(world, ledger);
  await world.advance();
  return carry(world, bodies);
}

/** Messages for the round that {@link carryOn} carries them in. */
async function trafficOf(name: string): Promise<Traffic> {
  const world = await openWorld();
  await world.advance();
  return { context: CONTEXT, name, legs: LEGS, sentAtSec: nextCutSec(world) };
}
