import { eq, sql } from 'drizzle-orm';
import { EMPTY_HEAD } from '../../protocol/message.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { Database } from './database.ts';
import { makeOnce } from './made-statement.ts';
import { cursors } from './schema.ts';

/** How far a chain is in the journal. */
export interface ChainCursor {
  /** The last block of which everything is in the journal, and held to what the contracts themselves count. */
  readonly blockNumber: number;
  /** The last final block whose logs are in the journal; what comes after `blockNumber` is not held to anything yet. */
  readonly readTo: number;
  /** The highest that `blockNumber` ever was: what blocks up to here have shown is taken back by nobody. */
  readonly settledTo: number;
  /** Head of the gateway's outbox after the last final message in the journal. */
  readonly sentHead: Hex;
  /** Head of the anchor's outbox after the last final control message in the journal, on the anchor's chain. */
  readonly controlHead: Hex;
}

/** The cursor of a chain of which nothing before block `fromBlock` matters, and nothing is read yet. */
export function cursorBefore(fromBlock: number): ChainCursor {
  const before = fromBlock - 1;
  return {
    blockNumber: before,
    readTo: before,
    settledTo: before,
    sentHead: EMPTY_HEAD,
    controlHead: EMPTY_HEAD,
  };
}

/** The last block of chain `chainId` of which everything is in the journal; undefined before the first. */
export async function loadCursor(database: Database, chainId: bigint): Promise<number | undefined> {
  return (await loadChainCursor(database, chainId))?.blockNumber;
}

/** The whole cursor of chain `chainId`; undefined before anything was read. */
export async function loadChainCursor(
  database: Database,
  chainId: bigint,
): Promise<ChainCursor | undefined> {
  const [row] = await cursorOf(database, { chainId });
  return row;
}

const cursorOf = makeOnce(['chainId'], (database, { chainId }) =>
  database.select().from(cursors).where(eq(cursors.chainId, chainId)),
);

/** First key of the lock of whoever changes what the journal has of a chain. Any number; the same for every process. */
export const RECORDING_LOCK = 7_611_895;

/** The second key of that lock, a signed number of 32 bits. */
export function recordingKey(chainId: bigint): number {
  return Number(BigInt.asIntN(32, chainId));
}

/**
 * Changes what the journal has of a chain, in a transaction that no other of the same chain runs beside, of this process or of another
 * that shares the journal.
 *
 * @param work gets the chain's cursor as it is now: what was read before may be older
 */
export async function changeChain<T>(
  database: Database,
  chainId: bigint,
  work: (tx: Database, cursor: ChainCursor | undefined) => Promise<T>,
): Promise<T> {
  return await database.transaction(async (tx) => {
    await tx.execute(
      sql`SELECT pg_advisory_xact_lock(${RECORDING_LOCK}, ${recordingKey(chainId)})`,
    );
    return await work(tx, await loadChainCursor(tx, chainId));
  });
}

/** Whether two cursors stand at the same place. */
export function isSameCursor(one: ChainCursor, other: ChainCursor): boolean {
  return (
    one.blockNumber === other.blockNumber &&
    one.readTo === other.readTo &&
    one.settledTo === other.settledTo &&
    one.sentHead === other.sentHead &&
    one.controlHead === other.controlHead
  );
}

/** Moves a cursor; call it in the transaction that records what it covers. */
export async function saveCursor(
  database: Database,
  chainId: bigint,
  cursor: ChainCursor,
): Promise<void> {
  await putCursor(database, { ...cursor, chainId });
}

const putCursor = makeOnce(
  ['chainId', 'blockNumber', 'readTo', 'settledTo', 'sentHead', 'controlHead'],
  (database, places) =>
    database
      .insert(cursors)
      .values(places)
      .onConflictDoUpdate({
        target: cursors.chainId,
        set: {
          blockNumber: sql`excluded.block_number`,
          readTo: sql`excluded.read_to`,
          settledTo: sql`excluded.settled_to`,
          sentHead: sql`excluded.sent_head`,
          controlHead: sql`excluded.control_head`,
        },
      }),
);
