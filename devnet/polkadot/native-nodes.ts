import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { base58Encode, ed25519PairFromSeed } from '../../dist/polkadot/util-crypto.mjs';
import { createRpcClient } from '../../src/chains/shared/json-rpc.ts';
import { quantity } from '../../src/chains/shared/node-hex.ts';
import { concatBytes, toHex } from '../../src/shared/bytes.ts';
import { deriveGrandpaKey } from './authority-keys.ts';
import { NativeNodeError, nativeNodePath } from './native-binary.ts';
import { buildChainSpec } from './native-chain-spec.ts';
import { type NativeProcess, startNativeProcess } from './native-process.ts';
import { type NativeSetChanges, startNativeSetChanges } from './native-set-changes.ts';

export interface NativeNodesOptions {
  /** Path of the compressed runtime. */
  readonly wasm: string;
  /** Every so many blocks the authority set changes; never if left out. */
  readonly setChangeIntervalBlocks?: number;
  /** Where the first node serves JSON-RPC: 127.0.0.1, the default; with any other on all interfaces. */
  readonly host?: string;
}

export interface NativeNodes {
  /** JSON-RPC of the first node. */
  readonly wsUrl: string;
  readonly httpUrl: string;
  close(): Promise<void>;
}

/** What each node is told of itself. */
interface NodeSeat {
  readonly name: 'alice' | 'bob' | 'charlie';
  /** The name it votes under in every second authority set. */
  readonly secondUri: string;
  readonly nodeKey: Uint8Array;
  readonly p2pPort: number;
  readonly rpcPort: number;
}

const LOOPBACK = '127.0.0.1';
const NAMES = [
  ['alice', '//Dave'],
  ['bob', '//Eve'],
  ['charlie', '//Ferdie'],
] as const;
const START_TIMEOUT_MS = 60_000;
const START_ATTEMPTS = 2;
const POLL_MS = 200;

/**
 * Starts three native nodes that author and finalize together, in files of their own, and resolves when they
 * make blocks. They end with this process, however it ends.
 *
 * @throws {NativeNodeError} there is no node, or it did not start; the message ends with what it wrote last
 */
export async function startNativeNodes(options: NativeNodesOptions): Promise<NativeNodes> {
  const binary = nativeNodePath();
  const spec = await buildChainSpec(options.wasm);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce({ binary, spec }, options);
    } catch (error) {
      // Somebody may have taken a free port between our look and the node's.
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function startOnce(
  program: Pick<Launch, 'binary' | 'spec'>,
  options: NativeNodesOptions,
): Promise<NativeNodes> {
  const { host = LOOPBACK, setChangeIntervalBlocks: interval } = options;
  const seats = await assignSeats();
  const rpcPort = seats[0]?.rpcPort ?? 0;
  const nodes = spawnNodes({ ...program, seats, host });
  let changes: NativeSetChanges | undefined;
  const close = async () => {
    await changes?.close();
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    await untilAuthoring(`http://${LOOPBACK}:${rpcPort}`, nodes);
    await Promise.all(seats.map(insertSecondKey));
    if (interval !== undefined) {
      changes = await startNativeSetChanges(`ws://${LOOPBACK}:${rpcPort}`, {
        intervalBlocks: interval,
        sets: [NAMES.map(([, second]) => second), NAMES.map(([name]) => uriOf(name))],
      });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { wsUrl: `ws://${host}:${rpcPort}`, httpUrl: `http://${host}:${rpcPort}`, close };
}

async function assignSeats(): Promise<NodeSeat[]> {
  const ports = await findFreePorts(2 * NAMES.length);
  return NAMES.map(([name, secondUri], i) => {
    const [p2pPort = 0, rpcPort = 0] = ports.slice(2 * i, 2 * i + 2);
    return { name, secondUri, nodeKey: randomBytes(32), p2pPort, rpcPort };
  });
}

interface Launch {
  readonly binary: string;
  readonly seats: readonly NodeSeat[];
  /** The chain specification, JSON. */
  readonly spec: string;
  readonly host: string;
}

function spawnNodes({ binary, seats, spec, host }: Launch): NativeProcess[] {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-native-'));
  return seats.map((seat, i) => {
    const basePath = join(folder, seat.name);
    mkdirSync(basePath);
    // Inside the base path, so that it goes when that goes.
    const specPath = join(basePath, 'spec.json');
    writeFileSync(specPath, spec);
    const earlier = seats.slice(0, i).map(peerAddress);
    return startNativeProcess(basePath, [
      binary,
      ...['--chain', specPath, '--base-path', basePath],
      ...identityFlags(seat),
      ...networkFlags(seat, earlier),
      ...rpcFlags(seat, i === 0 ? host : LOOPBACK),
      ...QUIET,
    ]);
  });
}

/** Only what goes wrong is written; every state is kept, for proofs of any block. */
const QUIET = ['--no-telemetry', '--no-prometheus', '--state-pruning', 'archive', '-lwarn'];

function identityFlags({ name, nodeKey }: NodeSeat): string[] {
  return [`--${name}`, '--validator', '--node-key', toHex(nodeKey).slice(2)];
}

/** Without mDNS: the nodes of another world on this machine have the same genesis, and would be found. */
function networkFlags({ p2pPort }: NodeSeat, known: readonly string[]): string[] {
  const listen = ['--listen-addr', `/ip4/${LOOPBACK}/tcp/${p2pPort}`];
  return [...listen, '--no-mdns', ...(known.length > 0 ? ['--bootnodes', ...known] : [])];
}

/** The node knows two places to listen: loopback, and everywhere. */
function rpcFlags({ rpcPort }: NodeSeat, host: string): string[] {
  const port = ['--rpc-port', `${rpcPort}`];
  if (host === LOOPBACK) return port;
  return [...port, '--unsafe-rpc-external', '--rpc-methods', 'unsafe', '--rpc-cors', 'all'];
}

/** A libp2p peer id: the multihash "identity" of the public key's protobuf (type Ed25519, 32 bytes). */
const PEER_ID_PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20);

function peerAddress({ nodeKey, p2pPort }: NodeSeat): string {
  const { publicKey } = ed25519PairFromSeed(nodeKey);
  const peerId = base58Encode(concatBytes(PEER_ID_PREFIX, publicKey));
  return `/ip4/${LOOPBACK}/tcp/${p2pPort}/p2p/${peerId}`;
}

/** Lets the node vote under a second name, so that a set change hands over to other keys. */
async function insertSecondKey({ rpcPort, secondUri }: NodeSeat): Promise<void> {
  const { publicKey } = deriveGrandpaKey(secondUri);
  const rpc = createRpcClient('polkadot', `http://${LOOPBACK}:${rpcPort}`);
  await rpc('author_insertKey', ['gran', secondUri, publicKey], z.null());
}

function uriOf(name: string): string {
  return `//${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}

async function untilAuthoring(httpUrl: string, nodes: readonly NativeProcess[]): Promise<void> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  while ((await fetchNumber(httpUrl)) === 0) {
    const ended = nodes.find((node) => node.hasEnded());
    if (ended !== undefined) throw new NativeNodeError(`it ended: ${ended.lastWords()}`);
    if (Date.now() > deadlineMs) {
      const words = nodes.map((node) => node.lastWords()).join(' ');
      throw new NativeNodeError(`no block after ${START_TIMEOUT_MS / 1000} s. ${words}`);
    }
    await sleep(POLL_MS);
  }
}

const headerSchema = z.object({ number: quantity.transform(Number) });

/** 0 too while the node does not listen yet. */
async function fetchNumber(httpUrl: string): Promise<number> {
  try {
    return (await createRpcClient('polkadot', httpUrl)('chain_getHeader', [], headerSchema)).number;
  } catch {
    return 0;
  }
}

async function findFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, LOOPBACK));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
