import type { Hex } from '../../shared/bytes.ts';
import type { Bridge, Side } from '../bridge.ts';
import { GATEWAY_ABI, revertName } from '../chains/abi.ts';
import { ChainCallReverted } from '../chains/bridged-chain.ts';
import { batchAfter, type SignedReleaseBatch } from '../journal/batches.ts';
import { submitJournaled } from './submit-journaled.ts';

const HEAD_CALL = GATEWAY_ABI.encodeFunctionData('releasedHead') as Hex;

/** Refusals of a gateway that has moved on: somebody else was quicker, which is as good. */
const LOST_RACE = new Set(['GatewayWrongIndex', 'GatewayWrongHead']);

/** The batch that a gateway waits for, if the journal has it. */
export async function nextBatch(
  { database }: Bridge,
  { chain, gateway }: Side,
): Promise<SignedReleaseBatch | undefined> {
  return await batchAfter(database, chain.chainId, await chain.call(gateway, HEAD_CALL));
}

/** Submits to a gateway what it waits for, batch after batch. */
export async function releaseBatches(bridge: Bridge, side: Side): Promise<void> {
  for (;;) {
    const next = await nextBatch(bridge, side);
    if (next === undefined || !(await release(bridge, side, next))) return;
  }
}

/** @returns whether it was this relayer that submitted it */
async function release(
  bridge: Bridge,
  side: Side,
  { batch, epoch, signatures }: SignedReleaseBatch,
): Promise<boolean> {
  const { chainId, firstIndex } = batch;
  const args = [{ ...batch, epoch }, signatures];
  const data = GATEWAY_ABI.encodeFunctionData('release', args) as Hex;
  const call = { to: side.gateway, data, valueWei: 0n };
  try {
    await submitJournaled(bridge, side, { subject: `batch ${chainId}/${firstIndex}`, call });
    return true;
  } catch (error) {
    const name = error instanceof ChainCallReverted ? revertName(error.meta.data) : undefined;
    if (name === undefined || !LOST_RACE.has(name)) throw error;
    bridge.log.info({ chainId, firstIndex }, 'another relayer has released first');
    return false;
  }
}
