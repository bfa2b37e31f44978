import type { ClientChain } from '../../src/config/client.ts';

/** A chain of a client's configuration; what is not said of it does not matter. */
export function clientChain(chainId: bigint, said: Partial<ClientChain> = {}): ClientChain {
  return {
    chainId,
    name: `chain-${chainId}`,
    kind: 'any',
    url: 'http://127.0.0.1',
    gateway: '0x',
    registry: '0x',
    lightClient: 'any',
    route: 'direct',
    lagSec: 6n,
    fromBlock: 0,
    ...said,
  };
}
