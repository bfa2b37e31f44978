import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { assetOf } from '../../devnet/demo-assets.ts';
import { COMMIT_EVERY_SEC } from '../../devnet/timing.ts';
import { freePort } from '../../test/support/free-port.ts';
import { readScriptOptions } from '../../test/support/script-options.ts';
import { formatMs, print, printTable } from '../report.ts';
import { type Ceiling, ethereumCeiling, FULL, polkadotCeiling } from './ceiling.ts';
import { passHours } from './day.ts';
import { type Trip, tripsOf } from './figures.ts';
import { printLooks } from './first-look.ts';
import { makeDeposits } from './load.ts';
import { Observer } from './observer.ts';
import { peerRate } from './peer.ts';
import { printCrowd, printEffort, printLatency } from './print-figures.ts';
import { costOf } from './process-cost.ts';
import { printRecovery, watchRecovery } from './recovery.ts';
import { type RelaySide, startRelayWorld } from './relay-world.ts';

// A tenth of the transfers in each direction, a few at a time, while all is well; then all while the Ethereum endpoint of the relayer is away, which so come at
// once. With --day the relayer is ended after that, hours go by with deposits, half of them each way, and another is started. A real relayer
// process, a real enclave process, the local world's chains.

const values = readScriptOptions({
  command: 'npm run bench:relay',
  what: 'Measures how fast a relayer carries transfers, after its Ethereum endpoint was away.',
  options: {
    transfers: { type: 'whole number', value: 'N', what: 'each way (2000, or 10000 with --full)' },
    away: { type: 'number', value: 'SEC', what: 'for how long the endpoint is away (60, or 600)' },
    native: {
      type: 'flag',
      what: 'three native Polkadot nodes in place of the chain in this process',
    },
    day: {
      type: 'whole number',
      value: 'N',
      what: 'deposits while no relayer is there (20000 with --full; not with --native)',
    },
    hours: { type: 'number', value: 'H', what: 'for how long none is there (24)' },
    full: { type: 'flag', what: '10,000 transfers, ten minutes and a day' },
    log: { type: 'text', value: 'FILE', what: "keeps the relayer's log" },
    profile: { type: 'text', value: 'FOLDER', what: 'keeps a profile of its processor time' },
  },
});
const transfers = values.transfers ?? (values.full ? 10_000 : 2_000);
const awaySec = values.away ?? (values.full ? 600 : 60);
const dayCount = Math.round((values.day ?? (values.full && !values.native ? 20_000 : 0)) / 2);
if (values.native && dayCount > 0)
  throw new RangeError('nobody can move the clocks of native nodes');
const PEER_MESSAGES = 20;
/** While nothing is in the way transfers come in so many parts, so far apart that no round, block or commit keeps step with them. */
const CALM_PARTS = 12;
const CALM_PAUSE_MS = 5300;
/** Without a release for so long the run has failed. */
const STUCK_MS = 600_000;

const bench = await startRelayWorld(values.native ? 'native' : 'typescript');
const { world, ethereum, polkadot } = bench;
const sides = [ethereum, polkadot] as const;
const traces = { log: values.log, profile: values.profile };
let relayer = bench.startRelayer(traces);
const observer = new Observer(sides);
const asset = {
  ethereum: assetOf(world.deployment, 'ETH').asset,
  polkadot: assetOf(world.deployment, 'DOT').asset,
};
let made = 0;

const startMs = performance.now();
const note = (what: string) => print(`${formatMs(performance.now() - startMs)}: ${what}`);

/** Makes so many transfers each way. @returns their indices on either chain */
async function load(count: number): Promise<readonly [bigint, bigint]> {
  const first = made;
  made += count;
  await Promise.all([
    makeDeposits(ethereum, { asset: asset.ethereum, to: polkadot.chain.chainId, count }),
    makeDeposits(polkadot, { asset: asset.polkadot, to: ethereum.chain.chainId, count }),
  ]);
  note(`${count} deposits are made each way`);
  return [BigInt(first), BigInt(made)];
}

/** Makes transfers little by little. @returns as {@link load} */
async function loadCalmly(count: number): Promise<readonly [bigint, bigint]> {
  const first = BigInt(made);
  for (let left = count, part = CALM_PARTS; part > 0; part--) {
    const some = Math.ceil(left / part);
    left -= some;
    await load(some);
    await sleep(CALM_PAUSE_MS);
  }
  return [first, BigInt(made)];
}

async function untilReleased(): Promise<void> {
  const count = BigInt(made);
  let last = { sum: -1n, atMs: performance.now() };
  while (sides.some((side) => observer.released(side) < count)) {
    const sum = sides.reduce((total, side) => total + observer.released(side), 0n);
    if (sum !== last.sum) last = { sum, atMs: performance.now() };
    if (performance.now() - last.atMs > STUCK_MS) throw new Error(`stuck at ${sum} releases`);
    if (relayer.exitCode !== null) throw new Error(`the relayer ended with ${relayer.exitCode}`);
    await sleep(250);
  }
  // The observer may have seen the count before the block's number.
  await sleep(1000);
  note('all is released');
}

/** Takes the relayer's Ethereum endpoint away while `work` goes on, and for so long at least. @returns when it was back */
async function whileAway<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  await ethereum.proxy.set('away');
  const [result] = await Promise.all([work(), sleep(awaySec * 1000)]);
  await ethereum.proxy.set('there');
  note('the endpoint is back');
  return [result, Date.now()];
}

async function standing() {
  const heads = await Promise.all(sides.map(async ({ chain }) => (await chain.head()).number));
  const calls = await Promise.all(sides.map(({ proxy }) => proxy.calls()));
  return { heads, calls, cost: costOf(relayer.pid ?? 0) };
}

const { anchor } = world.deployment;
const anchorSide = sides.find(({ chain }) => chain.chainId === anchor.chainId) ?? polkadot;

type Ceilings = Readonly<Record<'ethereum' | 'polkadot', Ceiling>>;

async function tripsBothWays(span: readonly [bigint, bigint], ceilings: Ceilings) {
  const route = {
    commitEverySec: BigInt(COMMIT_EVERY_SEC),
    sides,
    schedule: world.client.rounds,
    anchor: { side: anchorSide, address: anchor.address },
  };
  const of = (from: RelaySide, to: RelaySide, { batchesPerBlock }: Ceiling): Promise<Trip[]> =>
    tripsOf({ ...route, from, to, room: batchesPerBlock * FULL }, observer, span);
  return {
    toEthereum: await of(polkadot, ethereum, ceilings.ethereum),
    toPolkadot: await of(ethereum, polkadot, ceilings.polkadot),
  };
}

async function printPeers(): Promise<void> {
  const count = PEER_MESSAGES;
  const rates = [
    ['polkadot to ethereum', await peerRate(polkadot, ethereum, { asset: asset.ethereum, count })],
    ['ethereum to polkadot', await peerRate(ethereum, polkadot, { asset: asset.polkadot, count })],
  ] as const;
  printTable({
    title: 'One job, one proof, one transaction for each message',
    columns: ['direction', 'messages/s'],
    rows: rates.map(([name, rate]) => [name, rate.toFixed(2)]),
    note: `${count} messages each way, on the same chains, after the relayer has stopped.`,
  });
  // The relayer that comes after it carries them as well.
  made += count;
}

async function stopRelayer(): Promise<void> {
  const ended = once(relayer, 'exit');
  relayer.kill('SIGTERM');
  await ended;
}

async function printDay(ceilings: Ceilings): Promise<void> {
  const hours = values.hours ?? 24;
  const left = await finalHeads();
  const count = await passHours(world, sides, { hours, count: dayCount, load });
  note(`${hours} hours are over`);
  const status = `127.0.0.1:${await freePort()}`;
  relayer = bench.startRelayer({ ...traces, env: { VEILSPAN_RELAYER__STATUS__LISTEN: status } });
  const fromMs = Date.now();
  const began = await standing();
  const found = await finalHeads();
  const [toEthereum, toPolkadot] = [waitingFor(ethereum), waitingFor(polkadot)];
  const over = new AbortController();
  const watched = { sides, observer, status, enclave: bench.enclave, made: BigInt(made), fromMs };
  const stages = watchRecovery({ ...watched, signal: over.signal });
  // Whoever waits for it hears of its failure.
  stages.catch(() => undefined);
  await untilReleased().finally(() => over.abort());
  const [fromEthereum, fromPolkadot] = await stages;
  const ended = await standing();
  printRecovery({
    hours,
    blocks: found.map((number, i) => number - (left[i] ?? 0)),
    directions: [
      { name: 'to Polkadot', count: toPolkadot, ceiling: ceilings.polkadot, stages: fromEthereum },
      { name: 'to Ethereum', count: toEthereum, ceiling: ceilings.ethereum, stages: fromPolkadot },
    ],
  });
  const transfer = `${ethereum.chain.chainId}:${made - 1}`;
  await printLooks({ client: bench.client, transfer, sides });
  const span = [BigInt(made - count), BigInt(made)] as const;
  printEffort('After these hours', [began, ended], { sides, span });
}

/** Deposits that a gateway has not paid yet. */
function waitingFor(side: RelaySide): number {
  return made - Number(observer.released(side));
}

async function finalHeads(): Promise<readonly number[]> {
  return await Promise.all(sides.map(async ({ chain }) => (await chain.finalizedHead()).number));
}

try {
  await load(1);
  await untilReleased();
  const first = await standing();
  const calm = await loadCalmly(Math.max(CALM_PARTS, Math.round(transfers / 10)));
  await untilReleased();
  const second = await standing();
  const [crowd, backMs] = await whileAway(() => load(transfers));
  await untilReleased();
  const third = await standing();
  await stopRelayer();
  const [ethereumHead = 0, polkadotHead = 0] = second.heads;
  const ceilings = {
    ethereum: await ethereumCeiling(ethereum, ethereumHead),
    polkadot: await polkadotCeiling(polkadot, polkadotHead),
  };
  const calmly = await tripsBothWays(calm, ceilings);
  printLatency('Nothing in the way, to Ethereum', calmly.toEthereum);
  printLatency('Nothing in the way, to Polkadot', calmly.toPolkadot);
  const { toEthereum, toPolkadot } = await tripsBothWays(crowd, ceilings);
  const { ethereum: ofEthereum, polkadot: ofPolkadot } = ceilings;
  printCrowd('All at once, to Ethereum', { trips: toEthereum, ceiling: ofEthereum, backMs });
  printCrowd('All at once, to Polkadot', { trips: toPolkadot, ceiling: ofPolkadot, backMs });
  printEffort('While nothing is in the way', [first, second], { sides, span: calm });
  printEffort('With the endpoint away, and after it', [second, third], { sides, span: crowd });
  await printPeers();
  if (dayCount > 0) await printDay(ceilings);
} finally {
  relayer.kill('SIGKILL');
  await observer.stop();
  await bench.close();
}
