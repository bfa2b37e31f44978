import { ANCHOR_SLOTS } from '../../protocol/contracts.ts';
import type { ControlBody } from '../../protocol/control.ts';
import { type EnclaveStatus, MAX_INGEST_CONTROL } from '../../protocol/enclave-commands.ts';
import { fromHex } from '../../shared/bytes.ts';
import type { Bridge } from '../bridge.ts';
import { type ControlRow, finalControl } from '../journal/control-messages.ts';
import { controlOf, takeRefusal } from '../watch/reconcile.ts';
import { recordProven } from '../watch/record-chain.ts';
import { askWithProof } from './ask-with-proof.ts';
import { refusesBodies } from './refuses-bodies.ts';
import type { Lane } from './send-portions.ts';

/**
 * Shows an enclave the anchor's own outbox at a block that it knows to be final: what governance has said since, or that
 * it has said nothing. For a sequence that has the enclave to itself.
 *
 * @throws {RemoteRefusal} of the messages once what follows from that is done, and as `ingestControl`
 */
export async function proveControl(
  bridge: Bridge,
  { line, block, signal }: Pick<Lane, 'line' | 'block' | 'signal'>,
  { control }: EnclaveStatus,
): Promise<void> {
  if (block.timeSec <= control.provenAtSec) return;
  const { side, address } = bridge.anchor;
  await recordProven(bridge, side, block);
  const fromIndex = control.position.count;
  const range = { fromIndex, toBlock: block.number, limit: MAX_INGEST_CONTROL };
  const rows = await finalControl(bridge.database, range);
  const proof = await side.chain.stateProof({ address }, ANCHOR_SLOTS.controlHead, block.held);
  signal.throwIfAborted();
  const ask = () =>
    line.client.ask('ingestControl', { fromIndex, messages: rows.map(toBody), proof });
  try {
    await askWithProof(bridge, { chain: side.chain, proof, ask });
  } catch (error) {
    const { position } = control;
    if (refusesBodies(error))
      await takeRefusal(bridge, controlOf(bridge), { line, position, signal });
    throw error;
  }
}

function toBody({ sentAtSec, round, kind, payload }: ControlRow): ControlBody {
  return { sentAtSec, round, kind, payload: fromHex(payload) };
}
