import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { settleCommits } from '../../../../src/relayer/journal/commits.ts';
import { settleControl } from '../../../../src/relayer/journal/control-messages.ts';
import {
  type Database,
  type OpenDatabase,
  openEmbedded,
} from '../../../../src/relayer/journal/database.ts';
import {
  finalMessageCount,
  recordMessages,
  settleMessages,
} from '../../../../src/relayer/journal/messages.ts';
import { settleReleases } from '../../../../src/relayer/journal/releases.ts';
import { messages } from '../../../../src/relayer/journal/schema.ts';

const SPAN = { chainId: 7n, fromIndex: 5n, endIndex: 25_000n, toBlock: 9 };
let journal: OpenDatabase;
beforeAll(async () => {
  journal = await openEmbedded();
}, 60_000);
afterAll(() => journal.close());

/** So many statements are made in it, of a span that has so many indexes. */
async function statementsOf(settle: (database: Database) => Promise<void>): Promise<number> {
  const update = vi.spyOn(journal.database, 'update');
  await settle(journal.database);
  const { length } = update.mock.calls;
  update.mockRestore();
  return length;
}

it.each([
  ['messages', (database: Database) => settleMessages(database, SPAN)],
  ['releases', (database: Database) => settleReleases(database, SPAN)],
  ['control messages', (database: Database) => settleControl(database, SPAN)],
  [
    'commits',
    (database: Database) => settleCommits(database, { after: 4n, upTo: 24_999n, toBlock: 9 }),
  ],
])('no statement makes more than 10,000 %s final', async (_, settle) => {
  expect(await statementsOf(settle)).toBe(3);
});

it('all of a span become final, at its ends and where it is cut, and no others', async () => {
  const indexes = [4n, 5n, 10_004n, 10_005n, 20_005n, 24_999n, 25_000n];
  const word = `0x${'00'.repeat(32)}` as const;
  const address = `0x${'00'.repeat(20)}` as const;
  const rest = {
    sentAtSec: 1n,
    sender: address,
    refundTo: address,
    asset: word,
    amount: 1n,
    fee: 1n,
  };
  const rows = indexes.map((index) => ({
    ...rest,
    chainId: 7n,
    index,
    destination: 8n,
    envelope: '0x' as const,
    blockNumber: 9,
    isFinal: false,
    transactionHash: word,
  }));
  await recordMessages(journal.database, rows);
  await settleMessages(journal.database, SPAN);
  expect(await finalMessageCount(journal.database, 7n)).toBe(25_000n);
  const found = await journal.database.select().from(messages);
  const open = found.filter(({ isFinal }) => !isFinal).map(({ index }) => index);
  expect(open.sort()).toEqual([25_000n, 4n]);
});
