import type { BridgedChain } from '../../chains/shared/bridged-chain.ts';
import { type HoldReason, stepsOf } from '../../protocol/transfer-state.ts';
import type { Bridge } from '../bridge.ts';
import { type ChangeLog, journalChanges } from '../journal/journal-changes.ts';

interface Held {
  readonly firstIndex: bigint;
  readonly reason: HoldReason;
}

/** Journals why a batch does not leave now; what is known already changes nothing. */
export async function noteHeld(
  bridge: ChangeLog & Pick<Bridge, 'clock'>,
  { chain }: { readonly chain: Pick<BridgedChain, 'chainId' | 'head'> },
  { firstIndex, reason }: Held,
): Promise<void> {
  const { chainId } = chain;
  const { number: blockNumber } = await chain.head();
  const subject = `batch ${chainId}/${firstIndex}` as const;
  const atMs = bridge.clock.nowMs();
  const steps = stepsOf({ kind: 'held', reason });
  await journalChanges(
    bridge,
    steps.map((step) => ({ ...step, subject, chainId, blockNumber, atMs })),
  );
}
