import { verifyMerkleProof } from '@ethereumjs/mpt';
import { blake2b256 } from '../src/crypto/hashes.ts';
import { fromHex } from '../src/shared/bytes.ts';
import { vectorsMissing } from '../test/support/vectors.ts';
import {
  advance,
  bareSignatureCheck,
  finalityCases,
  followMainnet,
  RECORDED_PERIODS,
} from './cases/finality-updates.ts';
import {
  bareSignatureChecks,
  finalize,
  justificationCase,
  withColdSet,
} from './cases/justifications.ts';
import { lodestarPeer } from './cases/lodestar-peer.ts';
import {
  ethereumProofCase,
  readProofCase,
  trieKeys,
  verifyEthereumProofs,
  verifyReadProofCase,
} from './cases/state-proofs.ts';
import { describeMachine } from './machine.ts';
import { type Options, readOptions } from './options.ts';
import { formatCount, formatMiB, formatMs, print, printTable } from './report.ts';
import { type Action, compare, measureMs } from './timing.ts';

// The verifiers beside what they cannot do without, or beside what others do for the same answer.

const SEC_PER_YEAR = 365.25 * 86_400;
const SEC_PER_PERIOD = 8192 * 12;
const SEC_PER_SESSION = 4 * 3600;

const options = readOptions({
  command: 'npm run bench:verify',
  what: 'Measures the verifiers beside what they cannot do without, or beside what others do for the same answer.',
});
print(describeMachine(options));
await comparePeers(options);
await measureMemory(options);
await extrapolateYear(options);

interface Peer {
  readonly what: string;
  readonly ours: Action;
  readonly peer: Action;
  readonly peerName: string;
  /** The ratio to stay under, if one is asked for. */
  readonly goal?: number;
}

async function comparePeers({ repeats, seed }: Options): Promise<void> {
  const rows: string[][] = [];
  for (const { what, ours, peer, peerName, goal } of await peers(seed)) {
    const { ratio, oursMs, peerMs } = await compare(ours, peer, repeats);
    const verdict = goal === undefined ? '' : judge(ratio, goal);
    rows.push([ratio.toFixed(2), what, formatMs(oursMs), peerName, formatMs(peerMs), verdict]);
  }
  printTable({
    title: 'Beside peers, in the same run',
    columns: ['ours / peer', 'what', 'ours', 'peer', 'time of the peer', 'goal'],
    rows,
    note: 'Each ratio is the median over neighbouring runs of both. A bare check does only what no verifier can leave out: the signatures or hashes, over ready keys and messages.',
  });
}

function judge(ratio: number, goal: number): string {
  return `at most ${goal}: ${ratio <= goal ? 'met' : 'missed'}`;
}

async function peers(seed: number): Promise<Peer[]> {
  return [...(await clientPeers()), ...signaturePeers(), ...proofPeers(seed)];
}

/** The light client of Lodestar, which is no dependency of this project; docs/benchmarks.md says how to provide it. */
async function clientPeers(): Promise<Peer[]> {
  const [finality] = finalityCases();
  const lodestar = await lodestarPeer();
  if (finality === undefined || lodestar === undefined) {
    print('@lodestar/light-client: not installed in $PEERS_DIR, or no recorded data; left out.');
    return [];
  }
  return [
    {
      what: `finality update, ${finality.name}`,
      ours: () => advance(finality),
      peer: lodestar.advance,
      peerName: lodestar.name,
    },
  ];
}

function signaturePeers(): Peer[] {
  const updates = finalityCases().map((finality) => ({
    what: `finality update, ${finality.name}`,
    ours: () => advance(finality),
    peer: bareSignatureCheck(finality),
    peerName: 'bare blst: signature point, fastAggregateVerify',
    goal: 1.3,
  }));
  const justification = justificationCase(297);
  const handOver = justificationCase(600, true);
  const peerName = 'bare node:crypto ed25519';
  return [
    ...updates,
    {
      what: `GRANDPA, ${justification.name}`,
      ours: () => finalize(justification),
      peer: bareSignatureChecks(justification),
      peerName,
      goal: 1.15,
    },
    {
      what: `GRANDPA hand-over, ${handOver.name}, sets installed anew`,
      ours: () => finalize(withColdSet(handOver)),
      peer: bareSignatureChecks(handOver),
      peerName,
    },
  ];
}

function proofPeers(seed: number): Peer[] {
  const proof = ethereumProofCase(seed);
  const [accountKey, slotKey] = trieKeys(proof);
  const roots = [fromHex(proof.stateRoot), fromHex(proof.storageRoot)] as const;
  const read = readProofCase(seed);
  return [
    {
      what: `account and storage proof, ${proof.name}`,
      ours: () => verifyEthereumProofs(proof),
      peer: async () => {
        await verifyMerkleProof(accountKey, [...proof.accountProof], { root: roots[0] });
        await verifyMerkleProof(slotKey, [...proof.storageProof], { root: roots[1] });
      },
      peerName: '@ethereumjs/mpt',
      goal: 1,
    },
    {
      what: `Substrate read proof of ${read.nodes.length} nodes`,
      ours: () => verifyReadProofCase(read),
      peer: () => read.nodes.map((node) => blake2b256(node)),
      peerName: 'bare BLAKE2b-256 of the nodes',
      goal: 2,
    },
  ];
}

async function measureMemory({ seed, isQuick }: Options): Promise<void> {
  const count = isQuick ? 100 : 2000;
  const finality = finalityCases()[0];
  const justification = justificationCase(297);
  const read = readProofCase(seed);
  const proof = ethereumProofCase(seed);
  const actions: (readonly [string, Action])[] = [
    ['GRANDPA justification, 199 signatures', () => finalize(justification)],
    ['account and storage proof', () => verifyEthereumProofs(proof)],
    ['Substrate read proof', () => verifyReadProofCase(read)],
  ];
  if (finality) actions.unshift([`finality update, ${finality.name}`, () => advance(finality)]);
  const rows: string[][] = [];
  for (const [what, action] of actions) {
    const before = process.memoryUsage();
    let peak = before.rss;
    for (let i = 0; i < count; i++) {
      await action();
      if (i % 50 === 0) peak = Math.max(peak, process.memoryUsage.rss());
    }
    const growth = process.memoryUsage.rss() - before.rss;
    rows.push([what, formatCount(count), formatMiB(peak), formatMiB(growth)]);
  }
  printTable({
    title: 'Memory',
    columns: ['what', 'times in a row', 'peak of the process', 'growth over them'],
    rows,
    note: 'The whole benchmark process, test keys and made-up states included; garbage is collected when the runtime likes.',
  });
}

async function extrapolateYear({ repeats }: Options): Promise<void> {
  const rows: string[][] = [];
  if (!vectorsMissing) {
    const stretchMs = await measureMs(followMainnet, repeats);
    const periods = Math.ceil(SEC_PER_YEAR / SEC_PER_PERIOD);
    rows.push([
      'Ethereum mainnet',
      `${RECORDED_PERIODS} recorded updates and their bootstrap`,
      formatMs(stretchMs),
      `${periods} updates, one per sync-committee period`,
      formatMs((stretchMs / RECORDED_PERIODS) * periods),
    ]);
  }
  const handOver = justificationCase(600, true);
  const stretchMs = await measureMs(() => finalize(withColdSet(handOver)), repeats);
  const sessions = Math.ceil(SEC_PER_YEAR / SEC_PER_SESSION);
  rows.push([
    'Polkadot',
    'a hand-over of 600 authorities',
    formatMs(stretchMs),
    `${sessions} hand-overs, one per session of four hours: the most there can be`,
    formatMs(stretchMs * sessions),
  ]);
  printTable({
    title: 'One year of catch-up',
    columns: ['chain', 'measured', 'time', 'a year has', 'extrapolated'],
    rows,
    note: 'Verification alone: what the nodes take to serve the data is not in it.',
  });
}
