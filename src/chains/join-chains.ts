import { loadAdapter } from './kinds.ts';
import { createLazyChain } from './lazy-chain.ts';
import { createLazyFinality } from './lazy-finality.ts';
import { type ChainList, type OpenChains, sourceOf } from './open-chains.ts';
import type { BridgedChain } from './shared/bridged-chain.ts';
import type { ChainAdapter } from './shared/chain-adapter.ts';
import type { FinalitySource } from './shared/finality-source.ts';
import { type Joining, type JoiningOptions, startJoining } from './shared/joining.ts';

/** How chains are joined. */
export interface JoinOptions extends JoiningOptions {
  /** How often a chain is looked at while something is awaited. */
  readonly pollMs: number;
}

/**
 * Connects to the chains of a list in the background, each by itself: one whose nodes do not answer fails what it is asked, and joins when they
 * do.
 *
 * @throws {ChainError} CHAIN_KIND_UNKNOWN, CHAIN_MISMATCH: a light client that is not in the list
 */
export async function joinChains(list: ChainList, options: JoinOptions): Promise<OpenChains> {
  const clients = await withAdapters(list.lightClients);
  const entries = await withAdapters(list.chains);
  const byId = new Map(list.lightClients.map((client) => [client.id, client]));
  for (const { lightClient, name } of list.chains) sourceOf(byId, lightClient, name);
  const sources = new Map(
    clients.map(({ adapter, entry: { id: client, kind: _, ...nodes } }) => {
      const open = () => adapter.openFinality({ client, ...nodes });
      const joining = startJoining(`finality of ${client}`, open, options);
      return [
        client,
        { joining, lazy: createLazyFinality({ ...nodes, kind: adapter.kind }, joining) },
      ];
    }),
  );
  const chains = new Map(
    entries.map(({ adapter, entry: { kind: _, lightClient, ...chain } }) => {
      const { joining: source } = sourceOf(sources, lightClient, chain.name);
      const open = async () =>
        await adapter.openChain({ ...chain, pollMs: options.pollMs }, await source.opening);
      const joining = behind(source, startJoining(chain.name, open, options));
      return [chain.chainId, createLazyChain(chain, joining, adapter.addressOf)];
    }),
  );
  const finality = new Map([...sources].map(([client, { lazy }]) => [client, lazy]));
  return {
    chains,
    finality,
    // A chain may lean on a source.
    close: async () => {
      await Promise.all([...chains.values()].map((chain) => chain.close()));
      await Promise.all([...finality.values()].map((source) => source.close()));
    },
  };
}

/** A chain whose first attempt waits for its source, and that fails until then as the source does. */
function behind(
  source: Joining<FinalitySource>,
  joining: Joining<BridgedChain>,
): Joining<BridgedChain> {
  return {
    get: async () => {
      await source.get();
      return await joining.get();
    },
    get opened() {
      return joining.opened;
    },
    opening: joining.opening,
    close: () => joining.close(),
  };
}

async function withAdapters<E extends { readonly kind: string }>(
  entries: readonly E[],
): Promise<{ readonly entry: E; readonly adapter: ChainAdapter }[]> {
  return await Promise.all(
    entries.map(async (entry) => ({ entry, adapter: await loadAdapter(entry.kind) })),
  );
}
