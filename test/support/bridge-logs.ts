import { ANCHOR_ABI, GATEWAY_ABI } from '../../src/chains/shared/abi.ts';
import type { ContractLog } from '../../src/chains/shared/bridged-chain.ts';
import type { Hex } from '../../src/shared/bytes.ts';

// Logs as the contracts write them, for whatever reads them.

export const GATEWAY: Hex = `0x${'0a'.repeat(20)}`;
export const ANCHOR: Hex = `0x${'0b'.repeat(20)}`;
export const SENDER: Hex = `0x${'0c'.repeat(20)}`;
const WORD: Hex = `0x${'cd'.repeat(32)}`;

/** A log of the gateway, or of the anchor if the event is its own. */
export function bridgeLog(
  name: string,
  args: readonly unknown[],
  blockNumber: number,
): ContractLog {
  const isAnchor = name === 'Committed';
  const { topics, data } = (isAnchor ? ANCHOR_ABI : GATEWAY_ABI).encodeEventLog(name, args);
  return {
    address: isAnchor ? ANCHOR : GATEWAY,
    topics: topics.flat() as Hex[],
    data: data as Hex,
    blockNumber,
    blockHash: WORD,
    logIndex: 0,
    transactionHash: WORD,
  };
}

export function depositLog(index: bigint, blockNumber: number): ContractLog {
  return bridgeLog('Deposited', [index, SENDER, WORD, 10n, 1n, 1n, '0x01', WORD], blockNumber);
}

/** @param inputs the cursors: chain id and count */
export function commitLog(
  number: bigint,
  inputs: readonly (readonly [chainId: bigint, count: bigint])[],
  blockNumber: number,
): ContractLog {
  return bridgeLog('Committed', [number, WORD, WORD, inputs, SENDER], blockNumber);
}

export function releasedLog(index: bigint, tag: Hex, blockNumber: number): ContractLog {
  return bridgeLog('Released', [index, tag, WORD, SENDER, 9n], blockNumber);
}

/** @param reason its number in IGateway.DeferReason */
export function deferredLog(
  { index, tag, reason = 6 }: { index: bigint; tag: Hex; reason?: number },
  blockNumber: number,
): ContractLog {
  return bridgeLog('ReleaseDeferred', [index, tag, WORD, SENDER, 9n, reason], blockNumber);
}

export function claimedLog(index: bigint, tag: Hex, blockNumber: number): ContractLog {
  return bridgeLog('Claimed', [index, tag, SENDER], blockNumber);
}
