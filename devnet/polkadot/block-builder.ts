import { concatBytes, type Hex, toHex } from '../../src/shared/bytes.ts';
import type { DevKey } from './authority-keys.ts';
import { advanceGrandpaPoint } from './authority-set.ts';
import type { Block } from './block-tree.ts';
import { applyDiff, computeStateRoot, type StorageDiff } from './chain-state.ts';
import { encodeBytes, encodeCompact } from './compact.ts';
import { type Executor, type RuntimeCall, RuntimeTrapError } from './executor.ts';
import { computeExtrinsicsRoot } from './extrinsics-root.ts';
import {
  computeHeaderHash,
  decodeHeader,
  encodeAuraPreDigest,
  encodeAuraSeal,
  encodeHeader,
  type Header,
  ZERO_HASH,
} from './header.ts';
import { bytesOf } from './hex.ts';

export type BlockDraft = {
  readonly parent: Block;
  readonly slot: number;
  readonly timestampMs: number;
  readonly author: DevKey;
  /** In the order in which they are to be applied. */
  readonly extrinsics: readonly Hex[];
};

export type Refusal = {
  readonly extrinsic: Hex;
  /** The runtime's `ApplyExtrinsicResult`; undefined if it trapped. */
  readonly result: Hex | undefined;
};

export type BuiltBlock = {
  readonly block: Block;
  readonly diff: StorageDiff;
  readonly refused: readonly Refusal[];
};

type Execution = { readonly header: Header; readonly diff: StorageDiff };

/** `Err(Invalid(ExhaustsResources))`: the block is full. */
const EXHAUSTED: Hex = '0x010006';

/** Executes, seals and returns the next block; extrinsics that the runtime refuses are left out. */
export async function buildBlock(executor: Executor, draft: BlockDraft): Promise<BuiltBlock> {
  const refused: Refusal[] = [];
  let extrinsics = draft.extrinsics;
  for (;;) {
    const execution = await execute(executor, draft, extrinsics);
    if (execution !== undefined) return seal(draft, { extrinsics, execution, refused });
    const index = await findFirstRefused(executor, draft, extrinsics);
    const result = await applyResult(executor, draft, extrinsics.slice(0, index + 1));
    // A full block ends here and what follows waits; alone in a block it would never fit.
    if (result === EXHAUSTED && index > 0) extrinsics = extrinsics.slice(0, index);
    else {
      refused.push({ extrinsic: extrinsics[index] ?? '0x', result });
      extrinsics = extrinsics.toSpliced(index, 1);
    }
  }
}

/**
 * Runs a block in one task. A task returns only its last call's result, so a refused extrinsic is
 * silent; but the header's extrinsics root covers what was applied and nothing else.
 *
 * @returns undefined if not all of them were applied
 */
async function execute(
  executor: Executor,
  draft: BlockDraft,
  extrinsics: readonly Hex[],
): Promise<Execution | undefined> {
  const calls = [...openingCalls(draft, extrinsics), finalizeCall];
  try {
    const { result, diff } = await executor.run(draft.parent.state, calls);
    const header = decodeHeader(bytesOf(result));
    const expected = computeExtrinsicsRoot([encodeTimestampInherent(draft), ...extrinsics]);
    return header.extrinsicsRoot === expected ? { header, diff } : undefined;
  } catch (error) {
    if (error instanceof RuntimeTrapError && extrinsics.length > 0) return undefined;
    throw error;
  }
}

const finalizeCall: RuntimeCall = ['BlockBuilder_finalize_block', []];

function openingCalls(draft: BlockDraft, extrinsics: readonly Hex[]): readonly RuntimeCall[] {
  const all = [encodeTimestampInherent(draft), ...extrinsics];
  return [
    initializeCall(draft.parent, [encodeAuraPreDigest(draft.slot)]),
    ...all.map((extrinsic): RuntimeCall => ['BlockBuilder_apply_extrinsic', [extrinsic]]),
  ];
}

/** The call that opens a block on top of `parent`. */
export function initializeCall(parent: Block, logs: readonly Hex[]): RuntimeCall {
  const header: Header = {
    parentHash: parent.hash,
    number: parent.header.number + 1,
    stateRoot: ZERO_HASH,
    extrinsicsRoot: ZERO_HASH,
    logs,
  };
  return ['Core_initialize_block', [toHex(encodeHeader(header))]];
}

/** Bare extrinsic of version 5, call 0 of pallet 1: `Timestamp.set`. The runtime makes the same. */
function encodeTimestampInherent({ timestampMs }: BlockDraft): Hex {
  const call = concatBytes(Uint8Array.of(5, 1, 0), encodeCompact(timestampMs));
  return toHex(encodeBytes(call));
}

/** Bisects: a prefix is fine if all of it is applied. */
async function findFirstRefused(
  executor: Executor,
  draft: BlockDraft,
  extrinsics: readonly Hex[],
): Promise<number> {
  let fine = 0;
  let spoilt = extrinsics.length;
  while (spoilt - fine > 1) {
    const middle = (fine + spoilt) >> 1;
    const execution = await execute(executor, draft, extrinsics.slice(0, middle));
    if (execution === undefined) spoilt = middle;
    else fine = middle;
  }
  return spoilt - 1;
}

/** The runtime's answer to the last of `extrinsics`; undefined if it trapped. */
async function applyResult(
  executor: Executor,
  draft: BlockDraft,
  extrinsics: readonly Hex[],
): Promise<Hex | undefined> {
  try {
    const calls = openingCalls(draft, extrinsics);
    return (await executor.run(draft.parent.state, calls)).result;
  } catch (error) {
    if (error instanceof RuntimeTrapError) return undefined;
    throw error;
  }
}

function seal(
  draft: BlockDraft,
  made: { extrinsics: readonly Hex[]; execution: Execution; refused: readonly Refusal[] },
): BuiltBlock {
  const { execution, refused } = made;
  const state = applyDiff(draft.parent.state, execution.diff);
  const preSeal: Header = { ...execution.header, stateRoot: computeStateRoot(state) };
  const signature = draft.author.sign(bytesOf(computeHeaderHash(preSeal)));
  const header: Header = { ...preSeal, logs: [...preSeal.logs, encodeAuraSeal(signature)] };
  const block: Block = {
    hash: computeHeaderHash(header),
    header,
    extrinsics: [encodeTimestampInherent(draft), ...made.extrinsics],
    state,
    grandpa: advanceGrandpaPoint(draft.parent.grandpa, header),
  };
  return { block, diff: execution.diff, refused };
}
