import type { BridgedChain } from '../../chains/shared/bridged-chain.ts';
import { type HoldReason, type Subject, stepsOf } from '../../protocol/transfer-state.ts';
import type { Bridge } from '../bridge.ts';
import { type ChangeLog, journalChanges } from '../journal/journal-changes.ts';

interface Held {
  readonly firstIndex: bigint;
  readonly reason: HoldReason;
}

type NotingBridge = ChangeLog & Pick<Bridge, 'clock'>;

/** Journals why a batch does not leave now; what is known already changes nothing. */
export async function noteHeld(
  bridge: NotingBridge,
  { chain }: { readonly chain: Pick<BridgedChain, 'chainId' | 'head'> },
  { firstIndex, reason }: Held,
): Promise<void> {
  const { chainId } = chain;
  const { number: blockNumber } = await chain.head();
  const subject = `batch ${chainId}/${firstIndex}` as const;
  await noteHeldAt(bridge, { subject, reason, chainId, blockNumber });
}

interface HeldAt extends Pick<Held, 'reason'> {
  readonly subject: Subject;
  readonly chainId: bigint;
  readonly blockNumber: number;
}

/** As {@link noteHeld}, at a head that is known. */
export async function noteHeldAt(
  bridge: NotingBridge,
  { reason, ...place }: HeldAt,
): Promise<void> {
  const atMs = bridge.clock.nowMs();
  const steps = stepsOf({ kind: 'held', reason });
  await journalChanges(
    bridge,
    steps.map((step) => ({ ...step, ...place, atMs })),
  );
}
