import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACCOUNTS } from '../../devnet/accounts.ts';
import { type DevnetConfig, devnetConfigSchema } from '../../devnet/config.ts';
import { startWorld, type World } from '../../devnet/world.ts';
import type { BridgedChain, ChainSigner } from '../../src/chains/shared/bridged-chain.ts';
import { type Connections, connect } from '../../src/client/connect.ts';
import { loadConfig } from '../../src/config/load.ts';
import { deploy } from '../../src/deploy/site.ts';
import { startEnclaveHost } from '../../src/enclave/platform/host.ts';
import { statusOf } from '../../src/enclave-client/enclave-status.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { type RemoteProxy, startProxy } from './start-proxy.ts';

/** The command line's program. */
export const PROGRAM = join(import.meta.dirname, '../../src/cli/veilspan.mjs');

/** One chain of the world, as the benchmark uses it: past the proxy that the relayer goes through. */
export interface RelaySide {
  readonly chain: BridgedChain;
  readonly depositor: ChainSigner;
  readonly gateway: Hex;
  /** Makes many deposits in one transaction. */
  readonly many: Hex;
  readonly lagSec: bigint;
  readonly url: string;
  readonly proxy: RemoteProxy;
}

/** The local world with an enclave, and a relayer that runs as a process of its own. */
export interface RelayWorld {
  readonly world: World;
  readonly ethereum: RelaySide;
  readonly polkadot: RelaySide;
  /** Address of the enclave's host. */
  readonly enclave: string;
  /** File with the relayer's configuration. */
  readonly config: string;
  /** A user's configuration. */
  readonly client: string;
  startRelayer(traces?: Traces): ChildProcess;
  close(): Promise<void>;
}

/** Starts all of it but the relayer, with the Polkadot side in this process or as native nodes. */
export async function startRelayWorld(
  polkadotSide: DevnetConfig['polkadot'] = 'typescript',
): Promise<RelayWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-bench-'));
  const options = { folder, polkadot: polkadotSide };
  const world = await startWorld(loadConfig(devnetConfigSchema, options, {}, 'NONE'));
  const connections = await connect(world.client);
  const [ethereum, polkadot] = await openSides(world, connections);
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const { folder: at, listen, measured } = read('enclave.json');
  const host = await startEnclaveHost({ folder: at, socketPath: listen, measuredConfig: measured });
  await world.admit(await statusOf(host.address));
  const relayer = read('relayer.json');
  for (const entry of relayer.chains) {
    const { url } = entry.name === 'ethereum' ? ethereum.proxy : polkadot.proxy;
    // Where new blocks are told of is the same node, by another protocol.
    const more = entry.urls && { urls: [url.replace(/^http/, 'ws')] };
    Object.assign(entry, { url }, more);
  }
  const config = join(folder, 'relayer-bench.json');
  writeFileSync(config, JSON.stringify(relayer));
  return {
    world,
    ethereum,
    polkadot,
    enclave: host.address,
    config,
    client: join(folder, 'client.json'),
    startRelayer: (traces = {}) => startRelayer(config, traces),
    close: async () => {
      await connections.close();
      await host.close();
      await world.close();
      for (const { proxy } of [ethereum, polkadot]) proxy.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What is to be kept of a relayer's run, and what it is told beside its configuration. */
export interface Traces {
  /** File for its log; left out, only what it warns of is said. */
  readonly log?: string | undefined;
  /** Folder for a profile of its processor time. */
  readonly profile?: string | undefined;
  /** Variables of its environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** It ends with this process, however that ends. */
function startRelayer(config: string, { log, profile, env }: Traces): ChildProcess {
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const level = log === undefined ? 'warn' : 'debug';
  const child = spawn(
    process.execPath,
    [...profiling, PROGRAM, 'relayer', 'run', '--config', config],
    {
      stdio: ['ignore', log === undefined ? 'ignore' : openSync(log, 'w'), 'inherit'],
      env: { ...process.env, VEILSPAN_RELAYER__LOG_LEVEL: level, ...env },
    },
  );
  process.once('exit', () => child.kill('SIGKILL'));
  return child;
}

async function openSides(
  world: World,
  connections: Connections,
): Promise<readonly [RelaySide, RelaySide]> {
  const open = async (name: string, kind: 'ethereum' | 'substrate'): Promise<RelaySide> => {
    const entry = world.client.chains.find((each) => each.name === name);
    const chain = entry && connections.chains.get(entry.chainId);
    if (!entry || !chain) throw new RangeError(`the local world has no ${name}`);
    const owner = await chain.signer(world.secretOf(ACCOUNTS.owner[kind]));
    const depositor = await chain.signer(world.secretOf(ACCOUNTS.depositor[kind]));
    // With its first call an account is mapped, where accounts are.
    const nothing = { to: depositor.address, data: '0x', valueWei: 0n } as const;
    await world.hurry(() => chain.submit(depositor, nothing));
    const url = world.chains.find((each) => each.name === name)?.url ?? '';
    return {
      chain,
      depositor,
      gateway: entry.gateway,
      many: await world.hurry(() => deploy({ chain, owner }, 'ManyDeposits', [])),
      lagSec: BigInt(world.chains.find((each) => each.name === name)?.lagSec ?? 0),
      url,
      proxy: await startProxy(url),
    };
  };
  return [await open('ethereum', 'ethereum'), await open('polkadot', 'substrate')];
}
