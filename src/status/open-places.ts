import { type OpenChains, openChains } from '../chains/open-chains.ts';
import { type BridgedChain, ChainError } from '../chains/shared/bridged-chain.ts';
import type { FinalityRule } from '../chains/shared/finality-source.ts';
import type { ApiChain, ApiConfig } from '../config/api.ts';
import { type Kept, keep } from './kept.ts';
import type { ChainPlace } from './sources.ts';

const POLL_MS = 2000;
/** After this a node that was away is tried again. */
const RETRY_MS = 5000;

/** Places whose nodes are connected to when they are first asked, each by itself: one that is away hides no other. */
export function openPlaces(config: ApiConfig): {
  readonly places: readonly ChainPlace[];
  close(): Promise<void>;
} {
  const opened = new Set<OpenChains>();
  const places = config.chains.map((entry) => {
    const connection = keepConnection(async () => {
      const lightClients = config.lightClients.filter(({ id }) => id === entry.lightClient);
      const open = await openChains({ lightClients, chains: [entry] }, POLL_MS);
      opened.add(open);
      return open;
    });
    return placeOf(config, entry, connection);
  });
  return {
    places,
    close: async () => {
      await Promise.allSettled([...opened].map((open) => open.close()));
    },
  };
}

/** One attempt at a time; one that failed is not repeated at once. */
function keepConnection(open: () => Promise<OpenChains>): Kept<OpenChains> {
  const attempt = keep(RETRY_MS, async () => {
    try {
      return { open: await open() };
    } catch (error) {
      return { error };
    }
  });
  let connected: OpenChains | undefined;
  return {
    get: async () => {
      if (connected !== undefined) return connected;
      const tried = await attempt.get();
      if (tried.open === undefined) throw tried.error;
      connected = tried.open;
      return connected;
    },
  };
}

function placeOf({ anchor }: ApiConfig, entry: ApiChain, connection: Kept<OpenChains>): ChainPlace {
  const { chainId, name, gateway, lagSec, registry, fromBlock, lightClient } = entry;
  const chain = async (): Promise<BridgedChain> => {
    const on = (await connection.get()).chains.get(chainId);
    if (on !== undefined) return on;
    throw new ChainError('CHAIN_UNAVAILABLE', { chain: name, what: 'it is not open' });
  };
  const rule = keep(60_000, async (): Promise<FinalityRule> => {
    const source = (await connection.get()).finality.get(lightClient);
    if (source !== undefined) return await source.rule();
    throw new ChainError('CHAIN_UNAVAILABLE', { chain: name, what: 'no light client is open' });
  });
  return {
    chainId,
    name,
    gateway,
    lagSec,
    registry,
    fromBlock,
    isAnchor: anchor.chainId === chainId,
    chain: {
      head: async () => (await chain()).head(),
      finalizedHead: async () => (await chain()).finalizedHead(),
      call: async (to, data, at) => (await chain()).call(to, data, at),
      logs: async (filter) => (await chain()).logs(filter),
    },
    rule: () => rule.get(),
  };
}
