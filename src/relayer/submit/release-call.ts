import { GATEWAY_ABI } from '../../chains/shared/abi.ts';
import type { ChainCall } from '../../chains/shared/bridged-chain.ts';
import type { ReleaseBatch } from '../../protocol/release.ts';
import type { Subject } from '../../protocol/transfer-state.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { SignedReleaseBatch } from '../journal/batches.ts';

/** The call by which a gateway pays a batch. */
export function releaseCall({
  batch,
  epoch,
  submitter,
  signatures,
}: SignedReleaseBatch): ChainCall {
  const args = [{ ...batch, epoch, submitter }, signatures];
  const data = GATEWAY_ABI.encodeFunctionData('release', args) as Hex;
  return { to: batch.gateway, data, valueWei: 0n };
}

/** Names a batch. */
export function batchSubject({
  chainId,
  firstIndex,
}: Pick<ReleaseBatch, 'chainId' | 'firstIndex'>): Subject {
  return `batch ${chainId}/${firstIndex}`;
}

/** Whether what is submitted is a batch. */
export function isBatch(subject: string): subject is Subject {
  return subject.startsWith('batch ');
}

/** How often a batch pays: its releases, and the submitter in each asset. */
export function payoutsOf({ releases, fees }: ReleaseBatch): number {
  return Math.max(releases.length + fees.length, 1);
}
