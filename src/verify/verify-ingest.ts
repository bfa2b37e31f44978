import { chainOf } from '../enclave/measured-config.ts';
import { proveSentHead } from '../enclave/prove-word.ts';
import { replay, requireHead } from '../enclave/replay.ts';
import type { EnclaveContext, EnclaveState } from '../enclave/state.ts';
import type { CommandParams } from '../protocol/enclave-commands.ts';
import { type ChainPosition, EMPTY_HEAD } from '../protocol/message.ts';
import { EvidenceFileError } from './verify-step.ts';

/** How far a record has shown a chain's outbox. */
interface Outbox {
  readonly proven: ChainPosition;
  /** Up to where portions reach that no proof has confirmed yet. */
  readonly scanned: ChainPosition;
}

/** By chain id; changed in place. */
export type Outboxes = Map<bigint, Outbox>;

const EMPTY: ChainPosition = { count: 0n, head: EMPTY_HEAD };

/**
 * Checks a portion of a chain's messages as the enclave does, but keeps none of them: whoever verifies has nothing to
 * open and needs no room.
 *
 * @throws {EvidenceFileError} it goes on from nowhere that the record has shown
 * @throws {EnclaveError} ENCLAVE_CHAIN_UNKNOWN, ENCLAVE_REPLAY_MISMATCH
 * @throws as `proveSentHead`
 */
export function verifyIngest(
  { chainId, fromIndex, messages, proof }: CommandParams<'ingest'>,
  outboxes: Outboxes,
  { state, context }: { readonly state: EnclaveState; readonly context: EnclaveContext },
): string {
  const { gateway } = chainOf(context.config, chainId);
  const { proven, scanned } = outboxes.get(chainId) ?? { proven: EMPTY, scanned: EMPTY };
  const from = [proven, scanned].find(({ count }) => count === fromIndex);
  if (from === undefined) {
    const places = `${proven.count} or ${scanned.count}`;
    throw new EvidenceFileError(
      `messages of chain ${chainId} from index ${fromIndex} on, after ${places}`,
    );
  }
  const { end } = replay(from, messages, { chainId, gateway: gateway.address });
  const what = `chain ${chainId}: ${messages.length} message(s) from index ${fromIndex} on`;
  if (proof === null) {
    outboxes.set(chainId, { proven, scanned: end });
    return `${what}, which a later step has to prove`;
  }
  const { head } = proveSentHead(state, context, { chainId, proof });
  requireHead(proven, end, head);
  outboxes.set(chainId, { proven: end, scanned: end });
  return `${what} replay to the proven sent head ${end.head}, ${end.count} in all`;
}
