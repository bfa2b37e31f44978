import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DevnetConfig } from './config.ts';
import { createPolkadotDevnet, type PolkadotDevnet } from './polkadot/devnet.ts';
import { startNativeNodes } from './polkadot/native-nodes.ts';
import { registerHead } from './polkadot/parachain-heads.ts';

/** The Polkadot side of the local world, whichever program runs it. */
export interface PolkadotSide {
  readonly wsUrl: string;
  /** JSON-RPC over HTTP of the chain that finalises: this one, or its relay chain. */
  readonly finalizerUrl: string;
  /** The relay chain, if the contracts are on a parachain. */
  readonly relay?: { readonly wsUrl: string; readonly paraId: number } | undefined;
  /** Runs `work` with blocks coming as fast as the chain can make them, if it can. */
  hurry<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const WASM = join(import.meta.dirname, '../substrate/veilspan_runtime.compact.compressed.wasm');
const BLOCK_MS = 2000;
/** How often it is looked whether a block is due or wanted. */
const CHECK_MS = 25;
/** The chain's clock starts this far back, to be near the real one after the hurried blocks. */
const HEAD_START_MS = 60_000;

/** The id of the contracts' chain on its relay chain. */
const PARA_ID = 1000;
/** Relay blocks before the parachain's first head, so that their numbers never match by accident. */
const RELAY_BLOCKS_BEFORE = 7;
const RELAY_SUDO = '//Alice';
/** Another than on the relay chain, so that the two differ from genesis on. */
const PARACHAIN_SUDO = '//Ferdie';

/** Starts the chain, or the relay chain and its parachain, that `config` asks for. */
export function startPolkadotSide(config: DevnetConfig): Promise<PolkadotSide> {
  if (config.polkadot === 'native') return startNative(config);
  return config.topology === 'parachain' ? startParachain(config) : startSolo(config);
}

async function startSolo(config: DevnetConfig): Promise<PolkadotSide> {
  const chain = await createPolkadotDevnet({
    ...chainOptions(config),
    setChangeIntervalBlocks: config.setChangeIntervalBlocks,
  });
  const pace = startPace(() => chain.produceBlock(), chain.hasReadyExtrinsics);
  return {
    wsUrl: chain.wsUrl,
    finalizerUrl: chain.httpUrl,
    hurry: pace.hurry,
    close: async () => {
      await pace.stop();
      await chain.close();
    },
  };
}

/**
 * Two chains of the same runtime. Only the relay chain finalises: a block of the parachain is final when a final relay
 * block holds it, or a descendant of it, as head.
 */
async function startParachain(config: DevnetConfig): Promise<PolkadotSide> {
  const options = chainOptions(config);
  const { setChangeIntervalBlocks } = config;
  const { relay, parachain } = await openBoth(
    createPolkadotDevnet({ ...options, sudoUri: RELAY_SUDO, setChangeIntervalBlocks }),
    createPolkadotDevnet({ ...options, sudoUri: PARACHAIN_SUDO }),
  );
  parachain.holdFinality();
  for (let i = 0; i < RELAY_BLOCKS_BEFORE; i++) await relay.produceBlock();
  const pace = startPace(async () => {
    await parachain.produceBlock();
    await registerHead({ relay, parachain, paraId: PARA_ID, sudoUri: RELAY_SUDO });
    await relay.produceBlock();
  }, parachain.hasReadyExtrinsics);
  return {
    wsUrl: parachain.wsUrl,
    finalizerUrl: relay.httpUrl,
    relay: { wsUrl: relay.wsUrl, paraId: PARA_ID },
    hurry: pace.hurry,
    close: async () => {
      await pace.stop();
      await Promise.all([relay.close(), parachain.close()]);
    },
  };
}

/** Both, or neither: the one that started is closed if the other cannot. */
async function openBoth(relay: Promise<PolkadotDevnet>, parachain: Promise<PolkadotDevnet>) {
  try {
    const [first, second] = await Promise.all([relay, parachain]);
    return { relay: first, parachain: second };
  } catch (error) {
    for (const started of await Promise.allSettled([relay, parachain])) {
      if (started.status === 'fulfilled') await started.value.close();
    }
    throw error;
  }
}

function chainOptions({ host }: DevnetConfig) {
  return {
    wasm: WASM,
    preset: 'three_finality',
    production: 'manual',
    genesisTimeMs: Date.now() - HEAD_START_MS,
    host,
  } as const;
}

async function startNative(config: DevnetConfig): Promise<PolkadotSide> {
  const { wsUrl, httpUrl, close } = await startNativeNodes({
    wasm: WASM,
    setChangeIntervalBlocks: config.setChangeIntervalBlocks,
    host: config.host,
  });
  return { wsUrl, finalizerUrl: httpUrl, hurry: (work) => work(), close };
}

interface Pace {
  /** Runs `work` with a block for every extrinsic as soon as it comes, besides those that are due. */
  hurry<T>(work: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** Makes blocks by `step`, one after the other, each begun `BLOCK_MS` after the last. */
function startPace(step: () => Promise<unknown>, hasWork: () => boolean): Pace {
  let hurrying = 0;
  let isStopped = false;
  const run = async () => {
    let lastMs = 0;
    while (!isStopped) {
      const isDue = Date.now() >= lastMs + BLOCK_MS;
      if (isDue || (hurrying > 0 && hasWork())) {
        lastMs = Date.now();
        await step();
      }
      await delay(CHECK_MS);
    }
  };
  const running = run();
  return {
    hurry: async (work) => {
      hurrying++;
      try {
        return await work();
      } finally {
        hurrying--;
      }
    },
    stop: () => {
      isStopped = true;
      return running;
    },
  };
}
