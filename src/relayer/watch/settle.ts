import { type BlockRef, ChainError } from '../../chains/shared/bridged-chain.ts';
import type { CommitSeen } from '../../chains/shared/decode-logs.ts';
import type { ChainPosition } from '../../protocol/message.ts';
import { least } from '../../shared/bigints.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { Bridge, Side } from '../bridge.ts';
import { commitOf, commitsBetween, lastFinalCommit, settleCommits } from '../journal/commits.ts';
import { controlIn, finalControlCount, settleControl } from '../journal/control-messages.ts';
import type { ChainCursor } from '../journal/cursors.ts';
import type { Database } from '../journal/database.ts';
import { isAnyUnsettled } from '../journal/forget-unsettled.ts';
import { finalMessageCount, messagesIn, settleMessages } from '../journal/messages.ts';
import { finalReleaseCount, releaseCountIn, settleReleases } from '../journal/releases.ts';
import type { AnchorCounts, Counts } from './fetch-counts.ts';
import { replaySaid, replaySent } from './outbox-replay.ts';

// Logs are hints. A node that left some out, changed some or made some up is found out by what the contracts themselves
// have counted and hashed at a final block; only what agrees with that becomes final in the journal.

/** What is to become final, and what it is held to. */
export interface Settling {
  readonly side: Side;
  readonly cursor: ChainCursor;
  readonly final: BlockRef;
  /** At `final`. */
  readonly counts: Counts;
}

/**
 * Makes what the journal has of a chain up to a final block final. Call it in the transaction that saves the cursor.
 *
 * @returns the cursor that stands at that block
 * @throws {ChainError} CHAIN_ANSWER_INCOMPLETE: the logs that were recorded are not those that the contracts have counted
 */
export async function settle(
  bridge: Pick<Bridge, 'anchor'>,
  tx: Database,
  settling: Settling,
): Promise<ChainCursor> {
  const { cursor, final, counts } = settling;
  const about = { ...settling, isOpen: await isOpen(tx, settling) };
  const sentHead = await settleSent(tx, about);
  await settleReleased(tx, about);
  const { anchor } = counts;
  if (anchor !== undefined) await settleCommitted(tx, about, anchor);
  const controlHead =
    anchor === undefined
      ? cursor.controlHead
      : await settleSaid(tx, about, { ...anchor, address: bridge.anchor.address });
  return {
    blockNumber: final.number,
    readTo: Math.max(cursor.readTo, final.number),
    settledTo: Math.max(cursor.settledTo, final.number),
    sentHead,
    controlHead,
  };
}

/** With whether there can be rows at all that no contract has counted. */
interface Examining extends Settling {
  readonly isOpen: boolean;
}

/** Where all is settled nothing can be told of that is not counted, unless an older state was asked for than what was settled by. */
async function isOpen(tx: Database, { side, cursor, final, counts }: Settling): Promise<boolean> {
  if (final.number < cursor.settledTo) return true;
  const blocks = { chainId: side.chain.chainId, fromBlock: 0, toBlock: final.number };
  return await isAnyUnsettled(tx, blocks, counts.anchor ? 'all contracts' : 'the gateway');
}

/** Commits that are held in memory at a time. */
const COMMITS_AT_ONCE = 1000;
/** Above every index that the journal holds. */
const ANY_INDEX = 2n ** 63n - 1n;

async function settleSent(tx: Database, settling: Examining): Promise<Hex> {
  const { side, cursor, final, counts } = settling;
  const { chainId } = side.chain;
  const { count } = counts.sent;
  const fromIndex = await finalMessageCount(tx, chainId);
  const isNew = isAhead(settling, 'messages', [fromIndex, count]);
  const span = { chainId, fromIndex, endIndex: count, toBlock: final.number };
  const behind = { ...span, fromIndex: count, endIndex: ANY_INDEX };
  await requireNone(settling, 'messages', async () => (await messagesIn(tx, behind, 1)).length);
  if (!isNew) return cursor.sentHead;
  const from = { count: fromIndex, head: cursor.sentHead };
  const at = await replaySent(tx, side, from, span);
  requireSame(settling, 'messages', [at, counts.sent]);
  await settleMessages(tx, span);
  return at.head;
}

async function settleSaid(
  tx: Database,
  settling: Examining,
  { control, address }: Pick<AnchorCounts, 'control'> & { readonly address: Hex },
): Promise<Hex> {
  const { side, cursor, final } = settling;
  const source = { chainId: side.chain.chainId, address };
  const fromIndex = await finalControlCount(tx);
  const isNew = isAhead(settling, 'control messages', [fromIndex, control.count]);
  const span = { fromIndex, endIndex: control.count, toBlock: final.number };
  const behind = { ...span, fromIndex: control.count, endIndex: ANY_INDEX };
  const others = async () => (await controlIn(tx, behind, 1)).length;
  await requireNone(settling, 'control messages', others);
  if (!isNew) return cursor.controlHead;
  const from = { count: fromIndex, head: cursor.controlHead };
  const at = await replaySaid(tx, source, from, span);
  requireSame(settling, 'control messages', [at, control]);
  await settleControl(tx, span);
  return at.head;
}

/** Of a commit's parts it is the states that hang together: each follows from the one before it, the last is the anchor's. */
async function settleCommitted(
  tx: Database,
  settling: Examining,
  { committed, stateId }: Pick<AnchorCounts, 'committed' | 'stateId'>,
): Promise<void> {
  const { number: toBlock } = settling.final;
  const first = (await lastFinalCommit(tx)) ?? 0n;
  const isNew = isAhead(settling, 'commits', [first, committed]);
  await requireNone(settling, 'commits', async () => {
    const behind = await commitsBetween(tx, { after: committed, upTo: ANY_INDEX });
    return behind.filter(({ blockNumber }) => blockNumber <= toBlock).length;
  });
  if (!isNew) return;
  let last = await commitOf(tx, first);
  while ((last?.number ?? 0n) < committed) {
    const after = last?.number ?? 0n;
    const upTo = least(after + BigInt(COMMITS_AT_ONCE), committed);
    const next = await commitsBetween(tx, { after, upTo });
    for (const commit of next) {
      if (!follows(commit, last) || commit.blockNumber > toBlock) break;
      last = commit;
    }
    if (last?.number !== upTo) {
      throw incomplete(settling, `lack what follows commit ${last?.number ?? 0n} of ${committed}`);
    }
  }
  if (last?.postState !== stateId) throw incomplete(settling, `do not lead to state ${stateId}`);
  await settleCommits(tx, { after: first, upTo: committed, toBlock });
}

function follows(commit: CommitSeen, last: CommitSeen | undefined): boolean {
  if (last === undefined) return commit.number === 1n;
  return commit.number === last.number + 1n && commit.prevState === last.postState;
}

/** What a release is, its gateway's head of them tells an enclave; here it is that none is missing. */
async function settleReleased(tx: Database, settling: Examining): Promise<void> {
  const { side, final, counts } = settling;
  const { chainId } = side.chain;
  const fromIndex = await finalReleaseCount(tx, chainId);
  const isNew = isAhead(settling, 'releases', [fromIndex, counts.released]);
  const span = { chainId, fromIndex, endIndex: counts.released, toBlock: final.number };
  const behind = { ...span, fromIndex: counts.released, endIndex: ANY_INDEX };
  await requireNone(settling, 'releases', () => releaseCountIn(tx, behind));
  if (!isNew) return;
  const known = BigInt(await releaseCountIn(tx, span));
  if (known < counts.released - fromIndex) {
    throw incomplete(settling, `lack some of releases ${fromIndex} to ${counts.released}`);
  }
  await settleReleases(tx, span);
}

/**
 * Whether there is more than the journal has. Fewer is an older state's answer, unless that older state was asked for.
 *
 * @throws {ChainError} CHAIN_ANSWER_INCOMPLETE
 */
function isAhead(
  settling: Settling,
  what: string,
  [known, counted]: readonly [bigint, bigint],
): boolean {
  if (counted >= known) return counted > known;
  if (settling.final.number < settling.cursor.settledTo) return false;
  throw incomplete(settling, `show ${known} ${what}, of which its contracts count ${counted}`);
}

/** What is told of and counted by no contract was made up. */
async function requireNone(
  settling: Examining,
  what: string,
  countRows: () => Promise<number>,
): Promise<void> {
  if (!settling.isOpen || (await countRows()) === 0) return;
  throw incomplete(settling, `show ${what} that its contracts have not counted`);
}

function requireSame(
  settling: Settling,
  what: string,
  [replayed, counted]: readonly [ChainPosition, ChainPosition],
): void {
  if (replayed.count < counted.count) {
    throw incomplete(settling, `lack ${what} ${replayed.count} of ${counted.count}`);
  }
  if (replayed.head === counted.head) return;
  throw incomplete(settling, `show ${what} that do not lead to head ${counted.head}`);
}

function incomplete({ side: { chain }, final }: Settling, what: string): ChainError {
  const at = `the logs up to block ${final.number} ${what}; they are read again`;
  return new ChainError('CHAIN_ANSWER_INCOMPLETE', { chain: chain.name, what: at });
}
