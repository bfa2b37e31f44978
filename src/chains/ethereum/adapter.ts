import type { ChainAdapter } from '../shared/chain-adapter.ts';
import type { FinalitySource } from '../shared/finality-source.ts';
import { createSourceTable } from '../shared/source-table.ts';
import { type BeaconApi, createBeaconApi } from './beacon-api.ts';
import { createEthereumChain } from './ethereum-chain.ts';
import { createEthereumFinality } from './finality-source.ts';
import { addressOf } from './sender.ts';

const beacons = createSourceTable<BeaconApi>();

/** How Ethereum is spoken to: JSON-RPC of an execution node, the light-client API of a beacon node. */
export const ethereumAdapter: ChainAdapter = {
  kind: 'ethereum',
  addressOf: async (chain, secret) => addressOf(chain, secret),
  openFinality: async ({ client, url, urls = [] }): Promise<FinalitySource> => {
    const beacon = createBeaconApi(client, url, ...urls);
    return beacons.add(createEthereumFinality(client, beacon), beacon);
  },
  openChain: async (options, finality) =>
    await createEthereumChain(options, beacons.get(finality, options.name)),
};
