import { GATEWAY_SLOTS } from '../../protocol/contracts.ts';
import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine } from '../bridge.ts';
import { advance } from './advance.ts';
import { outboxOf } from './outbox.ts';
import { proveControl } from './prove-control.ts';
import { proveOutbox } from './prove-messages.ts';
import { provenBlock } from './proven-block.ts';
import type { Lane } from './send-portions.ts';

/**
 * Shows an enclave all that is final now: every light client's newest block, and under it every chain's outbox and what
 * its gateway has paid, and the anchor's own outbox. A chain that cannot be shown keeps none of the others back: what
 * the enclave lacks then, its status says. For a sequence that has the enclave to itself.
 *
 * @returns what the enclave says of itself after it
 */
export async function bringUpToDate(bridge: Bridge, line: EnclaveLine): Promise<EnclaveStatus> {
  const clients = [...bridge.finality.keys()];
  await attempt(
    bridge,
    clients.map((id) => advance(bridge, line, id)),
  );
  const status = await line.client.ask('status', {});
  await attempt(bridge, [
    ...bridge.sides.map(async (side) => {
      const block = await provenBlock(status, side);
      if (block === undefined) return;
      await proveOutbox(bridge, { line, side, block }, status);
      await provePaid({ line, side, block }, status);
    }),
    showControl(bridge, line, status),
  ]);
  return await line.client.ask('status', {});
}

async function attempt({ log }: Bridge, work: readonly Promise<unknown>[]): Promise<void> {
  for (const one of await Promise.allSettled(work)) {
    if (one.status === 'rejected') log.warn({ err: one.reason }, 'cannot show all that is final');
  }
}

async function showControl(
  bridge: Bridge,
  line: EnclaveLine,
  status: EnclaveStatus,
): Promise<void> {
  const block = await provenBlock(status, bridge.anchor.side);
  if (block !== undefined) await proveControl(bridge, { line, block }, status);
}

/** What a gateway has paid need not be kept, nor signed again. */
async function provePaid(lane: Lane, status: EnclaveStatus): Promise<void> {
  const { line, side, block } = lane;
  const { chainId } = side.chain;
  const slot = GATEWAY_SLOTS.releasedCount;
  const word = await side.chain.word(side.gateway, slot, block.hash);
  const paid = BigInt.asUintN(64, BigInt(word));
  if (paid <= (outboxOf(status, chainId)?.paid ?? 0n)) return;
  const proof = await side.chain.stateProof({ address: side.gateway }, slot, block.held);
  await line.client.ask('proveReleased', { chainId, proof });
}
