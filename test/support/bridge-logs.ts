import { ANCHOR_ABI, GATEWAY_ABI } from '../../src/chains/shared/abi.ts';
import type { ContractLog } from '../../src/chains/shared/bridged-chain.ts';
import type { Hex } from '../../src/shared/bytes.ts';

// Logs as the contracts write them, for whatever reads them.

export const GATEWAY: Hex = `0x${'0a'.repeat(20)}`;
export const ANCHOR: Hex = `0x${'0b'.repeat(20)}`;
export const SENDER: Hex = `0x${'0c'.repeat(20)}`;
export const REFUND_TO: Hex = `0x${'0e'.repeat(20)}`;
const WORD: Hex = `0x${'cd'.repeat(32)}`;

/** A log of the gateway, or of the anchor if the event is its own. */
export function bridgeLog(
  name: string,
  args: readonly unknown[],
  blockNumber: number,
): ContractLog {
  const isAnchor = ANCHOR_ABI.hasEvent(name);
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
  const args = [index, SENDER, WORD, 10n, 1n, 1n, 1_800_000_000n, REFUND_TO, '0x01', WORD];
  return bridgeLog('Deposited', args, blockNumber);
}

/** A commit of round `number`, of the first control message and of no payments. @param inputs chain id and count */
export function commitLog(
  number: bigint,
  inputs: readonly (readonly [chainId: bigint, count: bigint])[],
  blockNumber: number,
): ContractLog {
  const args = [number, WORD, WORD, number, 1_800_000_000n, inputs, 1n, [], WORD];
  return bridgeLog('Committed', args, blockNumber);
}

/** An order that `SENDER` posted: all of its amount is fee. */
export function postLog(index: bigint, blockNumber: number): ContractLog {
  const args = [index, SENDER, WORD, 1n, 1n, 0n, 1_800_000_000n, SENDER, '0x02', WORD];
  return bridgeLog('Deposited', args, blockNumber);
}

/** A control message, at the second in which deposits are made. */
export function controlLog(
  { index, kind, payload }: { index: bigint; kind: number; payload: Hex },
  blockNumber: number,
): ContractLog {
  return bridgeLog('ControlSent', [index, kind, 0n, 1_800_000_000n, payload, WORD], blockNumber);
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

/** @param reason its number in IGateway.SkipReason */
export function skippedLog(
  { index, tag, reason = 0 }: { index: bigint; tag: Hex; reason?: number },
  blockNumber: number,
): ContractLog {
  return bridgeLog('ReleaseSkipped', [index, tag, 1n, reason], blockNumber);
}

export function assignedLog(index: bigint, blockNumber: number): ContractLog {
  return bridgeLog('ClaimAssigned', [index, SENDER], blockNumber);
}

/** @param left what is to be claimed still */
export function claimedLog(
  { index, tag, left = 0n }: { index: bigint; tag: Hex; left?: bigint },
  blockNumber: number,
): ContractLog {
  return bridgeLog('Claimed', [index, tag, SENDER, 1n, left], blockNumber);
}
