import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { EnclaveError } from '../enclave-error.ts';
import { blindingOfState } from '../ledger-at.ts';
import { chunksOf, sealChunk, snapshotContent } from '../snapshot.ts';
import type { EnclaveContext, EnclaveState, SnapshotShown } from '../state.ts';
import type { Step } from './step.ts';

/**
 * One chunk of a sealed snapshot. Chunk 0 begins one of the ledger as it stands, which is anchored and final; the others go on
 * with it though the ledger has moved. Once the last has been shown it is forgotten.
 *
 * @throws {EnclaveError} ENCLAVE_SNAPSHOT_MISPLACED
 */
export function exportSnapshot(
  state: EnclaveState,
  params: CommandParams<'exportSnapshot'>,
  context: EnclaveContext,
): Step<'exportSnapshot'> {
  const chunk = Number(params.chunk);
  const shown = chunk === 0 ? begin(state, context) : state.shown;
  const chunks = shown === null ? 0 : chunksOf(shown.content.length);
  if (shown === null || chunk >= chunks) {
    const message = `Expected chunk 0, or one of ${chunks} of the snapshot that was begun, got ${chunk}; begin anew.`;
    throw new EnclaveError('ENCLAVE_SNAPSHOT_MISPLACED', message, { chunk, chunks });
  }
  const { number, stateId, content } = shown;
  const bytes = sealChunk(context.keys.snapshotKey, content, {
    id: stateId,
    number,
    chunk,
    chunks,
  });
  const next = { ...state, shown: chunk + 1 === chunks ? null : shown };
  return { state: next, result: { number, stateId, chunks: BigInt(chunks), bytes } };
}

function begin({ durable }: EnclaveState, { keys }: EnclaveContext): SnapshotShown {
  const { state, stateId } = durable.ledger;
  const content = snapshotContent(state, blindingOfState(state, keys));
  return { number: state.number, stateId, content };
}
