import type { BridgedChain } from '../chains/shared/bridged-chain.ts';
import type { ClientConfig } from '../config/client.ts';
import { createLogIndex, type LogIndex } from './log-index.ts';
import type { Sources } from './transfer-history.ts';

/** Asks an enclave how many messages of each chain it has proven. */
export type AskIngested = () => Promise<ReadonlyMap<bigint, bigint>>;

/** The views' sources, kept up to date on demand. */
export interface OpenSources {
  /** Reads what is new on both chains and, if there is one, from the enclave. */
  refresh(): Promise<Sources>;
}

/** Opens the sources of a client's two chains; an enclave that does not answer is left out. */
export function openSources(
  client: ClientConfig,
  chains: { readonly ethereum: BridgedChain; readonly polkadot: BridgedChain },
  askIngested?: AskIngested,
): OpenSources {
  const { ethereum, polkadot } = client;
  const indexes = new Map<bigint, LogIndex>([
    [
      chains.ethereum.chainId,
      createLogIndex(chains.ethereum, [ethereum.gateway], ethereum.fromBlock),
    ],
    [
      chains.polkadot.chainId,
      createLogIndex(chains.polkadot, [polkadot.gateway, polkadot.anchor], polkadot.fromBlock),
    ],
  ]);
  let ingested: ReadonlyMap<bigint, bigint> = new Map();
  return {
    refresh: async () => {
      await Promise.all([...indexes.values()].map((index) => index.refresh()));
      // Without the enclave the views lack one step, `verified`, until the commit shows it.
      ingested = (await askIngested?.().catch(() => undefined)) ?? ingested;
      return { chains: indexes, anchorChainId: chains.polkadot.chainId, ingested };
    },
  };
}
