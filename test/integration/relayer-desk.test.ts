import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RelayerConfig } from '../../src/config/relayer.ts';
import { Secret } from '../../src/config/secret.ts';
import {
  messageSubject,
  releaseSubject,
  type StateReason,
  type Subject,
  stepFor,
} from '../../src/protocol/transfer-state.ts';
import { publicTags } from '../../src/protocol/transfer-tags.ts';
import { recordCommits } from '../../src/relayer/journal/commits.ts';
import { cursorBefore, loadCursor, saveCursor } from '../../src/relayer/journal/cursors.ts';
import {
  type OpenDatabase,
  openEmbedded,
  openPostgres,
} from '../../src/relayer/journal/database.ts';
import { holdsOn, placeHold, retriesAsked } from '../../src/relayer/journal/holds.ts';
import { claimLease } from '../../src/relayer/journal/leases.ts';
import { finalMessageCount, recordMessages } from '../../src/relayer/journal/messages.ts';
import { releases } from '../../src/relayer/journal/schema.ts';
import { saveSnapshot, snapshotNumbers } from '../../src/relayer/journal/snapshots.ts';
import { recordChanges } from '../../src/relayer/journal/state-changes.ts';
import { recordIntents, submissionsIn } from '../../src/relayer/journal/submissions.ts';
import { answerDesk, type DeskParams } from '../../src/relayer/operate/desk.ts';
import { connectDesk, type Desk, serveDesk } from '../../src/relayer/operate/desk-socket.ts';
import { listSubjects } from '../../src/relayer/operate/list-subjects.ts';
import { rebuildJournal, wipe } from '../../src/relayer/operate/rebuild-journal.ts';
import { Vitals } from '../../src/relayer/vitals.ts';
import type { Hex } from '../../src/shared/bytes.ts';

const ETHEREUM = 31_337n;
const POLKADOT = 420_420_499n;
const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const address = (byte: string): Hex => `0x${byte.repeat(20)}`;
const DEPOSIT = word('d1');
const COMMIT = word('c1');
const CHAINS = [
  { chainId: ETHEREUM, name: 'ethereum', gateway: address('9a') },
  { chainId: POLKADOT, name: 'polkadot', gateway: address('9b') },
];

// Over a real socket and a real database, as `veilspan relayer explain` and its like ask a relayer that runs.
describe('the desk of a relayer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-desk-'));
  const path = join(folder, 'relayer.sock');
  const vitals = new Vitals();
  let journal: OpenDatabase;
  let closeDesk: () => Promise<void>;
  let desk: Desk;
  const sources = () => ({ database: journal.database, chains: CHAINS, vitals, nowMs: () => 7 });

  beforeAll(async () => {
    journal = await openEmbedded();
    await fill(journal.database);
    closeDesk = await serveDesk(path, sources());
    desk = (await connectDesk(path)) as Desk;
  });
  afterAll(async () => {
    await desk?.close();
    await closeDesk?.();
    await journal?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('lists what is on its way, the longest first, and not what has come to its end', async () => {
    const rows = await desk.ask('list', { limit: 10 });
    expect(rows.map(({ subject, state }) => [subject, state])).toEqual([
      [messageSubject(ETHEREUM, 1n), 'quarantined'],
      [`batch ${POLKADOT}/4`, 'held'],
      [releaseSubject(POLKADOT, 4n), 'claimable'],
    ]);
    expect(rows[0]).toMatchObject({ who: 'operator', cause: 'an enclave fails on it', block: 5 });
    const [first, ...more] = await desk.ask('list', { limit: 1 });
    expect([first?.subject, more]).toEqual([messageSubject(ETHEREUM, 1n), []]);
    const held = await desk.ask('list', { state: 'held', limit: 10 });
    expect(held.map(({ subject }) => subject)).toEqual([`batch ${POLKADOT}/4`]);
  });

  it('explains a transfer by its id and by its transaction, with evidence and the commit', async () => {
    const [told, ...more] = await desk.ask('explain', { id: `${ETHEREUM}/0` });
    expect(more).toEqual([]);
    expect(told).toMatchObject({
      subject: messageSubject(ETHEREUM, 0n),
      explanation: { state: 'anchored', who: 'relayer' },
      facts: { amount: '10', transaction: DEPOSIT, block: '5' },
      related: ['commit 1'],
    });
    expect(told?.evidence.map(({ reason }) => reason)).toEqual([
      'deposit-final',
      'commit-included',
      'commit-final',
    ]);
    const found = await desk.ask('explain', { id: DEPOSIT });
    expect(found.map(({ subject }) => subject)).toEqual([
      messageSubject(ETHEREUM, 0n),
      messageSubject(ETHEREUM, 1n),
    ]);
    expect((await desk.ask('explain', { id: COMMIT })).map(({ subject }) => subject)).toEqual([
      'commit 1',
    ]);
  });

  it('explains a batch with our own transaction, and knows nothing of what is not there', async () => {
    const [batch] = await desk.ask('explain', { id: `batch/${POLKADOT}/4` });
    expect(batch).toMatchObject({
      explanation: { standing: 'held up', cause: 'the gateway is paused' },
      transactions: [{ hash: word('e1'), state: 'intent', nonce: 3 }],
    });
    expect(await desk.ask('explain', { id: `${ETHEREUM}/99` })).toEqual([]);
    await expect(desk.ask('explain', { id: 'nonsense' })).rejects.toMatchObject({
      code: 'CONFIG_SUBJECT_ID',
    });
  });

  it('holds, says so where it matters, and lets go', async () => {
    const subject = `batch ${POLKADOT}/4`;
    await desk.ask('hold', { subject, reason: 'under investigation' });
    expect(await holdsOn(journal.database)).toEqual([
      { subject, reason: 'under investigation', atMs: 7 },
    ]);
    const [release] = await desk.ask('explain', { id: subject });
    expect(release?.holds).toMatchObject([{ subject }]);
    expect(await desk.ask('lift', { subject })).toEqual({ lifted: true });
    expect(await desk.ask('lift', { subject })).toEqual({ lifted: false });
    await expect(desk.ask('hold', { subject: 'commit 4', reason: 'x' })).rejects.toMatchObject({
      code: 'CONFIG_DESK_QUESTION',
    });
  });

  it('says of what it explains which held lane it waits for, and none that it has passed', async () => {
    const lanes = ['lane release polkadot', 'lane prove ethereum'] as const;
    for (const subject of lanes) await desk.ask('hold', { subject, reason: 'a look' });
    const heldOf = async (id: string) =>
      (await desk.ask('explain', { id }))[0]?.holds.map(({ subject }) => subject);
    expect(await heldOf(`batch/${POLKADOT}/4`)).toEqual(['lane release polkadot']);
    // Anchored: whichever gateway pays.
    expect(await heldOf(`${ETHEREUM}/0`)).toEqual(['lane release polkadot']);
    expect(await heldOf('commit/1')).toEqual([]);
    for (const subject of lanes) await desk.ask('lift', { subject });
  });

  it('passes on that a lane is to be tried again', async () => {
    await desk.ask('retry', { lane: 'release polkadot' });
    expect(await retriesAsked(journal.database)).toEqual(new Map([['release polkadot', 1n]]));
  });

  it('tells what the relayer is doing, and how far its journal has come', async () => {
    await vitals.lane('commit', async () => undefined);
    vitals.alarm('commit', { code: 'RELAYER_STATE_DIVERGED', sentence: 'look' });
    const told = await desk.ask('vitals', {});
    expect(told?.lanes).toMatchObject([{ name: 'commit', state: 'resting' }]);
    expect(told?.alarms).toMatchObject([{ name: 'commit', code: 'RELAYER_STATE_DIVERGED' }]);
    expect(await desk.ask('standing', {})).toEqual({
      cursors: [{ chainId: `${ETHEREUM}`, block: 12 }],
      lastCommit: '1',
      accounts: [],
    });
  });

  it('is one: a second relayer is refused its place, and what a killed one left is taken', async () => {
    await expect(serveDesk(path, sources())).rejects.toMatchObject({ code: 'DESK_UNREACHABLE' });
    const stale = join(folder, 'stale.sock');
    await leaveSocket(stale);
    expect(await connectDesk(stale)).toBeUndefined();
    const close = await serveDesk(stale, sources());
    const other = await connectDesk(stale);
    expect(await other?.ask('holds', {})).toEqual([]);
    await close();
    await expect(other?.ask('holds', {})).rejects.toMatchObject({ code: 'DESK_UNREACHABLE' });
  });
});

// What becomes of an anchored message is journaled of its release alone, which bears a tag that everyone can compute.
describe('an anchored message', () => {
  const WAITING = messageSubject(ETHEREUM, 10n);
  const PAID = messageSubject(ETHEREUM, 11n);
  const ASIDE = messageSubject(ETHEREUM, 12n);
  const REFUNDED = messageSubject(ETHEREUM, 13n);
  const SEALED = messageSubject(ETHEREUM, 14n);
  let journal: OpenDatabase;

  beforeAll(async () => {
    journal = await openEmbedded();
    await fillAnchored(journal.database);
  });
  afterAll(() => journal?.close());

  const sources = () => ({ database: journal.database, chains: CHAINS, nowMs: () => 7 });
  const list = (params: DeskParams<'list'>) => answerDesk(sources(), 'list', params);
  const explained = async (subject: string) => {
    const [told] = await answerDesk(sources(), 'explain', { id: subject });
    return told;
  };

  it('that is transparent is where its payout is, by whose steps that is shown', async () => {
    expect(await explained(WAITING)).toMatchObject({
      explanation: { state: 'anchored', who: 'relayer', isOver: false },
      related: [],
    });
    const paid = await explained(PAID);
    expect(paid).toMatchObject({
      explanation: { standing: 'paid', state: 'confirmed', who: 'nobody', isOver: true },
      related: [releaseSubject(POLKADOT, 11n)],
    });
    expect(paid?.evidence.at(-1)).toMatchObject({ reason: 'payout-final', block: 20 });
    expect(await explained(REFUNDED)).toMatchObject({
      explanation: { standing: 'refunded', isOver: true },
      related: [releaseSubject(ETHEREUM, 13n)],
    });
  });

  it('whose payout was put aside comes with the command that claims it', async () => {
    expect(await explained(ASIDE)).toMatchObject({
      explanation: {
        standing: 'claimable',
        who: 'recipient',
        command: `veilspan claim ${POLKADOT}/12 --config client.json`,
      },
    });
  });

  it('that is sealed is over for all that the chains show', async () => {
    expect(await explained(SEALED)).toMatchObject({
      explanation: { state: 'anchored', isOver: true },
    });
  });

  it('is on its way until something has been paid for it, unless that is never seen', async () => {
    const onTheWay = await list({});
    expect(onTheWay.map(({ subject }) => subject)).toEqual([
      WAITING,
      releaseSubject(POLKADOT, 12n),
    ]);
    expect(onTheWay[0]).toMatchObject({ state: 'anchored', who: 'relayer', block: 9, atMs: 10 });
    const anchored = await list({ state: 'anchored' });
    expect(anchored.map(({ subject }) => subject)).toEqual([WAITING, SEALED]);
  });
});

describe('a journal that is rebuilt', () => {
  it('forgets what the chains tell again, and keeps what only it has', async () => {
    const { database, close } = await openEmbedded();
    try {
      await fill(database);
      await placeHold(database, { subject: 'lane *', reason: 'upgrade', atMs: 1 });
      await saveSnapshot(database, { number: 1n, chunks: [new Uint8Array([7])] });
      await wipe(database);
      const left = await listSubjects({ database, chains: CHAINS }, { limit: 10 });
      expect([left, await loadCursor(database, ETHEREUM)]).toEqual([[], undefined]);
      expect(await finalMessageCount(database, ETHEREUM)).toBe(0n);
      const account = { chainId: POLKADOT, account: address('07') };
      const open = await submissionsIn(database, account, ['intent']);
      expect(open.map(({ nonce }) => nonce)).toEqual([3]);
      expect(await holdsOn(database)).toHaveLength(1);
      expect(await snapshotNumbers(database)).toEqual([1n]);
    } finally {
      await close();
    }
  });

  it('is not forgotten while a relayer runs on it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'veilspan-rebuild-'));
    const server = createServer().listen(join(folder, 'relayer.sock'));
    await once(server, 'listening');
    const config = { journal: { folder: join(folder, 'relayer') } } as RelayerConfig;
    try {
      await expect(rebuildJournal(config)).rejects.toMatchObject({ code: 'CONFIG_JOURNAL_BUSY' });
    } finally {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

const { POSTGRES_URL: postgresUrl } = process.env;

it.skipIf(postgresUrl === undefined)(
  'a Postgres is not forgotten while anything else is connected (skipped: POSTGRES_URL names no server)',
  async () => {
    const { close } = await openPostgres(postgresUrl ?? '');
    const journal = {
      folder: join(tmpdir(), 'veilspan-none'),
      postgresUrl: new Secret(postgresUrl ?? ''),
    };
    try {
      await expect(rebuildJournal({ journal } as RelayerConfig)).rejects.toMatchObject({
        code: 'CONFIG_JOURNAL_BUSY',
      });
    } finally {
      await close();
    }
  },
);

it.skipIf(postgresUrl === undefined)(
  'lists from a Postgres as from the embedded database (skipped: POSTGRES_URL names no server)',
  async () => {
    const { database, close } = await openPostgres(postgresUrl ?? '');
    try {
      const atMs = 1;
      const subject = messageSubject(99_999n, 0n);
      const at = { subject, chainId: 99_999n, blockNumber: 1, atMs };
      await recordChanges(database, [{ ...stepFor('deposit-included'), ...at }]);
      const rows = await listSubjects(
        { database, chains: CHAINS },
        { state: 'observed', limit: 10_000 },
      );
      expect(rows.map((row) => row.subject)).toContain(subject);
    } finally {
      await close();
    }
  },
);

/** Messages 10 to 14 of Ethereum: one that waits, one that is paid, one put aside, one refunded and one that is sealed. */
async function fillAnchored(database: OpenDatabase['database']): Promise<void> {
  const indexes = [10n, 11n, 12n, 13n, 14n];
  await recordMessages(
    database,
    indexes.map((index) => ({ ...MESSAGE, index, destination: index === 14n ? 0n : POLKADOT })),
  );
  const stepsOf = (subject: Subject, chainId: bigint, reasons: readonly StateReason[]) =>
    reasons.map((reason) => ({ subject, ...stepFor(reason), chainId }));
  await recordChanges(
    database,
    indexes.flatMap((index) =>
      stepsOf(messageSubject(ETHEREUM, index), POLKADOT, ['commit-final']).map((change) => {
        return { ...change, blockNumber: 9, atMs: Number(index) };
      }),
    ),
  );
  const payouts = [
    [11n, POLKADOT, ['payout-included', 'payout-final']],
    [12n, POLKADOT, ['payout-failed']],
    [13n, ETHEREUM, ['refund-included', 'payout-final']],
  ] as const;
  for (const [index, chainId, reasons] of payouts) {
    const tags = publicTags({ chainId: ETHEREUM, index }, address('9a'));
    const tag = chainId === ETHEREUM ? tags.refund : (tags.payouts[0] as Hex);
    await database.insert(releases).values({ ...RELEASE, chainId, index, tag });
    await recordChanges(
      database,
      stepsOf(releaseSubject(chainId, index), chainId, reasons).map((change) => {
        return { ...change, blockNumber: 20, atMs: 100 };
      }),
    );
  }
}

const MESSAGE = {
  chainId: ETHEREUM,
  sentAtSec: 1n,
  sender: address('01'),
  refundTo: address('02'),
  asset: word('03'),
  amount: 10n,
  fee: 1n,
  destination: 0n,
  envelope: '0x01' as Hex,
  blockNumber: 5,
  isFinal: true,
  transactionHash: DEPOSIT,
};

const RELEASE = {
  asset: word('03'),
  recipient: address('02'),
  paid: 9n,
  deferred: 0n,
  deferReason: 0,
  blockHash: word('b1'),
  transactionHash: word('e2'),
  blockNumber: 20,
  isFinal: true,
};

async function fill(database: OpenDatabase['database']): Promise<void> {
  await recordMessages(database, [
    { ...MESSAGE, index: 0n },
    { ...MESSAGE, index: 1n },
  ]);
  await recordCommits(database, [
    {
      number: 1n,
      round: 1n,
      asOf: 1n,
      prevState: word('04'),
      postState: word('05'),
      inputs: [{ chainId: ETHEREUM, count: 1n }],
      control: 0n,
      paid: [],
      beneficiary: word('06'),
      blockNumber: 9,
      isFinal: true,
      transactionHash: COMMIT,
    },
  ]);
  const at = { chainId: ETHEREUM, blockNumber: 5 };
  const [first, second] = [messageSubject(ETHEREUM, 0n), messageSubject(ETHEREUM, 1n)];
  const release = { subject: releaseSubject(POLKADOT, 4n), chainId: POLKADOT, blockNumber: 20 };
  const paid = { ...release, subject: releaseSubject(POLKADOT, 3n) };
  const batch = { subject: `batch ${POLKADOT}/4` as const, chainId: POLKADOT, blockNumber: 0 };
  await recordChanges(database, [
    { subject: first, ...stepFor('deposit-final'), ...at, atMs: 100 },
    { subject: first, ...stepFor('commit-included'), chainId: POLKADOT, blockNumber: 9, atMs: 200 },
    { subject: first, ...stepFor('commit-final'), chainId: POLKADOT, blockNumber: 9, atMs: 300 },
    { subject: second, ...stepFor('message-fails'), ...at, atMs: 150 },
    { subject: second, ...stepFor('deposit-final'), ...at, atMs: 160 },
    { ...batch, ...stepFor('gateway-paused'), atMs: 400 },
    { ...release, ...stepFor('payout-failed'), atMs: 500 },
    { ...paid, ...stepFor('payout-included'), atMs: 510 },
    { ...paid, ...stepFor('payout-final'), atMs: 520 },
  ]);
  const fence = await claimLease(database, { lease: 'a test', holder: 'a test', leaseMs: 60_000 });
  if (fence === undefined) throw new Error('nobody else holds the lease');
  await recordIntents(database, fence, [
    {
      hash: word('e1'),
      nonce: 3,
      raw: '0x01',
      signedAt: 1,
      chainId: POLKADOT,
      account: address('07'),
      subject: `batch ${POLKADOT}/4`,
      costWei: 1n,
    },
  ]);
  await saveCursor(database, ETHEREUM, cursorBefore(13));
}

/** A socket that nobody listens at any more. */
async function leaveSocket(path: string): Promise<void> {
  const { spawnSync } = await import('node:child_process');
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  expect(existsSync(path)).toBe(true);
  expect(createServer().listening).toBe(false);
}
