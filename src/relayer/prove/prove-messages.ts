import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine, Side } from '../bridge.ts';
import { ANY_BLOCK, finalMessageCount, finalMessages } from '../journal/messages.ts';
import { recordProven } from '../watch/record-chain.ts';
import { advance } from './advance.ts';
import { outboxOf } from './outbox.ts';
import { type ProvenBlock, provenBlock } from './proven-block.ts';
import { type Lane, sendAhead, sendRun } from './send-portions.ts';

/** Has an enclave take all final messages of a chain, or as many as it has room for, as soon as there are any. */
export async function proveMessages(bridge: Bridge, line: EnclaveLine, side: Side): Promise<void> {
  await line.commanding.run(async () => {
    const { chainId } = side.chain;
    const status = await line.client.ask('status', {});
    const outbox = outboxOf(status, chainId);
    const wanted = await finalMessageCount(bridge.database, chainId);
    if (outbox === undefined || outbox.position.count >= wanted) return;
    const block = await blockWith(bridge, { line, side, status }, wanted - 1n);
    if (block !== undefined) {
      await proveOutbox(bridge, { line, side, block, signal: bridge.signal }, status);
    }
  });
}

/**
 * Shows an enclave a chain's outbox at a block that it knows to be final: the messages that it lacks, or that there are
 * none. For a sequence that has the enclave to itself.
 */
export async function proveOutbox(
  bridge: Bridge,
  lane: Lane,
  status: EnclaveStatus,
): Promise<void> {
  const outbox = outboxOf(status, lane.side.chain.chainId);
  if (outbox === undefined) return;
  if (outbox.ahead !== null) return await sendAhead(bridge, lane, outbox);
  // The proof is of the whole outbox at that block, so the journal must not lag behind it.
  await recordProven(bridge, lane.side, lane.block);
  await sendRun(bridge, lane, outbox);
}

interface Standing {
  readonly line: EnclaveLine;
  readonly side: Side;
  readonly status: EnclaveStatus;
}

/** The newest block that the enclave knows, after its light client was moved if that block is before message `index`. */
async function blockWith(
  bridge: Bridge,
  { line, side, status }: Standing,
  index: bigint,
): Promise<ProvenBlock | undefined> {
  const { chainId } = side.chain;
  const at = { chainId, fromIndex: index, toBlock: ANY_BLOCK, limit: 1 };
  const [newest] = await finalMessages(bridge.database, at);
  const block = await provenBlock(status, side);
  if (block !== undefined && block.number >= (newest?.blockNumber ?? 0)) return block;
  return await provenBlock(await advance(bridge, line, side.lightClient), side);
}
