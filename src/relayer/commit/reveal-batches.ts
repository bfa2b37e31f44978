import { GATEWAY_SLOTS } from '../../protocol/contracts.ts';
import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import type { ChainPosition } from '../../protocol/message.ts';
import { answersOf, askEveryone, type Bridge, type Side } from '../bridge.ts';
import { recordBatches } from '../journal/batches.ts';
import { combineBatches } from './agreement.ts';

/**
 * Journals what a chain's gateway has not paid yet, signed for this relayer's account there. The enclaves that have come
 * furthest are asked: they know all of it, and the contract takes all signatures that come with a batch or none.
 */
export async function revealBatches(bridge: Bridge, side: Side): Promise<void> {
  const { chainId } = side.chain;
  const statuses = await askEveryone(bridge, async (line) => {
    return { line, status: await line.client.ask('status', {}) };
  });
  const { count: firstIndex } = await releasedAt(side);
  const counts = statuses.map(({ status }) => producedCount(status, chainId));
  const furthest = counts.toSorted((a, b) => (a < b ? 1 : -1))[0] ?? 0n;
  if (furthest <= firstIndex) return;
  const knowing = statuses.filter((_, i) => counts[i] === furthest);
  const submitter = side.signer.address;
  const revealed = await answersOf(bridge, knowing, async ({ line, status: { signer } }) => {
    const { batches } = await line.client.ask('reveal', { chainId, firstIndex, submitter });
    return { signer, batches };
  });
  const batches = combineBatches(bridge, revealed);
  await recordBatches(bridge.database, batches);
  bridge.log.info({ chain: side.chain.name, firstIndex, batches: batches.length }, 'revealed');
}

/** How far a chain's gateway has paid in the newest block. */
export async function releasedAt({ chain, gateway }: Side): Promise<ChainPosition> {
  const [head, count] = await Promise.all([
    chain.word(gateway, GATEWAY_SLOTS.releasedHead),
    chain.word(gateway, GATEWAY_SLOTS.releasedCount),
  ]);
  return { head, count: BigInt.asUintN(64, BigInt(count)) };
}

/** Releases that an enclave's ledger has for a chain. */
function producedCount({ ledger }: EnclaveStatus, chainId: bigint): bigint {
  return ledger.released.find((one) => one.chainId === chainId)?.position.count ?? 0n;
}
