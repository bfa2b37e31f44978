import { loadAdapter } from './kinds.ts';
import { type BridgedChain, ChainError } from './shared/bridged-chain.ts';
import type { ChainOptions } from './shared/chain-adapter.ts';
import type { FinalitySource } from './shared/finality-source.ts';

/** Chains and what makes them final, as every process's configuration lists them. */
export interface ChainList {
  readonly lightClients: readonly {
    readonly id: string;
    readonly kind: string;
    readonly url: string;
    readonly urls?: readonly string[] | undefined;
  }[];
  readonly chains: readonly (Omit<ChainOptions, 'pollMs'> & {
    readonly kind: string;
    readonly lightClient: string;
  })[];
}

/** Connections to chains. */
export interface OpenChains {
  /** By chain id, in the order of the list. */
  readonly chains: ReadonlyMap<bigint, BridgedChain>;
  /** By the light client's id; chains of one light client share its source. */
  readonly finality: ReadonlyMap<string, FinalitySource>;
  /** Ends all of them. */
  close(): Promise<void>;
}

/**
 * Connects to all chains of a list, or to none of them.
 *
 * @param pollMs how often a chain is looked at while something is awaited
 * @throws {ChainError} CHAIN_UNAVAILABLE, CHAIN_MISMATCH, CHAIN_KIND_UNKNOWN
 */
export async function openChains(list: ChainList, pollMs: number): Promise<OpenChains> {
  const opened: { close(): Promise<void> }[] = [];
  // The last first: a chain may lean on the source that was opened before it.
  const close = async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  };
  try {
    const finality = await openAll(list.lightClients, async ({ id: client, kind, ...nodes }) => {
      const source = await (await loadAdapter(kind)).openFinality({ client, ...nodes });
      opened.push(source);
      return [client, source];
    });
    const chains = await openAll(list.chains, async ({ kind, lightClient, ...options }) => {
      const source = sourceOf(finality, lightClient, options.name);
      const chain = await (await loadAdapter(kind)).openChain({ ...options, pollMs }, source);
      opened.push(chain);
      return [options.chainId, chain];
    });
    return { chains, finality, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** When one fails, none of the others is still at work. */
async function openAll<T, K, V>(
  items: readonly T[],
  open: (item: T) => Promise<readonly [K, V]>,
): Promise<ReadonlyMap<K, V>> {
  const opening = items.map(open);
  await Promise.allSettled(opening);
  return new Map(await Promise.all(opening));
}

/** What a chain's light client has its finality from. @throws {ChainError} CHAIN_MISMATCH */
export function sourceOf<S>(
  finality: ReadonlyMap<string, S>,
  lightClient: string,
  chain: string,
): S {
  const source = finality.get(lightClient);
  if (source !== undefined) return source;
  const what = `no light client "${lightClient}" is configured`;
  throw new ChainError('CHAIN_MISMATCH', { chain, what });
}
