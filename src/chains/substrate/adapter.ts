import type { ChainAdapter } from '../shared/chain-adapter.ts';
import { createSourceTable } from '../shared/source-table.ts';
import { createSubstrateBlocks } from './blocks.ts';
import { connectSubstrate } from './connection.ts';
import { createSubstrateFinality } from './finality-source.ts';
import { addressOf } from './sender.ts';
import { createSubstrateChain, type FinalizingChain } from './substrate-chain.ts';

const finalizing = createSourceTable<FinalizingChain>();

/** How Substrate chains with pallet-revive are spoken to: WebSocket JSON-RPC. */
export const substrateAdapter: ChainAdapter = {
  kind: 'substrate',
  addressOf,
  openFinality: async ({ client, url, urls = [] }) => {
    const connection = await connectSubstrate(client, [url, ...urls]);
    const blocks = createSubstrateBlocks(connection);
    return finalizing.add(createSubstrateFinality(connection, blocks), { connection, blocks });
  },
  openChain: async (options, finality) =>
    await createSubstrateChain(options, finalizing.get(finality, options.name)),
};
