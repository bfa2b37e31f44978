import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import { advanceGrandpaPoint } from './authority-set.ts';
import type { BuiltBlock } from './block-builder.ts';
import type { Block, BlockTree, FinalityEvent } from './block-tree.ts';
import { applyDiff, computeStateRoot, type StorageDiff } from './chain-state.ts';
import { computeHeaderHash, decodeHeader, encodeHeader } from './header.ts';
import { bytesOf } from './hex.ts';

/** What a chain has done, one JSON object per line, from which a restart rebuilds it. */
export type ChainLog = {
  appendBlock(built: BuiltBlock): void;
  appendFinality(event: FinalityEvent): void;
  close(): void;
};

type Entry =
  | { readonly kind: 'genesis'; readonly hash: Hex }
  | { readonly kind: 'final'; readonly hash: Hex; readonly justification: Hex }
  | {
      readonly kind: 'block';
      readonly header: Hex;
      readonly extrinsics: readonly Hex[];
      readonly diff: StorageDiff;
    };

const FILE_NAME = 'chain.jsonl';

/** A chain that lives in memory only. */
export const NO_LOG: ChainLog = {
  appendBlock: () => undefined,
  appendFinality: () => undefined,
  close: () => undefined,
};

/** Replays what the folder holds into a tree at genesis and goes on appending to it. */
export function openChainLog(dataDir: string, tree: BlockTree): ChainLog {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, FILE_NAME);
  const isNew = !existsSync(path) || !replay(path, tree);
  const file = openSync(path, 'a');
  const append = (entry: Entry) => writeSync(file, `${JSON.stringify(entry)}\n`);
  if (isNew) append({ kind: 'genesis', hash: tree.genesis.hash });
  return {
    appendBlock: ({ block, diff }) =>
      append({
        kind: 'block',
        header: toHex(encodeHeader(block.header)),
        extrinsics: block.extrinsics,
        diff,
      }),
    appendFinality: ({ block, justification }) =>
      append({ kind: 'final', hash: block.hash, justification }),
    close: () => closeSync(file),
  };
}

/** False if there was nothing to replay. */
function replay(path: string, tree: BlockTree): boolean {
  const text = readFileSync(path, 'utf8');
  // A process that was killed may leave half a line: it is cut off and written again.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
  const lines = whole.split('\n').slice(0, -1);
  for (const line of lines) replayEntry(parseEntry(line), tree);
  return lines.length > 0;
}

/** The file is this process's own; a line that is no JSON was damaged by something else. */
function parseEntry(line: string): Entry {
  try {
    return JSON.parse(line) as Entry;
  } catch (cause) {
    throw new ChainLogError('DEVNET_DATA_DIR_CORRUPT', { found: line.slice(0, 80) }, { cause });
  }
}

function replayEntry(entry: Entry, tree: BlockTree): void {
  if (entry.kind === 'genesis') {
    if (entry.hash !== tree.genesis.hash) throw foreign(entry.hash, tree.genesis.hash);
    return;
  }
  if (entry.kind === 'block') {
    tree.import(restoreBlock(entry, tree));
    return;
  }
  const block = tree.get(entry.hash);
  if (block !== undefined) tree.finalize(block, entry.justification);
}

function restoreBlock(entry: Extract<Entry, { kind: 'block' }>, tree: BlockTree): Block {
  const header = decodeHeader(bytesOf(entry.header));
  const hash = computeHeaderHash(header);
  const parent = tree.get(header.parentHash);
  if (parent === undefined) throw foreign(hash, header.parentHash);
  const state = applyDiff(parent.state, entry.diff);
  if (computeStateRoot(state) !== header.stateRoot) {
    throw foreign(hash, header.parentHash);
  }
  return {
    hash,
    header,
    extrinsics: entry.extrinsics,
    state,
    grandpa: advanceGrandpaPoint(parent.grandpa, header),
  };
}

function foreign(found: Hex, expected: Hex): ChainLogError {
  return new ChainLogError('DEVNET_DATA_DIR_FOREIGN', { found, expected });
}

type ChainLogMeta = { readonly found: string; readonly expected?: Hex };

export class ChainLogError extends BridgeError<ChainLogMeta> {
  readonly code: 'DEVNET_DATA_DIR_FOREIGN' | 'DEVNET_DATA_DIR_CORRUPT';
  readonly disposition = 'halt';
  constructor(code: ChainLogError['code'], meta: ChainLogMeta, options?: { cause?: unknown }) {
    const expected = meta.expected === undefined ? 'a line of JSON' : `a block on ${meta.expected}`;
    super(
      `The data folder holds ${meta.found}, expected ${expected}: use an empty folder or the options it was made with.`,
      meta,
      options,
    );
    this.code = code;
  }
}
