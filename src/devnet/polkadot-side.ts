import { join } from 'node:path';
import type { DevnetConfig } from '../config/devnet.ts';
import { createPolkadotDevnet, type PolkadotDevnet } from './polkadot/devnet.ts';
import { startNativeNodes } from './polkadot/native-nodes.ts';

/** The Polkadot side of the local world, whichever program runs it. */
export interface PolkadotSide {
  readonly wsUrl: string;
  readonly httpUrl: string;
  /** Runs `work` with blocks coming as fast as the chain can make them, if it can. */
  hurry<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const WASM = join(import.meta.dirname, '../../substrate/veilspan_runtime.compact.compressed.wasm');
const BLOCK_MS = 2000;
const HURRIED_BLOCK_MS = 50;
/** The chain's clock starts this far back, to be near the real one after the hurried blocks. */
const HEAD_START_MS = 60_000;

/** Starts the chain that `config` asks for. */
export function startPolkadotSide(config: DevnetConfig): Promise<PolkadotSide> {
  return config.polkadot === 'native' ? startNative(config) : startTypescript(config);
}

async function startTypescript(config: DevnetConfig): Promise<PolkadotSide> {
  const chain = await createPolkadotDevnet({
    wasm: WASM,
    preset: 'three_finality',
    production: 'manual',
    genesisTimeMs: Date.now() - HEAD_START_MS,
    setChangeIntervalBlocks: config.setChangeIntervalBlocks,
    host: config.host,
  });
  const pace = startPace(chain);
  return {
    wsUrl: chain.wsUrl,
    httpUrl: chain.httpUrl,
    hurry: async (work) => {
      pace.set(HURRIED_BLOCK_MS);
      try {
        return await work();
      } finally {
        pace.set(BLOCK_MS);
      }
    },
    close: async () => {
      await pace.stop();
      await chain.close();
    },
  };
}

async function startNative(config: DevnetConfig): Promise<PolkadotSide> {
  const nodes = await startNativeNodes({
    wasm: WASM,
    setChangeIntervalBlocks: config.setChangeIntervalBlocks,
  });
  return { ...nodes, hurry: (work) => work() };
}

interface Pace {
  set(blockMs: number): void;
  stop(): Promise<void>;
}

/** Makes blocks one after the other, each begun `blockMs` after the last. */
function startPace(chain: PolkadotDevnet): Pace {
  let blockMs = BLOCK_MS;
  let isStopped = false;
  let wake: () => void = () => undefined;
  const run = async () => {
    while (!isStopped) {
      const begunMs = Date.now();
      await chain.produceBlock();
      const restMs = Math.max(0, begunMs + blockMs - Date.now());
      await new Promise<void>((resume) => {
        wake = resume;
        setTimeout(resume, restMs);
      });
    }
  };
  const running = run();
  return {
    set: (ms) => {
      blockMs = ms;
      wake();
    },
    stop: () => {
      isStopped = true;
      wake();
      return running;
    },
  };
}
