import { GATEWAY_ABI, revertNameOf } from '../../chains/shared/abi.ts';
import { ChainCallReverted } from '../../chains/shared/bridged-chain.ts';
import { GATEWAY_SLOTS } from '../../protocol/contracts.ts';
import { type HoldReason, stepsOf } from '../../protocol/transfer-state.ts';
import type { Hex } from '../../shared/bytes.ts';
import { type Bridge, RelayerError, type Side } from '../bridge.ts';
import { batchAfter, forgetBatches, type SignedReleaseBatch } from '../journal/batches.ts';
import { holdsOn, isBatchHeld } from '../journal/holds.ts';
import { type ChangeLog, journalChanges } from '../journal/journal-changes.ts';
import { submitJournaled } from './submit-journaled.ts';

/** The batch that a gateway waits for, if the journal has it. */
async function nextBatch(
  { database }: Pick<Bridge, 'database'>,
  { chain, gateway }: Side,
): Promise<SignedReleaseBatch | undefined> {
  return await batchAfter(database, chain.chainId, await releasedHead({ chain, gateway }));
}

function releasedHead({ chain, gateway }: Pick<Side, 'chain' | 'gateway'>): Promise<Hex> {
  return chain.word(gateway, GATEWAY_SLOTS.releasedHead);
}

/** Submits to a gateway what it waits for, batch after batch. */
export async function releaseBatches(bridge: Bridge, side: Side): Promise<void> {
  for (;;) {
    const next = await nextBatch(bridge, side);
    if (next === undefined) return;
    if (isBatchHeld(await holdsOn(bridge.database), next.batch)) {
      return await noteHeld(bridge, side, { ...next.batch, reason: 'held-by-operator' });
    }
    if (!(await release(bridge, side, next))) return;
  }
}

/** @returns whether it was this relayer that submitted it */
async function release(bridge: Bridge, side: Side, signed: SignedReleaseBatch): Promise<boolean> {
  await requireOwn(bridge, side, signed);
  const { batch, epoch, submitter, signatures } = signed;
  const { chainId, firstIndex } = batch;
  const args = [{ ...batch, epoch, submitter }, signatures];
  const data = GATEWAY_ABI.encodeFunctionData('release', args) as Hex;
  const call = { to: side.gateway, data, valueWei: 0n };
  try {
    await submitJournaled(bridge, side, { subject: `batch ${chainId}/${firstIndex}`, call });
    return true;
  } catch (error) {
    if (!(error instanceof ChainCallReverted)) throw error;
    // Somebody else was quicker, which is as good; a refusal in a block may not say so.
    if ((await releasedHead(side)) === batch.prevHead) {
      await noteRefusal(bridge, side, { firstIndex, name: revertNameOf(error) });
      throw error;
    }
    bridge.log.info({ chainId, firstIndex }, 'another relayer has released first');
    return false;
  }
}

/** The account may be another than when the batch was revealed; the gateway would take it from that one only. */
async function requireOwn(
  { database }: Bridge,
  { chain, signer }: Side,
  { batch: { firstIndex }, submitter }: SignedReleaseBatch,
): Promise<void> {
  if (submitter === signer.address) return;
  await forgetBatches(database, chain.chainId, firstIndex);
  const what = `the batch at ${firstIndex} is signed for ${submitter}, and ${signer.address} submits now; it is revealed anew`;
  throw new RelayerError('RELAYER_SUBMITTER_CHANGED', what);
}

async function noteRefusal(
  bridge: Bridge,
  side: Side,
  { firstIndex, name }: { firstIndex: bigint; name: string | undefined },
): Promise<void> {
  const { chainId } = side.chain;
  // Another epoch, a revoked key, a higher threshold: the enclaves of today may sign what those of then did not.
  if (name?.startsWith('Registry')) await forgetBatches(bridge.database, chainId, firstIndex);
  const reason = name === 'GatewayPaused' ? 'gateway-paused' : 'gateway-refused';
  await noteHeld(bridge, side, { firstIndex, reason });
}

interface Held {
  readonly firstIndex: bigint;
  readonly reason: HoldReason;
}

/** Journals why a batch does not leave now; what is known already changes nothing. */
export async function noteHeld(
  bridge: ChangeLog & Pick<Bridge, 'clock'>,
  { chain }: Side,
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
