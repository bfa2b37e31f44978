import { loadAdapter } from '../chains/kinds.ts';
import { type BridgedChain, ChainError } from '../chains/shared/bridged-chain.ts';
import type { FinalitySource } from '../chains/shared/finality-source.ts';
import type { ClientChain, ClientConfig } from '../config/client.ts';

/** A user's connections to the nodes of a client configuration. */
export interface Connections {
  /** Every chain of the configuration, by chain id and in its order. */
  readonly chains: ReadonlyMap<bigint, BridgedChain>;
  /** Where finality comes from, by the light clients' ids. */
  readonly finality: ReadonlyMap<string, FinalitySource>;
  close(): Promise<void>;
}

interface Closable {
  close(): Promise<void>;
}

const POLL_MS = 500;

/**
 * Connects to every chain, with one source of finality for all chains of a light client. What is open when one of them
 * fails is closed again.
 *
 * @throws {ChainError} CHAIN_KIND_UNKNOWN, CHAIN_UNAVAILABLE, CHAIN_MISMATCH
 */
export async function connect(client: ClientConfig): Promise<Connections> {
  const opened: Closable[] = [];
  const close = () => closeAll(opened);
  try {
    const finality = new Map<string, FinalitySource>();
    for (const { id, kind, url } of client.lightClients) {
      const source = await (await loadAdapter(kind)).openFinality({ client: id, url });
      opened.push(source);
      finality.set(id, source);
    }
    const chains = new Map<bigint, BridgedChain>();
    for (const each of client.chains) {
      const chain = await openChain(each, finality.get(each.lightClient));
      opened.push(chain);
      chains.set(each.chainId, chain);
    }
    return { chains, finality, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openChain(
  { name, chainId, kind, url, route, lightClient }: ClientChain,
  source: FinalitySource | undefined,
): Promise<BridgedChain> {
  if (!source) {
    const what = `there is no light client "${lightClient}"`;
    throw new ChainError('CHAIN_KIND_UNKNOWN', { chain: name, what });
  }
  const adapter = await loadAdapter(kind);
  return await adapter.openChain({ name, chainId, url, route, pollMs: POLL_MS }, source);
}

/** Chains before the sources they were opened with. */
async function closeAll(opened: Closable[]): Promise<void> {
  for (const each of opened.splice(0).reverse()) await each.close();
}
