import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { assetOf } from '../../devnet/demo-assets.ts';
import { formatMs, print, printTable } from '../report.ts';
import { ethereumCeiling, polkadotCeiling } from './ceiling.ts';
import { type Trip, tripsOf } from './figures.ts';
import { makeDeposits } from './load.ts';
import { Observer } from './observer.ts';
import { peerRate } from './peer.ts';
import { printCrowd, printEffort, printLatency } from './print-figures.ts';
import { costOf } from './process-cost.ts';
import { type RelaySide, startRelayWorld } from './relay-world.ts';

// npm run bench:relay -- [--transfers N] [--away SEC] [--full] [--log FILE] [--profile FOLDER]
// A tenth of N transfers in each direction while all is well; then N while the Ethereum endpoint of the relayer is away, which so come all at
// once. A real relayer process, a real enclave process, the local world's chains. --full is 10,000 transfers and ten minutes;
// --log and --profile keep the relayer's log and a profile of its processor time.

const { values } = parseArgs({
  options: {
    transfers: { type: 'string' },
    away: { type: 'string' },
    full: { type: 'boolean', default: false },
    log: { type: 'string' },
    profile: { type: 'string' },
  },
});
const transfers = Number(values.transfers ?? (values.full ? 10_000 : 2_000));
const awaySec = Number(values.away ?? (values.full ? 600 : 60));
const PEER_MESSAGES = 20;
/** Without a release for so long the run has failed. */
const STUCK_MS = 600_000;

const bench = await startRelayWorld();
const { world, ethereum, polkadot } = bench;
const sides = [ethereum, polkadot] as const;
const relayer = bench.startRelayer({ log: values.log, profile: values.profile });
const pid = relayer.pid ?? 0;
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
  ethereum.proxy.set('away');
  const [result] = await Promise.all([work(), sleep(awaySec * 1000)]);
  ethereum.proxy.set('there');
  note('the endpoint is back');
  return [result, Date.now()];
}

async function standing() {
  const heads = await Promise.all(sides.map(async ({ chain }) => (await chain.head()).number));
  const calls = sides.map(({ proxy }) => new Map(proxy.calls));
  return { heads, calls, cost: costOf(pid) };
}

const { anchor } = world.deployment;
const anchorSide = sides.find(({ chain }) => chain.chainId === anchor.chainId) ?? polkadot;

async function tripsBothWays(span: readonly [bigint, bigint]) {
  const route = {
    sides,
    schedule: world.client.rounds,
    anchor: { side: anchorSide, address: anchor.address },
  };
  const of = (from: RelaySide, to: RelaySide): Promise<Trip[]> =>
    tripsOf({ ...route, from, to }, observer, span);
  return {
    toEthereum: await of(polkadot, ethereum),
    toPolkadot: await of(ethereum, polkadot),
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
}

try {
  await load(1);
  await untilReleased();
  const first = await standing();
  const calm = await load(Math.max(16, Math.round(transfers / 10)));
  await untilReleased();
  const second = await standing();
  const [crowd, backMs] = await whileAway(() => load(transfers));
  await untilReleased();
  const third = await standing();
  await observer.stop();
  relayer.kill('SIGTERM');
  const calmly = await tripsBothWays(calm);
  printLatency('Nothing in the way, to Ethereum', calmly.toEthereum);
  printLatency('Nothing in the way, to Polkadot', calmly.toPolkadot);
  const crowded = await tripsBothWays(crowd);
  const toEthereum = { trips: crowded.toEthereum, ceiling: await ethereumCeiling(ethereum) };
  const toPolkadot = { trips: crowded.toPolkadot, ceiling: await polkadotCeiling(polkadot) };
  printCrowd('All at once, to Ethereum', { ...toEthereum, backMs });
  printCrowd('All at once, to Polkadot', { ...toPolkadot, backMs });
  printEffort('While nothing is in the way', [first, second], { sides, span: calm });
  printEffort('With the endpoint away, and after it', [second, third], { sides, span: crowd });
  await printPeers();
} finally {
  relayer.kill('SIGKILL');
  await observer.stop();
  await bench.close();
}
