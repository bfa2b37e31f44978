import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { assetOf } from '../../devnet/demo-assets.ts';
import { formatCount, formatMiB, formatMs, print, printTable } from '../report.ts';
import { type Ceiling, ethereumCeiling, polkadotCeiling } from './ceiling.ts';
import { type Direction, directionOf, percentile } from './figures.ts';
import { makeDeposits } from './load.ts';
import { Observer } from './observer.ts';
import { peerRate } from './peer.ts';
import { type RelaySide, startRelayWorld } from './relay-world.ts';

// npm run bench:relay -- [--transfers N] [--away SEC] [--full]
// N transfers in each direction on the local world, while the Ethereum endpoint of the relayer is away; a real relayer process, a real
// enclave process, real chains. --full is 10,000 transfers and ten minutes.

const { values } = parseArgs({
  options: {
    transfers: { type: 'string' },
    away: { type: 'string' },
    full: { type: 'boolean', default: false },
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
const relayer = bench.startRelayer();
const observer = new Observer(sides, () => relayer.pid);
const assets = {
  ethereum: assetOf(world.deployment, 'ETH').asset,
  polkadot: assetOf(world.deployment, 'DOT').asset,
};

async function load(count: number): Promise<void> {
  await Promise.all([
    makeDeposits(ethereum, { asset: assets.ethereum, to: polkadot.chain.chainId, count }),
    makeDeposits(polkadot, { asset: assets.polkadot, to: ethereum.chain.chainId, count }),
  ]);
}

async function untilReleased(count: bigint): Promise<void> {
  let last = { sum: -1n, atMs: performance.now() };
  while (sides.some((side) => observer.released(side) < count)) {
    const sum = sides.reduce((total, side) => total + observer.released(side), 0n);
    if (sum !== last.sum) last = { sum, atMs: performance.now() };
    if (performance.now() - last.atMs > STUCK_MS) throw new Error(`stuck at ${sum} releases`);
    await sleep(250);
  }
}

const schedule = world.client.rounds;
const startMs = performance.now();
const note = (what: string) => print(`${formatMs(performance.now() - startMs)}: ${what}`);

try {
  await load(1);
  await untilReleased(1n);
  note('one transfer went each way');
  const before = await counts();
  ethereum.proxy.set('away');
  const loading = load(transfers);
  await sleep(awaySec * 1000);
  ethereum.proxy.set('there');
  const backMs = Date.now();
  note('the endpoint is back');
  await loading;
  note('all deposits are made');
  await untilReleased(BigInt(1 + transfers));
  note('all is released');
  const after = await counts();
  await sleep(1000);
  await observer.stop();
  const of = (from: RelaySide, to: RelaySide) =>
    directionOf({ from, to, sides }, observer, { schedule, first: 1n });
  const toPolkadot = await of(ethereum, polkadot);
  const toEthereum = await of(polkadot, ethereum);
  printDirection(toEthereum, { ceiling: await ethereumCeiling(ethereum), backMs });
  printDirection(toPolkadot, { ceiling: await polkadotCeiling(polkadot), backMs });
  printCalls(before, after);
  relayer.kill('SIGTERM');
  const peer = { asset: assets.ethereum, count: PEER_MESSAGES };
  const peers = [
    ['polkadot to ethereum', await peerRate(polkadot, ethereum, peer)],
    [
      'ethereum to polkadot',
      await peerRate(ethereum, polkadot, { ...peer, asset: assets.polkadot }),
    ],
  ] as const;
  printTable({
    title: 'One job, one proof, one transaction for each message',
    columns: ['direction', 'messages/s'],
    rows: peers.map(([name, rate]) => [name, rate.toFixed(2)]),
    note: `${PEER_MESSAGES} messages each way, on the same chains, after the relayer has stopped.`,
  });
} finally {
  await observer.stop();
  relayer.kill('SIGKILL');
  await bench.close();
}

interface Run {
  readonly ceiling: Ceiling;
  readonly backMs: number;
}

function printDirection(direction: Direction, { ceiling, backMs }: Run): void {
  const { name, count, fromComplete, whileReleasing, addedMs } = direction;
  const share = (rate: number) =>
    `${rate.toFixed(1)}/s, ${((100 * rate) / ceiling.perSecond).toFixed(0)} % of the ceiling`;
  printTable({
    title: `Relay, ${name}`,
    columns: ['what', 'figure'],
    rows: [
      ['transfers', formatCount(count)],
      ['from complete round to included release', share(fromComplete)],
      ['while releasing', share(whileReleasing)],
      [
        'ceiling of the blocks',
        `${ceiling.perSecond.toFixed(0)}/s: ${ceiling.batchesPerBlock} batches of 16 in ${ceiling.blockSec.toFixed(2)} s`,
      ],
      ['added latency, p50', formatMs(percentile(addedMs, 50))],
      ['added latency, p99', formatMs(percentile(addedMs, 99))],
      ['caught up after the endpoint came back', formatMs(direction.caughtUpMs(backMs))],
    ],
  });
}

interface Counts {
  readonly heads: readonly number[];
  readonly calls: readonly number[];
}

async function counts(): Promise<Counts> {
  const heads = await Promise.all(sides.map(async ({ chain }) => (await chain.head()).number));
  const sum = ({ proxy }: RelaySide) => [...proxy.calls.values()].reduce((a, b) => a + b, 0);
  return { heads, calls: sides.map(sum) };
}

function printCalls(before: Counts, after: Counts): void {
  const batches = Math.ceil(transfers / 16);
  printTable({
    title: 'What the relayer asks and takes',
    columns: ['chain', 'calls', 'per block', 'per batch of 16', 'most often'],
    rows: sides.map(({ chain, proxy }, i) => {
      const calls = (after.calls[i] ?? 0) - (before.calls[i] ?? 0);
      const blocks = (after.heads[i] ?? 0) - (before.heads[i] ?? 0);
      const often = [...proxy.calls].sort(([, a], [, b]) => b - a).slice(0, 4);
      return [
        chain.name,
        formatCount(calls),
        (calls / blocks).toFixed(1),
        (calls / batches).toFixed(1),
        often.map(([method, count]) => `${method} ${formatCount(count)}`).join(', '),
      ];
    }),
    note: `Most memory resident in the relayer's process: ${formatMiB(observer.peakBytes)}.`,
  });
}
