import { createEthereumChain, type EthereumChain } from '../chains/ethereum/ethereum-chain.ts';
import { createPolkadotChain, type PolkadotChain } from '../chains/substrate/substrate-chain.ts';
import type { ClientConfig } from '../config/client.ts';

/** A user's connections to the two nodes of the client configuration. */
export interface Connections {
  readonly ethereum: EthereumChain;
  readonly polkadot: PolkadotChain;
  close(): Promise<void>;
}

const POLL_MS = 500;

/** Opens both connections. @throws {ChainError} CHAIN_UNAVAILABLE, CHAIN_MISMATCH */
export async function connect(client: ClientConfig): Promise<Connections> {
  const { rpcUrl, beaconUrl, chainId } = client.ethereum;
  const there = { rpcUrl, beaconUrl, chainId: BigInt(chainId), pollMs: POLL_MS };
  const here = {
    wsUrl: client.polkadot.wsUrl,
    chainId: BigInt(client.polkadot.chainId),
    relay: client.polkadot.relay,
    pollMs: POLL_MS,
  };
  const ethereum = await createEthereumChain(there);
  const polkadot = await createPolkadotChain(here);
  return {
    ethereum,
    polkadot,
    close: async () => {
      await Promise.all([ethereum.close(), polkadot.close()]);
    },
  };
}
