import { loadAdapter } from '../src/chains/kinds.ts';
import type { BridgedChain } from '../src/chains/shared/bridged-chain.ts';
import type { FinalitySource } from '../src/chains/shared/finality-source.ts';
import type { ChainKind, Route } from '../src/protocol/chain-kind.ts';
import { fetchBeaconCheckpoint, fetchGenesisCheckpoint } from './checkpoints.ts';
import type { EthereumDevnet } from './ethereum/ethereum-devnet.ts';
import type { PolkadotSide } from './polkadot-side.ts';
import { lagSec } from './timing.ts';

/** A chain of the local world, as configurations name it. */
export interface LocalChain {
  readonly chainId: bigint;
  readonly name: string;
  readonly kind: ChainKind;
  readonly url: string;
  /** Further nodes; a WebSocket of an Ethereum node tells of new blocks. */
  readonly urls?: readonly string[];
  /** Id of the light client that it leans on. */
  readonly lightClient: string;
  readonly route: Route;
  /** Seconds that its messages have to become final before their round ends. */
  readonly lagSec: number;
}

/** What makes chains of the local world final. */
export interface LocalLightClient {
  readonly id: string;
  readonly kind: ChainKind;
  readonly url: string;
  /** What an enclave's light client starts from, as its measured configuration holds it. */
  fetchMeasured(): Promise<object>;
}

/** The chains of the local world; `ethereum` first, then the one with the anchor. */
export function listChains(ethereum: EthereumDevnet, polkadot: PolkadotSide): LocalChain[] {
  return [
    {
      chainId: BigInt(ethereum.chainId),
      name: 'ethereum',
      kind: 'ethereum',
      url: ethereum.rpcUrl,
      urls: [ethereum.rpcUrl.replace(/^http/, 'ws')],
      lightClient: 'ethereum',
      route: 'direct',
      lagSec: lagSec('ethereum', ethereum.slotMs),
    },
    ...polkadot.chains.map(({ wsUrl, ...chain }): LocalChain => {
      const lag = lagSec('substrate', ethereum.slotMs);
      return { ...chain, kind: 'substrate', url: wsUrl, lightClient: 'polkadot', lagSec: lag };
    }),
  ];
}

/** The light clients that those chains lean on. */
export function listLightClients(
  ethereum: EthereumDevnet,
  { finalizer }: PolkadotSide,
): LocalLightClient[] {
  return [
    {
      id: 'ethereum',
      kind: 'ethereum',
      url: ethereum.beaconUrl,
      fetchMeasured: async () => ({
        preset: 'minimal',
        genesisValidatorsRoot: ethereum.genesis.genesisValidatorsRoot,
        forks: ethereum.forks,
        checkpointRoot: await fetchBeaconCheckpoint(ethereum.beaconUrl),
      }),
    },
    {
      id: 'polkadot',
      kind: 'substrate',
      url: finalizer.wsUrl,
      fetchMeasured: async () => ({ checkpoint: await fetchGenesisCheckpoint(finalizer.httpUrl) }),
    },
  ];
}

/** A chain of the local world and a connection to it. */
export interface OpenChain {
  readonly local: LocalChain;
  readonly chain: BridgedChain;
}

/** Connects to the chains, in their order. Whatever is opened is given to `note` at once. */
export async function openChains(
  chains: readonly LocalChain[],
  lightClients: readonly LocalLightClient[],
  { pollMs, note }: { readonly pollMs: number; readonly note: (opened: Closable) => void },
): Promise<OpenChain[]> {
  const sources = new Map<string, FinalitySource>();
  for (const { id, kind, url } of lightClients) {
    const finality = await (await loadAdapter(kind)).openFinality({ client: id, url });
    note(finality);
    sources.set(id, finality);
  }
  return Promise.all(
    chains.map(async (local): Promise<OpenChain> => {
      const finality = sources.get(local.lightClient);
      if (!finality) throw new RangeError(`no light client is called ${local.lightClient}`);
      const chain = await (await loadAdapter(local.kind)).openChain({ ...local, pollMs }, finality);
      note(chain);
      return { local, chain };
    }),
  );
}

/** Something with a lifetime. */
export interface Closable {
  close(): Promise<void>;
}
