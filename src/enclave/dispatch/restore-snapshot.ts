import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { MAX_SNAPSHOT_CHUNKS } from '../../protocol/limits.ts';
import type { StateProof } from '../../protocol/state-proof.ts';
import { concatBytes, type Hex } from '../../shared/bytes.ts';
import { EnclaveError } from '../enclave-error.ts';
import { proveAnchoredState } from '../prove-word.ts';
import { type ChunkPlace, openChunk, readSnapshot, refused } from '../snapshot.ts';
import type { EnclaveContext, EnclaveState, LedgerAt, SnapshotTaken } from '../state.ts';
import { withLedger } from '../with-ledger.ts';
import { describeState } from './status.ts';
import type { Step } from './step.ts';

/**
 * Takes one chunk of a snapshot. With the last comes the proof that the anchor keeps its state id after transition `number`;
 * then it is the ledger.
 *
 * SECURITY: what a snapshot says of itself counts for nothing: the id that is computed from its content must be the one that
 * is proven. The ledger never goes back.
 *
 * @throws {EnclaveError} ENCLAVE_SNAPSHOT_MISPLACED, ENCLAVE_SNAPSHOT_REFUSED, ENCLAVE_NOT_ANCHORED
 * @throws as `proveAnchoredState`
 */
export async function restoreSnapshot(
  state: EnclaveState,
  params: CommandParams<'restoreSnapshot'>,
  context: EnclaveContext,
): Promise<Step<'restoreSnapshot'>> {
  const { proof, number, bytes } = params;
  const asked = { number, chunk: Number(params.chunk), chunks: Number(params.chunks) };
  requirePlace(state, { ...asked, isLast: proof !== null });
  const { id, part } = openChunk(context.keys.snapshotKey, bytes, asked);
  const taken = append(state.taken, { ...asked, id, part });
  const next =
    proof === null
      ? { ...state, taken }
      : withLedger(state, restore({ state, context, taken }, { number, proof }));
  return { state: next, result: await describeState(next, context) };
}

interface Asked extends ChunkPlace {
  /** It comes with the proof. */
  readonly isLast: boolean;
}

function requirePlace({ durable }: EnclaveState, { number, chunk, chunks, isLast }: Asked): void {
  const { number: reached } = durable.ledger.state;
  if (number <= reached) {
    const message = `Expected a snapshot behind transition ${reached}, got one of ${number}; the ledger is as far.`;
    throw new EnclaveError('ENCLAVE_SNAPSHOT_MISPLACED', message, { number, reached });
  }
  const isInBounds = chunk < chunks && chunks <= MAX_SNAPSHOT_CHUNKS;
  if (isInBounds && isLast === (chunk + 1 === chunks)) return;
  const message = `Expected chunks up to ${MAX_SNAPSHOT_CHUNKS} of which the last comes with a proof, got ${chunk} of ${chunks}.`;
  throw new EnclaveError('ENCLAVE_SNAPSHOT_MISPLACED', message, { chunk, chunks });
}

interface Opened extends ChunkPlace {
  readonly id: Hex;
  readonly part: Uint8Array;
}

function append(taken: SnapshotTaken | null, opened: Opened): SnapshotTaken {
  const { number, id, chunk, chunks, part } = opened;
  if (chunk === 0) return { number, stateId: id, chunks, parts: [part] };
  const isSame = taken?.number === number && taken.stateId === id && taken.chunks === chunks;
  const expected = isSame ? taken.parts.length : 0;
  if (isSame && chunk === expected) return { ...taken, parts: [...taken.parts, part] };
  const message = `Expected chunk ${expected} of a snapshot, got ${chunk}; send them in order.`;
  throw new EnclaveError('ENCLAVE_SNAPSHOT_MISPLACED', message, { chunk, expected });
}

function restore(
  {
    state,
    context,
    taken,
  }: {
    readonly state: EnclaveState;
    readonly context: EnclaveContext;
    readonly taken: SnapshotTaken;
  },
  at: { readonly number: bigint; readonly proof: StateProof },
): LedgerAt {
  const anchored = proveAnchoredState(state, context, at);
  const ledger = readSnapshot(concatBytes(...taken.parts));
  if (ledger.stateId === anchored && ledger.state.number === at.number) return ledger;
  throw refused();
}
