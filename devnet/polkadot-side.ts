import { join } from 'node:path';
import type { Route } from '../src/protocol/chain-kind.ts';
import { type ChainClock, createChainClock } from './chain-clock.ts';
import type { DevnetConfig } from './config.ts';
import { type Pace, startPace } from './pace.ts';
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
  /**
   * Goes with the real clock from now on, if it does not from its start: nothing can be hurried after that. Resolves when there is
   * a block of the real time.
   */
  keepTime(): Promise<void>;
  /** Moves the chains' time ahead; native nodes have clocks of their own, which nobody can move. */
  readonly forward: ((seconds: number) => void) | undefined;
  close(): Promise<void>;
}

const WASM = join(import.meta.dirname, '../substrate/veilspan_runtime.compact.compressed.wasm');

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
  const clock = createChainClock();
  const chain = await createPolkadotDevnet({
    ...chainOptions(config, clock),
    setChangeIntervalBlocks: config.setChangeIntervalBlocks,
  });
  const pace = startPace(clock, () => chain.produceBlock(), chain.hasReadyExtrinsics);
  return {
    finalizer: chain,
    chains: [soloChain(chain)],
    ...timeOf(clock, pace),
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
  const clock = createChainClock();
  const { relay, parachains } = await openParachains(config, clock);
  const advance = async () => {
    await Promise.all(parachains.map(({ chain }) => chain.produceBlock()));
    await registerHeads({ relay, parachains, sudoUri: RELAY_SUDO });
    await relay.produceBlock();
  };
  const hasWork = () => parachains.some(({ chain }) => chain.hasReadyExtrinsics());
  const pace = startPace(clock, advance, hasWork);
  const [first, ...more] = parachains.map(describeParachain);
  if (!first) throw new RangeError('a relay chain without parachains holds no contracts');
  return {
    finalizer: relay,
    chains: [first, ...more],
    ...timeOf(clock, pace),
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
  clock: ChainClock,
): Promise<{ readonly relay: PolkadotDevnet; readonly parachains: readonly Parachain[] }> {
  const options = chainOptions(config, clock);
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

function chainOptions({ host }: DevnetConfig, clock: ChainClock) {
  return { wasm: WASM, preset: 'three_finality', production: 'manual', clock, host } as const;
}

function timeOf(clock: ChainClock, { hurry, nextBlock }: Pace) {
  const keepTime = () => {
    clock.follow();
    return nextBlock();
  };
  return { hurry, keepTime, forward: clock.forward };
}

async function startNative(config: DevnetConfig): Promise<PolkadotSide> {
  const { wsUrl, httpUrl, close } = await startNativeNodes({
    wasm: WASM,
    setChangeIntervalBlocks: config.setChangeIntervalBlocks,
    host: config.host,
  });
  const finalizer = { wsUrl, httpUrl };
  return {
    finalizer,
    chains: [soloChain(finalizer)],
    hurry: (work) => work(),
    keepTime: async () => undefined,
    forward: undefined,
    close,
  };
}
