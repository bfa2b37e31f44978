import * as z from 'zod';
import { chainOf } from '../enclave/measured-config.ts';
import { proveControlHead, proveSentHead } from '../enclave/prove-word.ts';
import { replay, replayControl, requireHead } from '../enclave/replay.ts';
import type { EnclaveContext, EnclaveState } from '../enclave/state.ts';
import type { CommandParams } from '../protocol/enclave-commands.ts';
import { MAX_CHAINS } from '../protocol/limits.ts';
import { type ChainPosition, EMPTY_HEAD } from '../protocol/message.ts';
import { hexOf } from '../shared/hex-schema.ts';
import { parseLine } from './parse-line.ts';
import { EvidenceFileError } from './verify-step.ts';

/** How far a record has shown a chain's outbox. */
interface Outbox {
  readonly proven: ChainPosition;
  /** Up to where portions reach that no proof has confirmed yet. */
  readonly scanned: ChainPosition;
}

/** The gateways', by chain id, and the anchor's own. */
export type OutboxId = bigint | 'control';

/** Changed in place. */
export type Outboxes = Map<OutboxId, Outbox>;

const EMPTY: ChainPosition = { count: 0n, head: EMPTY_HEAD };

const uint64 = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,19})$/)
  .transform((text) => BigInt(text));
const position = z.strictObject({ count: uint64, head: hexOf(32) });
const restoredSchema = z.strictObject({
  ingested: z.array(z.strictObject({ chainId: uint64, position })).max(MAX_CHAINS),
  control: z.strictObject({ position }),
});

/**
 * Goes on from the positions that a snapshot was of. SECURITY: a record only says them, but a wrong one is found out: from it no
 * messages replay to a head that is proven.
 *
 * @throws {EvidenceFileError} another form
 */
export function goOnFrom(restored: unknown, outboxes: Outboxes): string {
  const { ingested, control } = parseLine(restoredSchema, restored);
  const all = [
    ...ingested.map((outbox) => [outbox.chainId, outbox.position] as const),
    ['control', control.position] as const,
  ];
  for (const [id, at] of all) outboxes.set(id, { proven: at, scanned: at });
  const places = all.map(([id, { count }]) => `${id}: ${count}`).join(', ');
  return `a snapshot; later steps have to prove the messages before ${places}`;
}

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

/**
 * Checks control messages as the enclave does.
 *
 * @throws as {@link verifyIngest}
 */
export function verifyControl(
  { fromIndex, messages, proof }: CommandParams<'ingestControl'>,
  outboxes: Outboxes,
  { state, context }: { readonly state: EnclaveState; readonly context: EnclaveContext },
): string {
  const { proven } = outboxes.get('control') ?? { proven: EMPTY };
  if (fromIndex !== proven.count) {
    throw new EvidenceFileError(
      `control messages from index ${fromIndex} on, after ${proven.count}`,
    );
  }
  const end = replayControl(proven, messages, context.config.anchor);
  requireHead(proven, end, proveControlHead(state, context, proof).head);
  outboxes.set('control', { proven: end, scanned: end });
  return `anchor: ${messages.length} control message(s) from index ${fromIndex} on replay to the proven head ${end.head}`;
}
