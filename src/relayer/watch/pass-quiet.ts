import type { Bridge } from '../bridge.ts';
import { lastFinalCommit } from '../journal/commits.ts';
import { finalControlCount } from '../journal/control-messages.ts';
import type { ChainCursor } from '../journal/cursors.ts';
import type { Database } from '../journal/database.ts';
import { finalMessageCount } from '../journal/messages.ts';
import { passCursor } from '../journal/pass-cursor.ts';
import { finalReleaseCount } from '../journal/releases.ts';
import type { Settling } from './settle.ts';

/**
 * Moves a chain's cursor to a final block up to which, after the cursor, nothing was logged and nothing counted.
 *
 * @returns where it stands then; undefined if there is more to it than that, which is found out by recording and settling
 */
export async function passQuiet(
  { database }: Pick<Bridge, 'database'>,
  { side, cursor, final, counts }: Settling,
): Promise<ChainCursor | undefined> {
  const { number: toBlock } = final;
  const isRead = cursor.readTo > cursor.blockNumber;
  if (isRead || toBlock < cursor.settledTo) return undefined;
  const { chainId } = side.chain;
  if (!(await isCounted(database, { side, counts }))) return undefined;
  const of = counts.anchor === undefined ? 'the gateway' : 'all contracts';
  if (!(await passCursor(database, { chainId, cursor, toBlock, of }))) return undefined;
  return { ...cursor, blockNumber: toBlock, readTo: toBlock, settledTo: toBlock };
}

/** Whether what is final in the journal is as much as the contracts have counted. */
async function isCounted(
  database: Database,
  { side, counts: { sent, released, anchor } }: Pick<Settling, 'side' | 'counts'>,
): Promise<boolean> {
  const { chainId } = side.chain;
  if ((await finalMessageCount(database, chainId)) !== sent.count) return false;
  if ((await finalReleaseCount(database, chainId)) !== released) return false;
  if (anchor === undefined) return true;
  if (((await lastFinalCommit(database)) ?? 0n) !== anchor.committed) return false;
  return (await finalControlCount(database)) === anchor.control.count;
}
