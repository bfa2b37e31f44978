import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NativeNodeError, nativeNodePath } from './native-binary.ts';
import { type NativeSetChanges, startNativeSetChanges } from './native-set-changes.ts';

export interface NativeNodesOptions {
  /** Path of the compressed runtime. */
  readonly wasm: string;
  /** Every so many blocks the authority set changes; never if left out. */
  readonly setChangeIntervalBlocks?: number;
}

export interface NativeNodes {
  readonly wsUrl: string;
  readonly httpUrl: string;
  close(): Promise<void>;
}

const AUTHORITIES = ['alice', 'bob', 'charlie'] as const;
const START_TIMEOUT_MS = 60_000;

/** Starts three native nodes on loopback that author and finalise together. */
export async function startNativeNodes(options: NativeNodesOptions): Promise<NativeNodes> {
  const binary = nativeNodePath();
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-native-'));
  const env = { ...process.env, VEILSPAN_WASM: options.wasm };
  const spec = join(folder, 'spec.json');
  const exported = ['export-chain-spec', '--chain', 'local_testnet', '--raw', '--output', spec];
  execFileSync(binary, exported, { env, stdio: ['ignore', 'ignore', 'ignore'] });
  const ports = await freePorts(2 * AUTHORITIES.length);
  const nodes = AUTHORITIES.map((name, i) => {
    const [p2p = 0, rpc = 0] = ports.slice(2 * i, 2 * i + 2);
    const boot = i === 0 ? [] : ['--bootnodes', bootnodeAddress(binary, ports[0] ?? 0)];
    const args = ['--chain', spec, `--${name}`, '--validator', '--node-key', nodeKey(i), ...boot];
    const base = ['--base-path', join(folder, name), '--port', `${p2p}`, '--rpc-port', `${rpc}`];
    const quiet = ['--no-telemetry', '--no-prometheus', '--state-pruning', 'archive', '-lwarn'];
    return spawn(binary, [...args, ...base, ...quiet], { env, stdio: 'ignore' });
  });
  const httpUrl = `http://127.0.0.1:${ports[1]}`;
  const wsUrl = `ws://127.0.0.1:${ports[1]}`;
  const kill = () => nodes.forEach((node) => void node.kill('SIGKILL'));
  process.once('exit', kill);
  let changes: NativeSetChanges | undefined;
  const close = async () => {
    await changes?.close();
    await Promise.all(nodes.map(stop));
    process.removeListener('exit', kill);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilFinalising(httpUrl);
    const interval = options.setChangeIntervalBlocks;
    if (interval !== undefined) changes = await startNativeSetChanges(wsUrl, interval);
    return { wsUrl, httpUrl, close };
  } catch (cause) {
    await close();
    throw new NativeNodeError('it did not start finalising in time', { cause });
  }
}

function nodeKey(i: number): string {
  return String(i + 1).padStart(64, '0');
}

function bootnodeAddress(binary: string, port: number): string {
  const file = join(mkdtempSync(join(tmpdir(), 'veilspan-key-')), 'key');
  writeFileSync(file, nodeKey(0));
  const peerId = execFileSync(binary, ['key', 'inspect-node-key', '--file', file])
    .toString()
    .trim();
  return `/ip4/127.0.0.1/tcp/${port}/p2p/${peerId}`;
}

async function untilFinalising(httpUrl: string): Promise<void> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if ((await finalizedNumber(httpUrl)) > 0) return;
    if (Date.now() > deadlineMs) throw new NativeNodeError('no block is final after a minute');
    await delay(500);
  }
}

async function finalizedNumber(httpUrl: string): Promise<number> {
  try {
    const hash = await call<string>(httpUrl, 'chain_getFinalizedHead', []);
    return Number((await call<{ number: string }>(httpUrl, 'chain_getHeader', [hash])).number);
  } catch {
    // Not listening yet.
    return 0;
  }
}

async function call<T>(url: string, method: string, params: unknown[]): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return ((await response.json()) as { result: T }).result;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

async function stop(node: ChildProcess): Promise<void> {
  if (node.exitCode !== null || node.signalCode !== null) return;
  const ended = new Promise((done) => node.once('exit', done));
  node.kill('SIGKILL');
  await ended;
}
