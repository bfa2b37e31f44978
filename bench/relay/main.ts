import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { assetOf } from '../../devnet/demo-assets.ts';
import { COMMIT_EVERY_SEC } from '../../devnet/timing.ts';
import { readScriptOptions } from '../../test/support/script-options.ts';
import { formatMs, print, printTable } from '../report.ts';
import { type Ceiling, ethereumCeiling, FULL, polkadotCeiling } from './ceiling.ts';
import { type Trip, tripsOf } from './figures.ts';
import { makeDeposits } from './load.ts';
import { Observer } from './observer.ts';
import { peerRate } from './peer.ts';
import { printCrowd, printEffort, printLatency } from './print-figures.ts';
import { costOf } from './process-cost.ts';
import { type RelaySide, startRelayWorld } from './relay-world.ts';

// A tenth of the transfers in each direction while all is well; then all while the Ethereum endpoint of the relayer is away, which so come at
// once. A real relayer process, a real enclave process, the local world's chains.

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
    full: { type: 'flag', what: '10,000 transfers and ten minutes' },
    log: { type: 'text', value: 'FILE', what: "keeps the relayer's log" },
    profile: { type: 'text', value: 'FOLDER', what: 'keeps a profile of its processor time' },
  },
});
const transfers = values.transfers ?? (values.full ? 10_000 : 2_000);
const awaySec = values.away ?? (values.full ? 600 : 60);
const PEER_MESSAGES = 20;
/** Without a release for so long the run has failed. */
const STUCK_MS = 600_000;

const bench = await startRelayWorld(values.native ? 'native' : 'typescript');
const { world, ethereum, polkadot } = bench;
const sides = [ethereum, polkadot] as const;
const relayer = bench.startRelayer({ log: values.log, profile: values.profile });
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
}

async function stopRelayer(): Promise<void> {
  const ended = once(relayer, 'exit');
  relayer.kill('SIGTERM');
  await ended;
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
} finally {
  relayer.kill('SIGKILL');
  await observer.stop();
  await bench.close();
}
