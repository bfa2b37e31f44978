import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTROL_KINDS } from '../../src/protocol/control.ts';
import { positionAfterBatch } from '../../src/protocol/release.ts';
import { messageSubject, stepFor } from '../../src/protocol/transfer-state.ts';
import { publicTags } from '../../src/protocol/transfer-tags.ts';
import {
  batchAfter,
  batchesAfter,
  forgetBatches,
  recordBatches,
  refundsAmong,
  type SignedReleaseBatch,
} from '../../src/relayer/journal/batches.ts';
import {
  commitOf,
  commitsBetween,
  lastFinalCommit,
  recordCommits,
} from '../../src/relayer/journal/commits.ts';
import {
  type ControlRow,
  finalControl,
  finalControlCount,
  forgetControl,
  recordControl,
  settleControl,
  suspensions,
} from '../../src/relayer/journal/control-messages.ts';
import {
  changeChain,
  cursorBefore,
  loadChainCursor,
  loadCursor,
  saveCursor,
} from '../../src/relayer/journal/cursors.ts';
import {
  type Database,
  migrate,
  type OpenDatabase,
  openEmbedded,
} from '../../src/relayer/journal/database.ts';
import {
  forgetUnsettled,
  isAnythingOf,
  isAnyUnsettled,
} from '../../src/relayer/journal/forget-unsettled.ts';
import {
  askRetry,
  holdsOn,
  liftHold,
  placeHold,
  retriesAsked,
} from '../../src/relayer/journal/holds.ts';
import { claimLease, type Fence, releaseLeases } from '../../src/relayer/journal/leases.ts';
import { makeOnce } from '../../src/relayer/journal/made-statement.ts';
import {
  ANY_BLOCK,
  finalMessageCount,
  finalMessages,
  forgetMessages,
  type MessageRow,
  messagesIn,
  recordMessages,
  settleMessages,
} from '../../src/relayer/journal/messages.ts';
import { passCursor } from '../../src/relayer/journal/pass-cursor.ts';
import { publicRefundTags } from '../../src/relayer/journal/refund-tags.ts';
import { leases } from '../../src/relayer/journal/schema.ts';
import {
  saveSnapshot,
  snapshotChunk,
  snapshotNumbers,
} from '../../src/relayer/journal/snapshots.ts';
import { recordChanges, takeBackChanges } from '../../src/relayer/journal/state-changes.ts';
import {
  markSubmissions,
  recordIntents,
  signedBy,
  spentInDay,
  submissionsIn,
} from '../../src/relayer/journal/submissions.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { openFreshPostgres } from '../support/fresh-postgres.ts';
import { journaledChanges } from '../support/journaled-changes.ts';

const postgresUrl = process.env['POSTGRES_URL'];
const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const address = (byte: string): Hex => `0x${byte.repeat(20)}`;

const message = (index: bigint, changed: Partial<MessageRow> = {}): MessageRow => ({
  chainId: 31337n,
  index,
  sentAtSec: 2n ** 63n - 1n,
  sender: address('aa'),
  refundTo: address('ac'),
  asset: word('bb'),
  amount: 2n ** 128n - 1n,
  fee: 1n,
  destination: 2n ** 256n - 1n,
  envelope: '0x00',
  blockNumber: 10,
  isFinal: false,
  transactionHash: word('dd'),
  ...changed,
});

const commit = (number: bigint, isFinal: boolean) => ({
  number,
  round: 2n ** 63n - 1n,
  asOf: 1_800_000_000n,
  prevState: word('10'),
  postState: word('11'),
  inputs: [
    { chainId: 31337n, count: number },
    { chainId: 420420499n, count: 2n ** 63n - 1n },
  ],
  control: 3n,
  paid: [{ chainId: 31337n, count: 2n }],
  beneficiary: word('ee'),
  blockNumber: Number(number),
  isFinal,
  transactionHash: word('cc'),
});

const control = (index: bigint, changed: Partial<ControlRow> = {}): ControlRow => ({
  index,
  sentAtSec: 1_800_000_000n,
  round: 0n,
  kind: CONTROL_KINDS.setRate,
  payload: '0x0102',
  blockNumber: 10,
  isFinal: true,
  ...changed,
});

/** What the journal promises, whichever database keeps it. */
function describeJournal(name: string, open: () => Promise<OpenDatabase>): void {
  describe(`the journal on ${name}`, () => {
    let opened: OpenDatabase;
    let db: Database;

    beforeAll(async () => {
      opened = await open();
      db = opened.database;
    });
    afterAll(() => opened.close());

    async function leaseOf(holder: string, lease: string): Promise<Fence> {
      const fence = await claimLease(db, { lease, holder, leaseMs: 60_000 });
      if (fence === undefined) throw new Error(`${lease} is another's`);
      return fence;
    }

    it('keeps every digit of the largest integers', async () => {
      await recordMessages(db, [message(0n)]);
      await recordMessages(db, [message(0n, { isFinal: true })]);
      const [kept] = await finalMessages(db, {
        chainId: 31337n,
        fromIndex: 0n,
        toBlock: ANY_BLOCK,
        limit: 9,
      });
      expect(kept).toEqual(message(0n, { isFinal: true }));
    });

    it('keeps what an operator holds until it is lifted, the last word on each counting', async () => {
      const hold = {
        subject: 'batch 31337/8',
        reason: 'to be looked at',
        atMs: 1_900_000_000_000,
      } as const;
      await placeHold(db, { ...hold, reason: 'first thought' });
      await placeHold(db, hold);
      await placeHold(db, { subject: 'lane *', reason: 'all', atMs: 2 });
      expect(await holdsOn(db)).toEqual([hold, { subject: 'lane *', reason: 'all', atMs: 2 }]);
      expect(await liftHold(db, 'lane *')).toBe(true);
      expect(await liftHold(db, 'lane *')).toBe(false);
      expect(await holdsOn(db)).toEqual([hold]);
    });

    it('counts how often a lane is to be tried again', async () => {
      await askRetry(db, 'commit');
      await askRetry(db, 'commit');
      await askRetry(db, '*');
      expect(await retriesAsked(db)).toEqual(
        new Map([
          ['commit', 2n],
          ['*', 1n],
        ]),
      );
    });

    it('lets a fork replace a message, and nothing replace a final one', async () => {
      await recordMessages(db, [message(1n, { amount: 1n })]);
      await recordMessages(db, [message(1n, { amount: 2n, isFinal: true })]);
      await recordMessages(db, [message(1n, { amount: 3n })]);
      const range = { chainId: 31337n, fromIndex: 1n, toBlock: ANY_BLOCK, limit: 9 };
      expect((await finalMessages(db, range)).map(({ amount }) => amount)).toEqual([2n]);
      expect(await finalMessageCount(db, 31337n)).toBe(2n);
    });

    it('gives messages in order, up to a block', async () => {
      const later = { isFinal: true, blockNumber: 20 };
      await recordMessages(db, [message(3n, later), message(2n, { ...later, blockNumber: 15 })]);
      const range = { chainId: 31337n, fromIndex: 1n, toBlock: 19, limit: 9 };
      expect((await finalMessages(db, range)).map(({ index }) => index)).toEqual([1n, 2n]);
      const first = await finalMessages(db, { ...range, limit: 1 });
      expect(first.map(({ index }) => index)).toEqual([1n]);
    });

    it('takes more messages and changes at once than a statement has values', async () => {
      const chainId = 77n;
      const many = Array.from({ length: 12_000 }, (_, i) =>
        message(BigInt(i), { chainId, isFinal: true, refundTo: address('ab') }),
      );
      await recordMessages(db, many);
      expect(await finalMessageCount(db, chainId)).toBe(12_000n);
      const changes = many.map(({ index, blockNumber }) => ({
        subject: messageSubject(chainId, index),
        ...stepFor('deposit-final'),
        chainId,
        blockNumber,
        atMs: 1,
      }));
      expect(await recordChanges(db, changes)).toHaveLength(12_000);
      const tags = await publicRefundTags(db, { chainId, gateway: address('0d') }, [
        { recipient: address('ab') },
      ]);
      expect(tags.size).toBe(12_000);
      const blocks = { chainId, fromBlock: 0, toBlock: ANY_BLOCK };
      expect(await takeBackChanges(db, blocks, [])).toHaveLength(12_000);
      await forgetMessages(db, chainId, 0n);
    });

    it('knows the number of final messages by the last of them, whatever comes behind it', async () => {
      const of = { chainId: 78n };
      expect(await finalMessageCount(db, 78n)).toBe(0n);
      await recordMessages(db, [message(0n, of), message(1n, of), message(2n, of)]);
      expect(await finalMessageCount(db, 78n)).toBe(0n);
      const span = { chainId: 78n, fromIndex: 0n, endIndex: 2n, toBlock: 10 };
      expect((await messagesIn(db, span, 9)).map(({ index }) => index)).toEqual([0n, 1n]);
      await settleMessages(db, { ...span, toBlock: 9 });
      expect(await finalMessageCount(db, 78n)).toBe(0n);
      await settleMessages(db, span);
      expect(await finalMessageCount(db, 78n)).toBe(2n);
      await forgetUnsettled(db, { chainId: 78n, fromBlock: 0, toBlock: 10 }, 'all contracts');
      const all = { ...span, endIndex: 9n };
      expect((await messagesIn(db, all, 9)).map(({ index }) => index)).toEqual([0n, 1n]);
    });

    it('knows whether blocks have shown anything, of which contracts, and whether it is settled', async () => {
      const blocks = { chainId: 79n, fromBlock: 20, toBlock: 29 };
      const known = async (toBlock: number) => {
        const about = [db, { ...blocks, toBlock }, 'all contracts'] as const;
        return [await isAnythingOf(...about), await isAnyUnsettled(...about)];
      };
      expect(await known(29)).toEqual([false, false]);
      const of = { chainId: 79n, blockNumber: 25 };
      await recordMessages(db, [message(0n, of)]);
      expect(await known(24)).toEqual([false, false]);
      expect(await known(25)).toEqual([true, true]);
      await settleMessages(db, { chainId: 79n, fromIndex: 0n, endIndex: 1n, toBlock: 25 });
      expect(await known(25)).toEqual([false, false]);
      const deposit = { subject: messageSubject(79n, 0n), ...stepFor('deposit-final'), atMs: 1 };
      await recordChanges(db, [{ ...deposit, ...of }]);
      expect(await known(25)).toEqual([true, false]);
      await takeBackChanges(db, blocks, []);
      await recordControl(db, [control(90n, { isFinal: false, blockNumber: 26 })]);
      expect(await known(26)).toEqual([true, true]);
      expect(await isAnythingOf(db, blocks, 'the gateway')).toBe(false);
      await forgetUnsettled(db, blocks, 'all contracts');
      expect(await known(29)).toEqual([false, false]);
      await forgetMessages(db, 79n, 0n);
    });

    it('moves a cursor over quiet blocks only from where it stands, and where all is settled', async () => {
      const cursor = { ...cursorBefore(20), sentHead: word('5e') };
      await saveCursor(db, 79n, cursor);
      const quiet = { chainId: 79n, cursor, toBlock: 25, of: 'the gateway' } as const;
      const elsewhere = { ...cursor, sentHead: word('5f') };
      expect(await passCursor(db, { ...quiet, cursor: elsewhere })).toBe(false);
      await recordMessages(db, [message(0n, { chainId: 79n, blockNumber: 18 })]);
      expect(await passCursor(db, quiet)).toBe(false);
      await forgetMessages(db, 79n, 0n);
      expect(await passCursor(db, quiet)).toBe(true);
      const now = { ...cursor, blockNumber: 25, readTo: 25, settledTo: 25 };
      expect(await loadChainCursor(db, 79n)).toEqual({ ...now, chainId: 79n });
      expect(await passCursor(db, { ...quiet, toBlock: 29 })).toBe(false);
      expect(await passCursor(db, { ...quiet, cursor: now, toBlock: 29 })).toBe(true);
    });

    it('makes a statement once, and has it carried out in whatever session it is asked in', async () => {
      let drafts = 0;
      const holdersOf = makeOnce(['lease'], (database, { lease }) => {
        drafts += 1;
        return database
          .select({ holder: leases.holder })
          .from(leases)
          .where(eq(leases.name, lease));
      });
      const lease = 'made once';
      await claimLease(db, { lease, holder: 'first', leaseMs: 1000 });
      await expect(
        db.transaction(async (tx) => {
          await tx.update(leases).set({ holder: 'second' });
          expect(await holdersOf(tx, { lease })).toEqual([{ holder: 'second' }]);
          return tx.rollback();
        }),
      ).rejects.toThrow('Rollback');
      const both = [holdersOf(db, { lease }), holdersOf(db, { lease: 'nobody has it' })];
      expect(await Promise.all(both)).toEqual([[{ holder: 'first' }], []]);
      expect(drafts).toBe(1);
      await releaseLeases(db, 'first');
    });

    it('forgets messages from an index on', async () => {
      await forgetMessages(db, 31337n, 2n);
      expect(await finalMessageCount(db, 31337n)).toBe(2n);
      expect(await finalMessageCount(db, 420420499n)).toBe(0n);
    });

    it('keeps of commits all that replaying them needs', async () => {
      await recordCommits(db, [commit(1n, true), commit(2n, true), commit(3n, false)]);
      await recordCommits(db, [{ ...commit(1n, false), round: 1n }]);
      expect(await commitOf(db, 1n)).toEqual(commit(1n, true));
      expect(await lastFinalCommit(db)).toBe(2n);
      const between = await commitsBetween(db, { after: 1n, upTo: 9n });
      expect(between).toEqual([commit(2n, true), commit(3n, false)]);
    });

    it('keeps what governance says, in order and up to a block', async () => {
      const suspend = control(1n, { kind: CONTROL_KINDS.suspend, round: 9n, blockNumber: 12 });
      await recordControl(db, [suspend, control(0n), control(2n, { isFinal: false })]);
      await recordControl(db, [control(0n, { isFinal: false, sentAtSec: 5n })]);
      const range = { fromIndex: 0n, toBlock: 12, limit: 9 };
      expect(await finalControl(db, range)).toEqual([control(0n), suspend]);
      expect(await finalControl(db, { ...range, toBlock: 11 })).toEqual([control(0n)]);
      expect(await suspensions(db)).toEqual([suspend]);
      expect(await finalControlCount(db)).toBe(2n);
      await settleControl(db, { fromIndex: 2n, endIndex: 3n, toBlock: 12 });
      expect(await finalControlCount(db)).toBe(3n);
      await forgetControl(db, 1n);
      expect(await finalControlCount(db)).toBe(1n);
    });

    it('keeps the newest two snapshots, every byte of them', async () => {
      const chunks = [Uint8Array.of(0, 255, 7), new Uint8Array(100_000).fill(9)];
      for (const number of [64n, 128n, 192n]) await saveSnapshot(db, { number, chunks });
      expect(await snapshotNumbers(db)).toEqual([192n, 128n]);
      expect(await snapshotChunk(db, 192n, 0)).toEqual({ chunks: 2, bytes: chunks[0] });
      expect(await snapshotChunk(db, 192n, 1)).toEqual({ chunks: 2, bytes: chunks[1] });
      expect(await snapshotChunk(db, 64n, 0)).toBeUndefined();
      await saveSnapshot(db, { number: 192n, chunks: [Uint8Array.of(1)] });
      expect(await snapshotChunk(db, 192n, 0)).toEqual({ chunks: 1, bytes: Uint8Array.of(1) });
      expect(await snapshotChunk(db, 192n, 1)).toBeUndefined();
    });

    it('finds the batch that a gateway waits for by its released head, and what it refunds', async () => {
      const amount = 2n ** 128n - 1n;
      const payout = { tag: word('77'), asset: word('bb'), recipient: address('aa'), amount };
      const batch = {
        chainId: 31337n,
        gateway: address('0a'),
        firstIndex: 4n,
        prevHead: word('00'),
        releases: [
          { ...payout, refundOf: 0n },
          { ...payout, refundOf: 7n },
        ],
        fees: [{ asset: word('bb'), amount: 3n }],
        consumedCount: 9n,
      };
      const signed = {
        epoch: 1n,
        batch,
        submitter: address('5b'),
        signatures: [`0x${'55'.repeat(65)}`],
      };
      await recordBatches(db, [{ ...signed, submitter: address('5a'), signatures: [] }]);
      await recordBatches(db, [signed as typeof signed & { signatures: Hex[] }]);
      expect(await batchAfter(db, 31337n, word('00'))).toEqual(signed);
      expect(await batchAfter(db, 31337n, positionAfterBatch(batch).head)).toBeUndefined();
      expect(await batchAfter(db, 420420499n, word('00'))).toBeUndefined();
      expect(await refundsAmong(db, 31337n, [4n, 19n])).toEqual(new Set([5n]));
      expect(await refundsAmong(db, 31337n, [3n])).toEqual(new Set());
      expect(await refundsAmong(db, 420420499n, [5n])).toEqual(new Set());
      expect(await refundsAmong(db, 31337n, [])).toEqual(new Set());
      const next = positionAfterBatch(batch);
      const behind = { ...batch, firstIndex: next.count, prevHead: next.head };
      const gap = { ...behind, firstIndex: next.count + 9n, prevHead: word('77') };
      const both = [behind, gap].map((each) => ({ ...signed, batch: each }));
      await recordBatches(db, both as unknown as SignedReleaseBatch[]);
      const lineOf = async (prevHead: Hex, limit: number) =>
        (await batchesAfter(db, 31337n, { prevHead, limit })).map((each) => each.batch.firstIndex);
      expect(await lineOf(word('00'), 8)).toEqual([4n, next.count]);
      expect(await lineOf(word('00'), 1)).toEqual([4n]);
      expect(await lineOf(word('66'), 8)).toEqual([]);
      await forgetBatches(db, 31337n, 5n);
      expect(await batchAfter(db, 31337n, word('00'))).toBeDefined();
      await forgetBatches(db, 31337n, 4n);
      expect(await batchAfter(db, 31337n, word('00'))).toBeUndefined();
    });

    it('moves a cursor only together with what it covers', async () => {
      await saveCursor(db, 31337n, cursorBefore(6));
      const failing = db.transaction(async (tx) => {
        await recordMessages(tx, [message(9n, { isFinal: true })]);
        await saveCursor(tx, 31337n, cursorBefore(7));
        throw new Error('killed here');
      });
      await expect(failing).rejects.toThrow('killed here');
      expect(await loadCursor(db, 31337n)).toBe(5);
      expect(await loadCursor(db, 420420499n)).toBeUndefined();
      expect(await finalMessageCount(db, 31337n)).toBe(2n);
    });

    it('tells each state change once', async () => {
      const change = {
        subject: 'message 31337/0',
        state: 'observed',
        reason: 'deposit-included',
        chainId: 31337n,
        blockNumber: 10,
        atMs: 1_795_488_577_000,
      } as const;
      const first = await recordChanges(db, [change]);
      expect(first).toEqual([{ ...change, id: first[0]?.id }]);
      expect(await recordChanges(db, [{ ...change, atMs: change.atMs + 1 }])).toEqual([]);
      expect(await recordChanges(db, [{ ...change, state: 'finalized' }])).toHaveLength(1);
      expect((await journaledChanges(db)).map(({ state }) => state)).toEqual([
        'observed',
        'finalized',
      ]);
    });

    it('takes back what blocks of one chain show no more, and nothing else', async () => {
      const at = (index: bigint, blockNumber: number) => ({
        subject: messageSubject(31337n, 100n + index),
        ...stepFor('deposit-included'),
        chainId: 31337n,
        blockNumber,
        atMs: 1,
      });
      const verified = { ...at(2n, 1001), ...stepFor('replayed-to-proven-head') };
      const elsewhere = { ...at(3n, 1001), chainId: 420420499n };
      await recordChanges(db, [at(0n, 999), at(1n, 1000), at(2n, 1001), verified, elsewhere]);
      const blocks = { chainId: 31337n, fromBlock: 1000, toBlock: ANY_BLOCK };
      const gone = await takeBackChanges(db, blocks, [at(1n, 1000)]);
      expect(gone.map(({ subject, state }) => `${subject} ${state}`)).toEqual([
        'message 31337/102 observed',
      ]);
      expect(await recordChanges(db, [at(2n, 1002)])).toHaveLength(1);
    });

    it('finds the refund tags that a release can have by its recipient', async () => {
      const gateway = address('0d');
      const of = { chainId: 99n, gateway };
      const sent = { chainId: 99n, refundTo: address('ee') };
      await recordMessages(db, [
        message(0n, sent),
        message(1n, sent),
        message(2n, { chainId: 99n }),
      ]);
      const tags = await publicRefundTags(db, of, [{ recipient: address('ee') }]);
      const expected = [0n, 1n].map((index) => publicTags({ chainId: 99n, index }, gateway).refund);
      expect([...tags].sort()).toEqual(expected.sort());
      expect(await publicRefundTags(db, of, [])).toEqual(new Set());
    });

    it('has the intent of a submission before its broadcast, by nonce', async () => {
      const signed = (nonce: number) => ({
        hash: word(`0${nonce}`),
        nonce,
        signedAt: 7,
        chainId: 31337n,
        account: address('aa'),
        subject: `commit ${nonce}`,
        costWei: 10n ** 30n,
      });
      const fence = await leaseOf('one', 'nonces');
      const raw = (nonce: number): Hex => `0x0${nonce}`;
      const weight = { refTime: 2n ** 60n, proofSize: 1n };
      const budget = { measure: 'weight', weight, storageDepositPlanck: 0n } as const;
      const call = { to: null, data: '0xab', valueWei: 10n ** 30n, budget } as const;
      for (const nonce of [2, 1, 1]) {
        await recordIntents(db, fence, [
          { ...signed(nonce), raw: raw(nonce), ...(nonce === 2 && { call }) },
        ]);
      }
      const mine = { chainId: 31337n, account: address('aa') };
      const open = await submissionsIn(db, mine, ['intent']);
      expect(open.map(({ nonce }) => nonce)).toEqual([1, 2]);
      const hashes = ['01', '02', '03'].map(word);
      expect([...(await signedBy(db, hashes))].sort()).toEqual([
        [word('01'), { raw: raw(1) }],
        [word('02'), { raw: raw(2), call }],
      ]);
      await markSubmissions(db, fence, [{ hash: word('01'), state: 'included', blockNumber: 8 }]);
      const included = await submissionsIn(db, mine, ['included']);
      expect(included).toEqual([
        expect.objectContaining({ ...signed(1), state: 'included', blockNumber: 8 }),
      ]);
      expect(await submissionsIn(db, { ...mine, chainId: 420420499n }, ['intent'])).toEqual([]);
      expect(await submissionsIn(db, { ...mine, account: address('ab') }, ['intent'])).toEqual([]);
    });

    it('counts what fees may come to by nonce: of those that exclude each other the dearest', async () => {
      const fence = await leaseOf('one', 'spending');
      const key = { chainId: 31337n, account: address('ac') };
      const intent = (byte: string, nonce: number, costWei: bigint) => {
        const body = { hash: word(byte), nonce, raw: '0x02' as Hex, signedAt: 7 };
        return recordIntents(db, fence, [{ ...body, ...key, subject: 'commit 1', costWei }]);
      };
      await intent('c1', 1, 10n);
      await intent('c2', 1, 15n);
      await intent('c3', 2, 10n ** 30n);
      expect(await spentInDay(db, key)).toBe(10n ** 30n + 15n);
      await markSubmissions(db, fence, [{ hash: word('c3'), state: 'included', costWei: 3n }]);
      expect(await spentInDay(db, key)).toBe(18n);
    });

    it('opens again what was lost and is signed to the same bytes once more', async () => {
      const fence = await leaseOf('one', 'again');
      const key = { chainId: 31337n, account: address('ad') };
      const body = { hash: word('d1'), nonce: 1, raw: '0x02' as Hex, signedAt: 7, costWei: 1n };
      await recordIntents(db, fence, [{ ...body, ...key, subject: 'commit 1' }]);
      await markSubmissions(db, fence, [{ hash: body.hash, state: 'lost', sentAt: 9 }]);
      await recordIntents(db, fence, [{ ...body, ...key, subject: 'commit 2' }]);
      expect(await submissionsIn(db, key, ['intent'])).toEqual([
        expect.objectContaining({ subject: 'commit 2', sentAt: null }),
      ]);
    });

    it('lets one process at a time lead, and refuses what the one before writes late', async () => {
      const first = await leaseOf('one', 'late');
      expect(await claimLease(db, { lease: 'late', holder: 'two', leaseMs: 60_000 })).toBe(
        undefined,
      );
      expect(await leaseOf('one', 'late')).toEqual(first);
      await releaseLeases(db, 'one');
      const second = await leaseOf('two', 'late');
      expect(second.token).toBe(first.token + 1n);
      const body = { hash: word('e1'), nonce: 1, raw: '0x02' as Hex, signedAt: 7, costWei: 1n };
      const intent = { ...body, chainId: 31337n, account: address('ae'), subject: 'commit 1' };
      const late = { code: 'JOURNAL_LEASE_LOST', disposition: 'retry' };
      await expect(recordIntents(db, first, [intent])).rejects.toMatchObject(late);
      await recordIntents(db, second, [intent]);
      const to = { hash: body.hash, state: 'lost' } as const;
      await expect(markSubmissions(db, first, [to])).rejects.toMatchObject(late);
      expect(await submissionsIn(db, intent, ['intent'])).toHaveLength(1);
    });

    it('gives a lease to another where the database’s clock was set back by an hour since', async () => {
      await claimLease(db, { lease: 'ahead', holder: 'one', leaseMs: 3_600_000 + 10_000 });
      const second = await claimLease(db, { lease: 'ahead', holder: 'two', leaseMs: 10_000 });
      expect(second).toEqual({ lease: 'ahead', token: 2n });
    });

    it('gives a lease to another once it has run out by the database’s clock', async () => {
      await claimLease(db, { lease: 'short', holder: 'one', leaseMs: 1 });
      await db.execute(sql`SELECT pg_sleep(0.01)`);
      expect(await leaseOf('two', 'short')).toEqual({ lease: 'short', token: 2n });
    });

    it('migrates once, however often it is opened', async () => {
      const { rows } = (await db.execute(sql`SELECT version FROM journal_version`)) as unknown as {
        rows: unknown[];
      };
      expect(rows).toHaveLength(1);
    });
  });
}

describeJournal('the embedded database', () => openEmbedded());

describe('the embedded journal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-journal-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is there again after its process has ended', async () => {
    const first = await openEmbedded(folder);
    await saveCursor(first.database, 420420499n, cursorBefore(43));
    await first.close();
    const second = await openEmbedded(folder);
    expect(await loadCursor(second.database, 420420499n)).toBe(42);
    await second.close();
  });

  it.each([9, 20])('of a bridge without rounds, of version %s, is made anew', async (version) => {
    const old = await PGlite.create();
    await old.exec(`CREATE TABLE journal_version (version integer NOT NULL);
      INSERT INTO journal_version VALUES (${version});
      CREATE TABLE cursors (name text PRIMARY KEY, block_number integer NOT NULL);
      INSERT INTO cursors VALUES ('ethereum', 7)`);
    const database = drizzle(old);
    await migrate(database);
    await migrate(database);
    expect(await loadCursor(database, 31337n)).toBeUndefined();
    await saveCursor(database, 31337n, cursorBefore(6));
    expect(await loadCursor(database, 31337n)).toBe(5);
    await old.close();
  });
});

if (postgresUrl === undefined) {
  it.skip('the journal on Postgres (skipped: POSTGRES_URL is not set)', () => undefined);
} else {
  describeJournal('Postgres', () => openFreshPostgres(postgresUrl));

  it('moves no cursor over quiet blocks while another process records', async () => {
    const { database, close } = await openFreshPostgres(postgresUrl);
    const cursor = cursorBefore(20);
    await saveCursor(database, 1n, cursor);
    const pass = () =>
      passCursor(database, { chainId: 1n, cursor, toBlock: 25, of: 'the gateway' });
    expect(await changeChain(database, 1n, pass)).toBe(false);
    expect(await changeChain(database, 2n, pass)).toBe(true);
    await close();
  });
}
