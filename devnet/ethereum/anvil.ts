import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { HDNodeWallet, Mnemonic } from 'ethers';
import type { Hex } from '../../src/shared/bytes.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import { resolveAnvilBinary } from './anvil-binary.ts';
import { createExecutionClient } from './execution-client.ts';
import { LOOPBACK, localUrl } from './http-routes.ts';
import { stopChild } from './stop-child.ts';

export interface AnvilOptions {
  /** The interface to listen on; the loopback one if absent. */
  readonly host?: string;
  /** 0 takes a free port. */
  readonly port?: number;
  readonly chainId?: number;
  /** Timestamp of block 0, seconds; now if absent. */
  readonly genesisTimeSec?: number;
}

export interface DevAccount {
  readonly address: Hex;
  readonly privateKey: Hex;
}

export interface RunningAnvil {
  readonly rpcUrl: string;
  readonly devAccounts: readonly DevAccount[];
  close(): Promise<void>;
}

export const ETHEREUM_DEVNET_CHAIN_ID = 31337;

/** The development mnemonic that every Ethereum tool knows. Never hold anything of value with it. */
const MNEMONIC = 'test test test test test test test test test test test junk';
const ACCOUNT_COUNT = 10;
/**
 * Anvil calls a block finalized when twice this many have followed. The beacon's finality is 16 to 23 slots
 * behind the head, so that anvil's `finalized` tag never runs ahead of it while no slot is missed.
 */
const ANVIL_SLOTS_PER_EPOCH = 12;
const START_TIMEOUT_MS = 20_000;
const POLL_MS = 20;
const POLL_TIMEOUT_MS = 1000;
const PORT_ATTEMPTS = 3;

/**
 * Runs its arguments, and ends them when standard input closes: the kernel closes it when our process ends, even
 * by SIGKILL, so that no anvil is ever left behind.
 */
const GUARD = `
exec 3<&0
"$@" </dev/null 3<&- & child=$!
( read -r _ <&3; kill "$child" ) 2>/dev/null & watcher=$!
trap 'kill "$child"' TERM
wait "$child"; status=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; done
kill "$watcher" 2>/dev/null
exit "$status"`;

/**
 * Starts anvil without a mining clock of its own: blocks come when the beacon asks.
 *
 * @throws {AnvilMissingError} there is no binary
 * @throws {AnvilStartError} the port is taken, or anvil ended or did not answer in 20 s
 */
export async function startAnvil(options: AnvilOptions = {}): Promise<RunningAnvil> {
  const { host = LOOPBACK } = options;
  const binary = resolveAnvilBinary();
  for (let attempt = 1; ; attempt++) {
    const port = await reservePort(options.port ?? 0, host);
    const child = spawnAnvil(binary, port, { ...options, host });
    const rpcUrl = localUrl(host, port);
    if (await isAnswering(child, rpcUrl)) {
      return { rpcUrl, devAccounts: deriveDevAccounts(), close: () => stopChild(child) };
    }
    await stopChild(child);
    // Somebody may have taken the free port between our look and anvil's.
    if (options.port || attempt === PORT_ATTEMPTS) {
      throw new AnvilStartError({ port, exitCode: child.exitCode });
    }
  }
}

function spawnAnvil(binary: string, port: number, options: AnvilOptions): ChildProcess {
  const { host = LOOPBACK, chainId = ETHEREUM_DEVNET_CHAIN_ID, genesisTimeSec } = options;
  const flags = {
    '--host': host,
    '--port': port,
    '--chain-id': chainId,
    '--hardfork': 'osaka',
    '--mnemonic': MNEMONIC,
    '--accounts': ACCOUNT_COUNT,
    '--slots-in-an-epoch': ANVIL_SLOTS_PER_EPOCH,
    ...(genesisTimeSec === undefined ? {} : { '--timestamp': genesisTimeSec }),
  };
  const args = ['--quiet', '--no-mining', ...Object.entries(flags).flat().map(String)];
  return spawn('/bin/sh', ['-c', GUARD, 'anvil-guard', binary, ...args], {
    // A group of its own: an interrupt at the terminal is for us, and we close in order.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

async function isAnswering(child: ChildProcess, rpcUrl: string): Promise<boolean> {
  const client = createExecutionClient(rpcUrl, POLL_TIMEOUT_MS);
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  while (child.exitCode === null && Date.now() < deadlineMs) {
    await sleep(POLL_MS);
    // Refused connections are what waiting for a server looks like.
    const chainId = await client.fetchChainId().catch(() => undefined);
    if (chainId !== undefined) return child.exitCode === null;
  }
  return false;
}

/** A free port for 0, else the port itself once it is known to be free: whoever answers there is then ours. */
async function reservePort(wanted: number, host: string): Promise<number> {
  const server = createServer().listen(wanted, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new AnvilStartError({ port: wanted, exitCode: null }, { cause: error });
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The accounts that anvil funds, 10,000 ETH each. */
function deriveDevAccounts(): DevAccount[] {
  const root = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(MNEMONIC), "m/44'/60'/0'/0");
  return Array.from({ length: ACCOUNT_COUNT }, (_, index) => {
    const { address, privateKey } = root.deriveChild(index);
    return { address: address.toLowerCase() as Hex, privateKey: privateKey as Hex };
  });
}

export class AnvilStartError extends BridgeError<{ port: number; exitCode: number | null }> {
  readonly code = 'DEVNET_ANVIL_START';
  readonly disposition = 'halt';
  constructor(meta: { port: number; exitCode: number | null }, options?: { cause?: unknown }) {
    super(
      `No anvil serves port ${meta.port} (exit code ${meta.exitCode}); expected an answer within ${START_TIMEOUT_MS / 1000} s. Free the port or choose another.`,
      meta,
      options,
    );
  }
}
