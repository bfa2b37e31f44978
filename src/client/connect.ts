import { type ChainList, type OpenChains, openChains } from '../chains/open-chains.ts';

/** A user's connections to the nodes of a client configuration. */
export type Connections = OpenChains;

const POLL_MS = 500;

/** Connects to every chain, or to none of them. @throws {ChainError} as `openChains` */
export async function connect(client: ChainList): Promise<Connections> {
  return await openChains(client, POLL_MS);
}
