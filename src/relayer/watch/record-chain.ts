import { type BlockRef, ChainError, type ContractLog } from '../../chains/shared/bridged-chain.ts';
import {
  decodeLogs,
  joinSeen,
  NOTHING_SEEN,
  type SeenLogs,
} from '../../chains/shared/decode-logs.ts';
import type { Bridge, Side } from '../bridge.ts';
import { recordCommits } from '../journal/commits.ts';
import { recordControl } from '../journal/control-messages.ts';
import {
  type ChainCursor,
  changeChain,
  cursorBefore,
  isSameCursor,
  loadChainCursor,
  saveCursor,
} from '../journal/cursors.ts';
import type { Database } from '../journal/database.ts';
import { forgetUnsettled, isAnythingOf, type ReadContracts } from '../journal/forget-unsettled.ts';
import { journalChanges } from '../journal/journal-changes.ts';
import { recordMessages } from '../journal/messages.ts';
import { recordReleases } from '../journal/releases.ts';
import { takeBackChanges } from '../journal/state-changes.ts';
import { changesShown } from './changes-shown.ts';
import { type Counts, fetchCounts } from './fetch-counts.ts';
import { passQuiet } from './pass-quiet.ts';
import { type BlockSpan, FIRST_BLOCKS, lengthAfter, type Portion, portionsOf } from './portions.ts';
import { readAgain } from './read-again.ts';
import { beyondRecorded, firstToRead, noteRecorded } from './recorded-logs.ts';
import { settle } from './settle.ts';

/** Blocks that are read again before the last that was settled, if what follows them does not agree with the contracts' counts. */
const REREAD_BLOCKS = 64;

/** The newest block, and the newest that is final. */
interface Newest {
  readonly head: BlockRef;
  readonly final: BlockRef;
}

/** Records what blocks that are not final yet say. The cursor stays. */
export async function recordHead(
  bridge: Bridge,
  side: Side,
  { head, final }: Newest,
): Promise<void> {
  await side.recording.run(async () => {
    // Never a final block, which nothing replaces: after a rewind the cursor is behind them. What a fork that lost showed
    // beyond the head is taken back once the head is there: an older head is no reason to.
    const whole = { fromBlock: Math.max(final.number + 1, side.fromBlock), toBlock: head.number };
    if (whole.fromBlock > whole.toBlock) return;
    const span = { ...whole, fromBlock: await firstToRead(side, whole) };
    const all = { span, logs: await readLogs(side, span) };
    const fresh = beyondRecorded(side, all);
    const seen = decode(side, fresh.logs, 'not final');
    const reading = { side, seen, isFinal: false, span: fresh.span };
    // Most blocks show nothing: there is nothing to be written then, unless something has to be taken back.
    if (fresh.logs.length > 0 || (await isKnown(bridge, reading, bridge.database))) {
      await changeChain(bridge.database, side.chain.chainId, async (tx, cursor) => {
        // Another process may know more of what is final.
        const settledTo = Math.max(final.number, cursor?.settledTo ?? final.number);
        await takeBack(bridge, { ...reading, settledTo }, tx);
        await record(bridge, reading, tx);
      });
    }
    noteRecorded(side, head, all.logs);
  });
}

/**
 * Records what final blocks say, up to `upTo`, in portions. The last of them is recorded together with the cursor, and only
 * if all of them are what the contracts have counted at that block.
 *
 * @throws {ChainError} CHAIN_ANSWER_INCOMPLETE: they are not; they will be read again, from another node if there is one
 */
export async function recordFinal(bridge: Bridge, side: Side, upTo: BlockRef): Promise<void> {
  await side.recording.run(async () => {
    const { chain, fromBlock } = side;
    const cursor =
      (await loadChainCursor(bridge.database, chain.chainId)) ?? cursorBefore(fromBlock);
    requireSomethingFinal(side, upTo, cursor);
    if (upTo.number <= cursor.blockNumber) return;
    try {
      await readUpTo(bridge, { side, upTo, counts: await fetchCounts(bridge, side, upTo) }, cursor);
    } catch (error) {
      if (error instanceof ChainError && error.code === 'CHAIN_ANSWER_INCOMPLETE') {
        await readAgain(bridge, side, {
          why: 'its logs are not what the contracts have counted',
          said: 'logs lack what is counted; reading again',
          // From further back each time: what is missing now may have been left out, and not counted, before.
          resumeAt: (at) => 2 * at.blockNumber - at.settledTo - REREAD_BLOCKS + 1,
        });
      }
      throw error;
    }
  });
}

/**
 * Records what blocks say up to one that an enclave calls final, if the chain's nodes do so as well: one enclave's word makes nothing final in
 * the journal.
 *
 * @throws {ChainError} CHAIN_UNAVAILABLE: they do not @throws as {@link recordFinal}
 */
export async function recordProven(bridge: Bridge, side: Side, block: BlockRef): Promise<void> {
  const { chain } = side;
  const cursor = await loadChainCursor(bridge.database, chain.chainId);
  if (cursor !== undefined && block.number <= cursor.blockNumber) return;
  const final = await chain.finalizedHead();
  if (final.number < block.number || (await chain.hashAt(block.number)) !== block.hash) {
    const what = `block ${block.number}, which an enclave calls final, is not so by its nodes`;
    throw new ChainError('CHAIN_UNAVAILABLE', { chain: chain.name, what });
  }
  await recordFinal(bridge, side, block);
}

/** Nodes that do not tell of finality at all sound like those of a chain that has none yet. @throws {ChainError} CHAIN_ANSWER_INCOMPLETE */
function requireSomethingFinal(
  { chain, fromBlock }: Side,
  upTo: BlockRef,
  { settledTo }: ChainCursor,
): void {
  if (upTo.number >= fromBlock || settledTo < fromBlock) return;
  const what = `nothing after block ${upTo.number} is said to be final, and block ${settledTo} was; do its nodes serve light clients?`;
  throw new ChainError('CHAIN_ANSWER_INCOMPLETE', { chain: chain.name, what });
}

interface Reach {
  readonly side: Side;
  readonly upTo: BlockRef;
  readonly counts: Counts;
}

async function readUpTo(bridge: Bridge, reach: Reach, cursor: ChainCursor): Promise<void> {
  const { upTo } = reach;
  let at = cursor;
  let length = FIRST_BLOCKS;
  while (at.readTo < upTo.number) {
    const toBlock = Math.min(at.readTo + length, upTo.number);
    const span = { fromBlock: at.readTo + 1, toBlock };
    const chunk = { span, logs: await readLogs(reach.side, span) };
    at = await recordChunk(bridge, { ...reach, cursor: at }, chunk);
    length = lengthAfter(chunk);
  }
  if (at.blockNumber < upTo.number) {
    await goOnFrom(bridge, { ...reach, cursor: at }, (tx) =>
      moveCursor(bridge, tx, { ...reach, cursor: at }),
    );
  }
}

interface Going extends Reach {
  readonly cursor: ChainCursor;
}

/**
 * Goes on from where the journal was when this process looked. If another has gone on meanwhile nothing is done: what was asked then does
 * not fit any more.
 *
 * @returns where the journal is now
 */
async function goOnFrom(
  { database }: Bridge,
  { side, cursor }: Going,
  work: (tx: Database) => Promise<ChainCursor>,
): Promise<ChainCursor> {
  return await changeChain(database, side.chain.chainId, async (tx, found) => {
    const now = found ?? cursorBefore(side.fromBlock);
    return isSameCursor(now, cursor) ? await work(tx) : now;
  });
}

async function recordChunk(
  bridge: Bridge,
  going: Going,
  { span: chunk, logs: all }: Portion,
): Promise<ChainCursor> {
  const { side, cursor, upTo, counts } = going;
  if (all.length === 0 && chunk.toBlock === upTo.number) {
    const passed = await passQuiet(bridge, { side, cursor, final: upTo, counts });
    if (passed !== undefined) return passed;
  }
  const portions = portionsOf(all, chunk).map(({ logs, span }) => {
    return { side, seen: decode(side, logs, 'final'), isFinal: true, span };
  });
  let at = cursor;
  for (const portion of portions) {
    const read = { ...at, readTo: portion.span.toBlock };
    at = await goOnFrom(bridge, { ...going, cursor: at }, async (tx) => {
      if (portion === portions[0]) {
        const seen = portions.map((each) => each.seen).reduce(joinSeen, NOTHING_SEEN);
        const { settledTo } = cursor;
        await takeBack(bridge, { ...portion, seen, span: chunk, settledTo }, tx);
      }
      await record(bridge, portion, tx);
      if (read.readTo === upTo.number) {
        return await moveCursor(bridge, tx, { ...going, cursor: read });
      }
      await saveCursor(tx, side.chain.chainId, read);
      return read;
    });
    if (at.readTo !== portion.span.toBlock) return at;
  }
  return at;
}

async function moveCursor(
  bridge: Bridge,
  tx: Database,
  { side, upTo, counts, cursor }: Going,
): Promise<ChainCursor> {
  const settled = await settle(bridge, tx, { side, cursor, final: upTo, counts });
  await saveCursor(tx, side.chain.chainId, settled);
  return settled;
}

function readLogs({ chain, contracts }: Side, span: BlockSpan): Promise<ContractLog[]> {
  return chain.logs({ addresses: contracts, ...span });
}

interface Reading {
  readonly side: Side;
  readonly seen: SeenLogs;
  readonly isFinal: boolean;
  readonly span: BlockSpan;
}

async function record(bridge: Bridge, reading: Reading, tx: Database): Promise<void> {
  const { side, seen, isFinal } = reading;
  // Final in the journal is what was settled: by then it is held to more than one node's logs.
  const unsettled = <R extends { readonly isFinal: boolean }>(rows: readonly R[]) =>
    rows.map((row) => ({ ...row, isFinal: false }));
  await recordMessages(tx, unsettled(seen.messages));
  await recordCommits(tx, unsettled(seen.commits));
  await recordControl(tx, unsettled(seen.controls));
  await recordReleases(tx, side.chain.chainId, { ...seen, isFinal });
  const changes = await changesShown(bridge, reading, tx);
  await journalChanges({ database: tx, log: bridge.log }, changes);
}

/** Forgets what these blocks have shown and do not show any more. */
async function takeBack(
  bridge: Bridge,
  reading: Reading & { readonly settledTo: number },
  tx: Database,
): Promise<void> {
  const { side, span, settledTo } = reading;
  const { chainId } = side.chain;
  if (!(await isKnown(bridge, reading, tx))) return;
  await forgetUnsettled(tx, { chainId, ...span }, contractsOf(bridge, side));
  const changes = await changesShown(bridge, reading, tx);
  // What is settled is not taken back because one node does not tell of it any more.
  const unsettled = { chainId, ...span, fromBlock: Math.max(span.fromBlock, settledTo + 1) };
  for (const gone of await takeBackChanges(tx, unsettled, changes)) {
    bridge.log.warn(gone, `${gone.subject} is not ${gone.state}: its block was replaced`);
  }
}

/** Whether these blocks have shown anything before. */
async function isKnown(
  bridge: Bridge,
  { side, span }: Pick<Reading, 'side' | 'span'>,
  database: Database,
): Promise<boolean> {
  const { chainId } = side.chain;
  return await isAnythingOf(database, { chainId, ...span }, contractsOf(bridge, side));
}

function contractsOf({ anchor }: Bridge, side: Side): ReadContracts {
  return side === anchor.side ? 'all contracts' : 'the gateway';
}

function decode(
  { chain: { name, chainId }, gateway }: Side,
  logs: readonly ContractLog[],
  blocks: 'final' | 'not final',
): SeenLogs {
  return decodeLogs(logs, { chain: name, chainId, gateway, isFinal: blocks === 'final' });
}
