import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Route } from '../src/protocol/chain-kind.ts';
import type { DevnetConfig } from './config.ts';
import { createPolkadotDevnet, type PolkadotDevnet } from './polkadot/devnet.ts';
import { startNativeNodes } from './polkadot/native-nodes.ts';
import { registerHeads } from './polkadot/parachain-heads.ts';

/** A chain of the Polkadot side that holds contracts. */
export interface PolkadotSideChain {
  readonly name: string;
  /** Of its EVM. */
  readonly chainId: bigint;
  readonly wsUrl: string;
  readonly route: Route;
}

/** The Polkadot side of the local world, whichever program runs it. */
export interface PolkadotSide {
  /** The chain that finalizes: the one that holds the contracts, or its relay chain. */
  readonly finalizer: { readonly wsUrl: string; readonly httpUrl: string };
  /** Those that hold contracts; the first has the anchor. */
  readonly chains: readonly [PolkadotSideChain, ...PolkadotSideChain[]];
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

/** Of the first chain; the others' follow it. The runtime's own, to which a test holds it. */
export const FIRST_CHAIN_ID = 420_420_499n;
/** The id of the first parachain on its relay chain. */
const FIRST_PARA_ID = 1000;
/** Relay blocks before the parachains' first heads, so that their numbers never match by accident. */
const RELAY_BLOCKS_BEFORE = 7;
const RELAY_SUDO = '//Alice';
/** Another than on the relay chain, so that a parachain differs from it from genesis on. */
const PARACHAIN_SUDO = '//Ferdie';

/** Starts the chain, or the relay chain and its parachains, that `config` asks for. */
export function startPolkadotSide(config: DevnetConfig): Promise<PolkadotSide> {
  if (config.polkadot === 'native') return startNative(config);
  return config.topology === 'parachain' ? startParachains(config) : startSolo(config);
}

async function startSolo(config: DevnetConfig): Promise<PolkadotSide> {
  const chain = await createPolkadotDevnet({
    ...chainOptions(config),
    setChangeIntervalBlocks: config.setChangeIntervalBlocks,
  });
  const pace = startPace(() => chain.produceBlock(), chain.hasReadyExtrinsics);
  return {
    finalizer: chain,
    chains: [soloChain(chain)],
    hurry: pace.hurry,
    close: async () => {
      await pace.stop();
      await chain.close();
    },
  };
}

function soloChain({ wsUrl }: { readonly wsUrl: string }): PolkadotSideChain {
  return { name: 'polkadot', chainId: FIRST_CHAIN_ID, wsUrl, route: 'direct' };
}

/**
 * A relay chain and its parachains, all of the same runtime. Only the relay chain finalizes: a block of a parachain is
 * final when a final relay block holds it, or a descendant of it, as head.
 */
async function startParachains(config: DevnetConfig): Promise<PolkadotSide> {
  const { relay, parachains } = await openParachains(config);
  const advance = async () => {
    await Promise.all(parachains.map(({ chain }) => chain.produceBlock()));
    await registerHeads({ relay, parachains, sudoUri: RELAY_SUDO });
    await relay.produceBlock();
  };
  const pace = startPace(advance, () => parachains.some(({ chain }) => chain.hasReadyExtrinsics()));
  const [first, ...more] = parachains.map(describeParachain);
  if (!first) throw new RangeError('a relay chain without parachains holds no contracts');
  return {
    finalizer: relay,
    chains: [first, ...more],
    hurry: pace.hurry,
    close: async () => {
      await pace.stop();
      await Promise.all([relay, ...parachains.map(({ chain }) => chain)].map((it) => it.close()));
    },
  };
}

interface Parachain {
  readonly paraId: number;
  readonly evmChainId: bigint;
  readonly chain: PolkadotDevnet;
}

async function openParachains(
  config: DevnetConfig,
): Promise<{ readonly relay: PolkadotDevnet; readonly parachains: readonly Parachain[] }> {
  const options = chainOptions(config);
  const { setChangeIntervalBlocks, parachains: count } = config;
  const ids = Array.from({ length: count }, (_, i) => ({
    paraId: FIRST_PARA_ID + i,
    evmChainId: FIRST_CHAIN_ID + BigInt(i),
  }));
  const { relay, parachains } = await openAll(
    createPolkadotDevnet({ ...options, sudoUri: RELAY_SUDO, setChangeIntervalBlocks }),
    ids.map(async (id): Promise<Parachain> => {
      const { evmChainId } = id;
      const sudoUri = PARACHAIN_SUDO;
      return { ...id, chain: await createPolkadotDevnet({ ...options, sudoUri, evmChainId }) };
    }),
  );
  for (const { chain } of parachains) chain.holdFinality();
  for (let i = 0; i < RELAY_BLOCKS_BEFORE; i++) await relay.produceBlock();
  return { relay, parachains };
}

function describeParachain(parachain: Parachain, i: number): PolkadotSideChain {
  const { paraId, evmChainId, chain } = parachain;
  const name = i === 0 ? 'polkadot' : `polkadot-${i + 1}`;
  return { name, chainId: evmChainId, wsUrl: chain.wsUrl, route: { paraId } };
}

/** All, or none: those that started are closed if one cannot. */
async function openAll(
  opening: Promise<PolkadotDevnet>,
  others: readonly Promise<Parachain>[],
): Promise<{ readonly relay: PolkadotDevnet; readonly parachains: readonly Parachain[] }> {
  try {
    const [relay, parachains] = await Promise.all([opening, Promise.all(others)]);
    return { relay, parachains };
  } catch (error) {
    const chains = [opening, ...others.map(async (other) => (await other).chain)];
    for (const started of await Promise.allSettled(chains)) {
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
  const finalizer = { wsUrl, httpUrl };
  return { finalizer, chains: [soloChain(finalizer)], hurry: (work) => work(), close };
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
