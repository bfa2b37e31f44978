import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BridgeError } from '../../src/shared/errors.ts';
import { stopChild } from './stop-child.ts';

export interface BeaconSettings {
  readonly rpcUrl: string;
  /** The interface to listen on. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly genesisTimeSec: number;
  readonly slotMs: number;
  readonly startSlot: number;
  readonly absentees: number;
  readonly gloasEpoch?: number | undefined;
}

export interface RunningBeacon {
  readonly beaconUrl: string;
  /** Has `listener` told how many seconds the beacon's time is moved ahead, each time that it is. */
  onForward(listener: (seconds: number) => void): void;
  close(): Promise<void>;
}

/** Several times what it needs; keeps the collector from letting garbage pile up beside the other processes. */
const MAX_HEAP_MB = 128;
const ENTRY = fileURLToPath(new URL('./beacon-process.ts', import.meta.url));

/**
 * Starts the beacon in a process of its own, as the SSZ preset is chosen once per process; resolves when it has
 * made `startSlot` slots and serves them. It ends with its parent.
 *
 * @throws {BeaconStartError} it ended before that; its standard error says why
 */
export async function startBeacon(settings: BeaconSettings): Promise<RunningBeacon> {
  const child = fork(ENTRY, [JSON.stringify(settings)], {
    execArgv: [`--max-old-space-size=${MAX_HEAP_MB}`],
    env: { ...process.env, LODESTAR_PRESET: 'minimal' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const beaconUrl = await waitForUrl(child);
  return {
    beaconUrl,
    onForward: (listener) => {
      child.on('message', ({ forwardSec }: { readonly forwardSec?: number }) => {
        if (forwardSec !== undefined) listener(forwardSec);
      });
    },
    close: () => stopChild(child),
  };
}

async function waitForUrl(child: ChildProcess): Promise<string> {
  const ended = new AbortController();
  const onExit = (exitCode: number | null) => ended.abort(exitCode);
  child.once('exit', onExit);
  try {
    const [message] = (await once(child, 'message', { signal: ended.signal })) as [
      { beaconUrl: string },
    ];
    return message.beaconUrl;
  } catch (error) {
    throw new BeaconStartError({ exitCode: child.exitCode }, { cause: error });
  } finally {
    child.off('exit', onExit);
  }
}

export class BeaconStartError extends BridgeError<{ exitCode: number | null }> {
  readonly code = 'DEVNET_BEACON_START';
  readonly disposition = 'halt';
  constructor(meta: { exitCode: number | null }, options?: { cause?: unknown }) {
    super(
      `The beacon process ended with code ${meta.exitCode} before it served; expected its address. Read its standard error.`,
      meta,
      options,
    );
  }
}
