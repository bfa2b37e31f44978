import type { ContractLog } from '../../src/chains/shared/bridged-chain.ts';
import { decodeLogs } from '../../src/chains/shared/decode-logs.ts';
import type { LogIndex } from '../../src/client/log-index.ts';
import { GATEWAY } from './bridge-logs.ts';

/** An index over these logs, the newest final block being `finalized`. */
export function logIndexOf(
  chainId: bigint,
  logs: readonly ContractLog[],
  finalized: number,
): LogIndex {
  const place = { chain: 'one', chainId, gateway: GATEWAY, isFinal: false };
  return {
    refresh: async () => undefined,
    seen: () => decodeLogs(logs, place),
    finalizedNumber: () => finalized,
    headNumber: () => finalized + 1,
    blockHashOf: (blockNumber) => logs.find((log) => log.blockNumber === blockNumber)?.blockHash,
  };
}
