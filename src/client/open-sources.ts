import type { BridgedChain } from '../chains/shared/bridged-chain.ts';
import type { ClientConfig } from '../config/client.ts';
import type { Hex } from '../shared/bytes.ts';
import { createLogIndex, type LogIndex, type LogStore } from './log-index.ts';
import type { Sources } from './transfer-history.ts';

/** Asks an enclave how many messages of each chain it has proven. */
export type AskIngested = () => Promise<ReadonlyMap<bigint, bigint>>;

/** What the sources are read from, beside the chains. */
export interface SourceOptions {
  /** Asks an enclave how far it has verified; without it that is known once the commit shows it. */
  readonly askIngested?: AskIngested | undefined;
  /** Where the final logs of a chain are kept from one run to the next; by default they are read anew each time. */
  readonly storeFor?: (chain: { readonly chainId: bigint; readonly gateway: Hex }) => LogStore;
}

/** The views' sources, kept up to date on demand. */
export interface OpenSources {
  /** Reads what is new on every chain and, if there is one, from the enclave. */
  refresh(): Promise<Sources>;
}

/**
 * Opens the sources of a client's chains; an enclave that does not answer is left out.
 *
 * @param chains the connections, by chain id; a chain without one is not looked at
 */
export function openSources(
  client: Pick<ClientConfig, 'chains' | 'anchor'>,
  chains: ReadonlyMap<bigint, BridgedChain>,
  { askIngested, storeFor }: SourceOptions = {},
): OpenSources {
  const { anchor } = client;
  const indexes = new Map<bigint, LogIndex>();
  for (const { chainId, gateway, fromBlock } of client.chains) {
    const chain = chains.get(chainId);
    const onAnchorChain = chainId === anchor.chainId && { anchor: anchor.address };
    if (!chain) continue;
    const source = { chain, gateway, fromBlock, ...onAnchorChain };
    indexes.set(chainId, createLogIndex(source, storeFor?.({ chainId, gateway })));
  }
  let ingested: ReadonlyMap<bigint, bigint> = new Map();
  return {
    refresh: async () => {
      await Promise.all([...indexes.values()].map((index) => index.refresh()));
      // Without the enclave the views lack one step, `verified`, until the commit shows it.
      ingested = (await askIngested?.().catch(() => undefined)) ?? ingested;
      return { chains: indexes, anchorChainId: anchor.chainId, ingested };
    },
  };
}
