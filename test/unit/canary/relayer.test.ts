import { inspect } from 'node:util';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageSubject } from '../../../src/protocol/transfer-state.ts';
import { recordBatches } from '../../../src/relayer/journal/batches.ts';
import { recordCommits } from '../../../src/relayer/journal/commits.ts';
import { recordControl } from '../../../src/relayer/journal/control-messages.ts';
import {
  type Database,
  type OpenDatabase,
  openEmbedded,
} from '../../../src/relayer/journal/database.ts';
import { claimLease } from '../../../src/relayer/journal/leases.ts';
import { recordMessages } from '../../../src/relayer/journal/messages.ts';
import { publicRefundTags } from '../../../src/relayer/journal/refund-tags.ts';
import { recordReleases } from '../../../src/relayer/journal/releases.ts';
import { saveSnapshot } from '../../../src/relayer/journal/snapshots.ts';
import { recordChanges } from '../../../src/relayer/journal/state-changes.ts';
import { recordIntents } from '../../../src/relayer/journal/submissions.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { insideOf, leaksInto, markedBytes, markedHex, marksIn } from '../../support/canary.ts';
import {
  AMOUNT,
  ENVELOPE,
  libraryError,
  loggedOf,
  PAID,
  RECIPIENT,
  REFUND_TO,
  ROW_MARKS,
  SENDER,
  TAG,
} from '../../support/marked-rows.ts';

// What a relayer writes down it may not tell when writing fails: neither in its log, nor in an error, nor in the queue.

const WORD: Hex = `0x${'00'.repeat(32)}`;

const BLOCK = { blockNumber: 7, isFinal: true };
/** No column of 64 bits takes it. */
const TOO_MUCH = 1n << 70n;
const MESSAGE = {
  chainId: 1n,
  index: 0n,
  sentAtSec: 1n,
  sender: SENDER,
  refundTo: REFUND_TO,
  asset: WORD,
  amount: AMOUNT,
  fee: 1n,
  destination: 0n,
  envelope: ENVELOPE,
  ...BLOCK,
};
const RELEASE = { tag: TAG, asset: WORD, recipient: RECIPIENT, amount: PAID, refundOf: 0n };
const BATCH = {
  chainId: 1n,
  gateway: markedHex('gateway', 20),
  firstIndex: 0n,
  prevHead: WORD,
  releases: [RELEASE],
  fees: [],
  consumedCount: 0n,
};
const COMMIT = {
  number: TOO_MUCH,
  round: 1n,
  asOf: 1n,
  prevState: WORD,
  postState: WORD,
  inputs: [],
  control: 0n,
  paid: [],
  beneficiary: TAG,
  transactionHash: WORD,
};
const CHANGE = {
  subject: messageSubject(TOO_MUCH, AMOUNT),
  state: 'observed',
  reason: 'deposit-included',
  chainId: TOO_MUCH,
  blockNumber: 1,
  atMs: 1,
} as const;

/** Every kind of statement, with a value that the database does not take beside what is marked. */
const FAILING: readonly (readonly [string, string, (db: Database) => Promise<unknown>])[] = [
  ['messages', '22003', (db) => recordMessages(db, [{ ...MESSAGE, sentAtSec: TOO_MUCH }])],
  [
    'batches',
    '22003',
    (db) => {
      const batch = { ...BATCH, firstIndex: TOO_MUCH };
      return recordBatches(db, [{ epoch: 1n, batch, submitter: SENDER, signatures: [TAG] }]);
    },
  ],
  ['commits', '22003', (db) => recordCommits(db, [{ ...COMMIT, ...BLOCK }])],
  [
    'control_messages',
    '22003',
    (db) => {
      const body = { sentAtSec: 1n, round: 1n, kind: 1, payload: ENVELOPE, index: TOO_MUCH };
      return recordControl(db, [{ ...body, ...BLOCK }]);
    },
  ],
  [
    'releases',
    '22003',
    (db) => {
      const row = { chainId: 1n, index: TOO_MUCH, tag: TAG, asset: WORD, recipient: RECIPIENT };
      const at = { blockNumber: 1, blockHash: WORD, transactionHash: WORD };
      const releases = [{ ...row, ...at, amount: AMOUNT, deferReason: 0 }];
      const seen = { releases, skips: [], claims: [], isFinal: true };
      return recordReleases(db, 1n, seen);
    },
  ],
  [
    'claims',
    '22003',
    (db) => {
      const claim = { index: TOO_MUCH, recipient: RECIPIENT, amount: AMOUNT, left: 0n };
      const claims = [{ ...claim, blockNumber: 1, transactionHash: WORD }];
      const seen = { releases: [], skips: [], claims, isFinal: true };
      return recordReleases(db, 1n, seen);
    },
  ],
  ['state_changes', '22003', (db) => recordChanges(db, [CHANGE])],
  [
    'snapshots',
    '22003',
    (db) => saveSnapshot(db, { number: TOO_MUCH, chunks: [markedBytes('envelope', 640)] }),
  ],
  [
    'submissions',
    '22003',
    async (db) => {
      const fence = await claimLease(db, { lease: 'a test', holder: 'a test', leaseMs: 60_000 });
      const signed = { hash: WORD, nonce: 1, raw: ENVELOPE, signedAt: 1, costWei: 0n };
      const intent = { ...signed, chainId: TOO_MUCH, account: SENDER, subject: TAG };
      return recordIntents(db, fence ?? { lease: 'none', token: 0n }, [intent]);
    },
  ],
  [
    'messages',
    '22003',
    (db) => {
      const of = { chainId: TOO_MUCH, gateway: SENDER };
      return publicRefundTags(db, of, [{ recipient: RECIPIENT }]);
    },
  ],
  [
    'messages',
    '22P02',
    (db) => db.execute(sql`SELECT 1 FROM messages WHERE index = ${`to ${RECIPIENT}`}::bigint`),
  ],
  [
    'messages',
    '22003',
    (db) =>
      db.transaction(async (tx) => {
        await recordMessages(tx, [MESSAGE]);
        await tx.transaction((inner) =>
          recordMessages(inner, [{ ...MESSAGE, index: 1n, sentAtSec: TOO_MUCH }]),
        );
      }),
  ],
];

describe('a relayer whose journal does not take a value', () => {
  let journal: OpenDatabase;
  beforeAll(async () => {
    journal = await openEmbedded();
  }, 60_000);
  afterAll(() => journal.close());

  it.each(FAILING)('says of %s no more than the code (%s)', async (table, sqlState, fail) => {
    const error: unknown = await fail(journal.database).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'JOURNAL_STATEMENT_FAILED', meta: { table, sqlState } });
    const held = insideOf(error) + inspect(error, { depth: 9, showHidden: true });
    expect(leaksInto('thrown errors', held, ROW_MARKS)).toEqual([]);
    expect(leaksInto('relayer output', loggedOf(error), ROW_MARKS)).toEqual([]);
  });

  it('goes on, and has what was right', async () => {
    await recordMessages(journal.database, [MESSAGE]);
    const { rows } = (await journal.database.execute(sql`SELECT * FROM messages`)) as unknown as {
      rows: unknown[];
    };
    const held = JSON.stringify(rows);
    expect(marksIn(held, ROW_MARKS).toSorted()).toEqual([
      'amount',
      'envelope',
      'refundTo',
      'sender',
    ]);
    expect(leaksInto('journal', held, ROW_MARKS)).toEqual([]);
  });
});

describe('a job that fails by what a library throws', () => {
  it('leaves nothing of it in the log', () => {
    expect(marksIn(insideOf(libraryError()), ROW_MARKS)).not.toEqual([]);
    expect(leaksInto('relayer output', loggedOf(libraryError()), ROW_MARKS)).toEqual([]);
  });
});
