import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import type { FastifyInstance } from 'fastify';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ZodType } from 'zod';
import { openPostgres } from '../../src/relayer/journal/database.ts';
import { journalChanges } from '../../src/relayer/journal/journal-changes.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import {
  changeAnswer,
  errorAnswer,
  pageAnswer,
  payoutAnswer,
  payoutsAnswer,
  transferAnswer,
  transfersAnswer,
} from '../../src/status/answers.ts';
import {
  chainsAnswer,
  enclavesAnswer,
  payoutsPerHourAnswer,
  roundsAnswer,
  timesAnswer,
} from '../../src/status/bridge-answers.ts';
import { createServer, listen } from '../../src/status/server.ts';
import { addStatusApi } from '../../src/status/status-api.ts';
import { claimedLog, deferredLog, releasedLog } from '../support/bridge-logs.ts';
import { openFreshJournal } from '../support/fresh-journal.ts';
import {
  commitOf,
  createStatusWorld,
  depositOf,
  ETHEREUM,
  POLKADOT,
  payoutTagOf,
  START_SEC,
  type StatusWorld,
  wordOf,
} from '../support/status-world.ts';

const SEALED_TAG: Hex = wordOf('5ea1', 1);
const LIMITS = {
  requestsPerMinute: 10_000,
  trustedProxies: 0,
  allowOrigins: ['https://app.example'],
};

let journal: Awaited<ReturnType<typeof openFreshJournal>>;
let world: StatusWorld;
let app: FastifyInstance;
let url: string;

/**
 * Ethereum sends three: 0 pays on Polkadot in the open, 1 is sealed, 2 is not final yet. Polkadot commits the first two, pays 0,
 * and something sealed that is put aside and claimed.
 */
beforeAll(async () => {
  journal = await openFreshJournal();
  world = createStatusWorld(journal.database);
  const { ethereum, polkadot } = world;
  ethereum.log(5, wordOf('aa', 5), [depositOf(0n, POLKADOT), depositOf(1n)]);
  ethereum.log(9, wordOf('aa', 9), [depositOf(2n, POLKADOT)]);
  await ethereum.read({ head: 9, final: 6 });
  world.setNowMs(Number(START_SEC + 310n) * 1000);
  polkadot.log(20, wordOf('cc', 20), [commitOf(1n, 2n)]);
  polkadot.log(30, wordOf('ee', 30), [releasedLog(0n, payoutTagOf(0n), 30)]);
  polkadot.log(30, wordOf('ee', 31), [deferredLog({ index: 1n, tag: SEALED_TAG, reason: 5 }, 30)]);
  await polkadot.read({ head: 35, final: 32 });
  polkadot.log(40, wordOf('c1', 40), [claimedLog({ index: 1n, tag: SEALED_TAG, left: 4n }, 40)]);
  await polkadot.read({ head: 45, final: 38 });
  app = await createServer(LIMITS);
  await addStatusApi(app, world.sources, { lookEveryMs: 20, heartbeatMs: 50, most: 2 });
  url = await listen(app, { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await app.close();
  await journal.close();
});

async function ask<T>(path: string, answer: ZodType<T>, init?: RequestInit): Promise<T> {
  const response = await fetch(`${url}${path}`, init);
  const body: unknown = await response.json();
  expect(response.status, JSON.stringify(body)).toBe(200);
  return answer.parse(body);
}

async function refusalOf(path: string, init?: RequestInit): Promise<string> {
  const response = await fetch(`${url}${path}`, init);
  return `${response.status} ${errorAnswer.parse(await response.json()).code}`;
}

function find(tag: string): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${url}/v1/payouts/find`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ tag }),
  });
}

describe('a transfer', () => {
  it('in the open is told from its deposit to its payout, with the transaction of each step', async () => {
    const transfer = await ask(`/v1/transfers/${ETHEREUM}/0`, transferAnswer);
    expect(transfer).toMatchObject({
      state: 'confirmed',
      standing: 'paid',
      isOver: true,
      destination: `${POLKADOT}`,
      transactionHash: wordOf('aa', 5),
    });
    const steps = transfer.steps.map(({ state, transactionHash }) => [state, transactionHash]);
    expect(steps).toEqual([
      ['observed', wordOf('aa', 5)],
      ['finalized', wordOf('aa', 5)],
      ['committed', wordOf('cc', 20)],
      ['anchored', wordOf('cc', 20)],
    ]);
    expect(transfer.payouts).toMatchObject([
      { id: `${POLKADOT}/0`, paid: '9', state: 'confirmed' },
    ]);
  });

  it('that is sealed ends where the chains tie nothing to it', async () => {
    const transfer = await ask(`/v1/transfers/${ETHEREUM}/1`, transferAnswer);
    expect(transfer).toMatchObject({
      state: 'anchored',
      destination: null,
      payouts: [],
      eta: null,
    });
    expect(JSON.stringify(transfer)).not.toContain(SEALED_TAG.slice(2));
  });

  it('that is not final says who acts next, and when by the rules while there is no history', async () => {
    const transfer = await ask(`/v1/transfers/${ETHEREUM}/2`, transferAnswer);
    expect(transfer).toMatchObject({
      state: 'observed',
      isFinal: false,
      next: { who: 'source chain' },
      eta: { basis: 'rules', until: 'confirmed', p90Sec: null },
    });
    expect(transfer.eta?.note).toContain('not enough history');
    // Three blocks of six seconds, its round with 60 s of lag has ended, and both other finalities take 18 s.
    expect(transfer.eta?.p50Sec).toBeGreaterThanOrEqual(54);
    expect(transfer.eta?.p50Sec).toBeLessThan(700);
  });

  it('is found by the transaction of its deposit, with all that it began', async () => {
    const path = `/v1/transactions/${wordOf('aa', 5)}/transfers`;
    const { transfers } = await ask(path, transfersAnswer);
    expect(transfers.map(({ id }) => id)).toEqual([`${ETHEREUM}/0`, `${ETHEREUM}/1`]);
    const none = await ask(`/v1/transactions/${wordOf('00', 1)}/transfers`, transfersAnswer);
    expect(none.transfers).toEqual([]);
  });

  it('that nobody has seen is not found, however large its index', async () => {
    expect(await refusalOf(`/v1/transfers/${ETHEREUM}/7`)).toBe('404 STATUS_NOT_FOUND');
    expect(await refusalOf(`/v1/transfers/${ETHEREUM}/${'9'.repeat(19)}`)).toBe(
      '404 STATUS_NOT_FOUND',
    );
  });
});

describe('a payout', () => {
  it('is found by its tag, with the claim of what was put aside', async () => {
    const { payouts } = payoutsAnswer.parse(await (await find(SEALED_TAG)).json());
    expect(payouts).toMatchObject([
      {
        id: `${POLKADOT}/1`,
        state: 'claimable',
        reason: 'claimed-in-part',
        deferred: '9',
        next: { who: 'recipient' },
        claims: [{ amount: '1', left: '4', isFinal: false, transactionHash: wordOf('c1', 40) }],
      },
    ]);
  });

  it('is found by its place, with the time of its block', async () => {
    const payout = await ask(`/v1/payouts/${POLKADOT}/0`, payoutAnswer);
    expect(payout).toMatchObject({ timeSec: Number(START_SEC + 310n), isRefund: false });
    const { payouts } = payoutsAnswer.parse(await (await find(wordOf('77', 7))).json());
    expect(payouts).toEqual([]);
  });
});

describe('lists', () => {
  it('have what is in a state now, page by page', async () => {
    const first = await ask('/v1/transfers?state=anchored&limit=1', pageAnswer);
    expect(first.items).toMatchObject([{ id: `${ETHEREUM}/1` }]);
    const next = `/v1/transfers?state=anchored&limit=1&before=${first.next}`;
    const second = await ask(next, pageAnswer);
    expect(second.items).toMatchObject([{ id: `${ETHEREUM}/0` }]);
    expect(second.next).toBeNull();
    const observed = await ask(`/v1/transfers?state=observed&chainId=${ETHEREUM}`, pageAnswer);
    expect(observed.items.map(({ id }) => id)).toEqual([`${ETHEREUM}/2`]);
    const claimable = await ask('/v1/payouts?state=claimable', pageAnswer);
    expect(claimable.items).toMatchObject([{ id: `${POLKADOT}/1`, reason: 'claimed-in-part' }]);
  });

  it('are bounded, and of states that the chains show', async () => {
    expect(await refusalOf('/v1/transfers?state=anchored&limit=101')).toBe(
      '400 STATUS_REQUEST_INVALID',
    );
    expect(await refusalOf('/v1/payouts?state=held')).toBe('400 STATUS_REQUEST_INVALID');
  });
});

describe('the bridge', () => {
  it('is told chain by chain, with what is behind', async () => {
    const { chains } = await ask('/v1/chains', chainsAnswer);
    expect(chains).toMatchObject([
      {
        name: 'ethereum',
        head: 9,
        finalHead: 6,
        read: 6,
        readLagBlocks: 0,
        sent: '2',
        consumed: '2',
      },
      { name: 'polkadot', isAnchor: true, head: 45, finalHead: 38, released: '2' },
    ]);
  });

  it('is told although a node is away, which is said', async () => {
    world.setReachable(ETHEREUM, false);
    await delay(1100);
    const { chains } = await ask('/v1/chains', chainsAnswer);
    world.setReachable(ETHEREUM, true);
    expect(chains).toMatchObject([
      { isReachable: false, head: null, read: 6 },
      { isReachable: true, head: 45 },
    ]);
  });

  it('says which round runs, and when the next commit is due', async () => {
    const rounds = await ask('/v1/rounds', roundsAnswer);
    expect(rounds).toMatchObject({
      current: '2',
      currentEndSec: Number(START_SEC + 600n),
      commit: { number: '1', isFinal: true, transactionHash: wordOf('cc', 20) },
      nextCommitDueSec: Number(START_SEC + 600n),
    });
  });

  it('counts payouts by hour and amount', async () => {
    const { hours } = await ask('/v1/payouts-per-hour?hours=2', payoutsPerHourAnswer);
    expect(hours).toMatchObject([{ chainId: `${POLKADOT}`, amount: '9', count: 1 }]);
  });

  it('has no percentiles of what it has seen too little of', async () => {
    const { times } = await ask('/v1/times', timesAnswer);
    expect(times.every(({ samples, p50Sec }) => samples > 0 && p50Sec === null)).toBe(true);
    const { registries } = await ask('/v1/enclaves', enclavesAnswer);
    expect(registries).toMatchObject([
      { chainId: `${ETHEREUM}`, registry: null, isReachable: false, enclaves: [] },
      { chainId: `${POLKADOT}`, registry: null, isReachable: false, enclaves: [] },
    ]);
  });
});

describe('what is asked', () => {
  it('is refused with a code if it is malformed, too long or unknown', async () => {
    expect(await refusalOf('/v1/transfers/x/0')).toBe('400 STATUS_REQUEST_INVALID');
    expect(await refusalOf('/v1/nothing')).toBe('404 STATUS_NOT_FOUND');
    const headers = { 'content-type': 'application/json' };
    const long = { method: 'POST', headers, body: JSON.stringify({ tag: 'x'.repeat(2000) }) };
    expect(await refusalOf('/v1/payouts/find', long)).toBe('400 STATUS_REQUEST_INVALID');
    expect((await find('0x12')).status).toBe(400);
  });

  it('is answered to pages of named origins only, and never kept', async () => {
    const ours = await fetch(`${url}/v1/rounds`, { headers: { origin: 'https://app.example' } });
    expect(ours.headers.get('access-control-allow-origin')).toBe('https://app.example');
    const other = await fetch(`${url}/v1/rounds`, { headers: { origin: 'https://evil.example' } });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    expect(other.headers.get('cache-control')).toBe('no-store');
  });

  it('is limited by the minute', async () => {
    const limited = await createServer({ ...LIMITS, requestsPerMinute: 2 });
    await addStatusApi(limited, world.sources);
    const codes: number[] = [];
    for (let i = 0; i < 3; i++) codes.push((await limited.inject('/v1/rounds')).statusCode);
    const refused = await limited.inject('/v1/rounds');
    await limited.close();
    expect(codes).toEqual([200, 200, 429]);
    expect(refused.json()).toMatchObject({ code: 'STATUS_TOO_MANY_REQUESTS' });
  });

  it('is described by an OpenAPI document that names every path', async () => {
    const document = (await app.inject('/v1/openapi.json')).json() as {
      openapi: string;
      paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
    };
    expect(document.openapi).toMatch(/^3\./);
    expect(Object.keys(document.paths).sort()).toEqual([
      '/v1/chains',
      '/v1/changes',
      '/v1/enclaves',
      '/v1/payouts',
      '/v1/payouts-per-hour',
      '/v1/payouts/find',
      '/v1/payouts/{chainId}/{index}',
      '/v1/rounds',
      '/v1/times',
      '/v1/transactions/{hash}/transfers',
      '/v1/transfers',
      '/v1/transfers/{chainId}/{index}',
    ]);
    for (const operations of Object.values(document.paths)) {
      for (const { responses } of Object.values(operations))
        expect(responses).toHaveProperty('200');
    }
  });
});

/** Reads events of a stream until there are so many, or a comment comes that says that it lives. */
async function events(path: string, many: number, headers: Record<string, string> = {}) {
  const abort = new AbortController();
  const response = await fetch(`${url}${path}`, { signal: abort.signal, headers });
  let text = '';
  for await (const part of response.body ?? []) {
    text += Buffer.from(part).toString();
    if (text.split('event: change').length > many || text.includes(': still here')) break;
  }
  abort.abort();
  const found = [...text.matchAll(/id: (\d+)\nevent: change\ndata: (.*)\n\n/g)];
  return found.map(
    ([, id, data]) => [Number(id), changeAnswer.parse(JSON.parse(data ?? ''))] as const,
  );
}

describe('the stream of state changes', () => {
  it('tells all since an id, and goes on behind the last that was heard', async () => {
    const all = await events('/v1/changes?after=0', 99);
    expect(all.map(([, { subject, state }]) => `${subject} ${state}`).slice(0, 3)).toEqual([
      `message ${ETHEREUM}/0 observed`,
      `message ${ETHEREUM}/0 finalized`,
      `message ${ETHEREUM}/1 observed`,
    ]);
    const [third] = all[2] ?? [];
    const rest = await events('/v1/changes', 99, { 'last-event-id': `${third}` });
    expect(rest).toEqual(all.slice(3));
    expect(await refusalOf('/v1/changes?after=-1')).toBe('400 STATUS_REQUEST_INVALID');
  });

  it('says nothing of batches, which are known here before their chain has them', async () => {
    const [last] = (await events('/v1/changes?after=0', 99)).at(-1) ?? [];
    const change = { chainId: POLKADOT, blockNumber: 46, atMs: 1 } as const;
    const log = { info: () => undefined } as never;
    await journalChanges({ database: journal.database, log }, [
      { ...change, subject: `batch ${POLKADOT}/2`, state: 'held', reason: 'gateway-paused' },
      { ...change, subject: `release ${POLKADOT}/2`, state: 'released', reason: 'payout-included' },
    ]);
    const news = await events(`/v1/changes?after=${last}`, 1);
    expect(news.map(([, { subject }]) => subject)).toEqual([`release ${POLKADOT}/2`]);
  });

  it('has room for so many listeners and no more', async () => {
    const abort = new AbortController();
    const open = () => fetch(`${url}/v1/changes`, { signal: abort.signal });
    const [first, second] = await Promise.all([open(), open()]);
    expect([first?.status, second?.status]).toEqual([200, 200]);
    expect(await refusalOf('/v1/changes')).toBe('503 STATUS_BUSY');
    abort.abort();
  });

  it('has room for others where one has opened as many as one may', async () => {
    const own = await createServer({ ...LIMITS, trustedProxies: 1 });
    const limits = { lookEveryMs: 20, mostOfOne: 1 };
    const streams = await addStatusApi(own, world.sources, limits);
    const at = await listen(own, { host: '127.0.0.1', port: 0 });
    const abort = new AbortController();
    const open = async (address: string) => {
      const headers = { 'x-forwarded-for': address };
      return (await fetch(`${at}/v1/changes`, { headers, signal: abort.signal })).status;
    };
    expect(await open('2001:db8:1:2::1')).toBe(200);
    expect(await open('2001:db8:1:2:ffff::2')).toBe(503);
    expect(await open('2001:db8:1:3::1')).toBe(200);
    abort.abort();
    await expect.poll(() => streams.count()).toBe(0);
    await own.close();
  });

  it('begins anew for who has heard more than the journal has, which was made anew since', async () => {
    const all = await events('/v1/changes?after=0', 99);
    expect(await events('/v1/changes', 99, { 'last-event-id': '999999' })).toEqual(all);
  });

  it('gives up a listener that does not read, and its connection', async () => {
    const own = await createServer(LIMITS);
    const streams = await addStatusApi(own, world.sources, { lookEveryMs: 20 });
    const port = Number(new URL(await listen(own, { host: '127.0.0.1', port: 0 })).port);
    const connections = () =>
      new Promise((told) => own.server.getConnections((_, many) => told(many)));
    const listener = connect(port, '127.0.0.1').pause();
    listener.write('GET /v1/changes HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await expect.poll(() => streams.count()).toBe(1);
    // Far more than the system takes in for somebody who does not read.
    await journal.database.execute(sql`
      INSERT INTO state_changes (subject, state, reason, chain_id, block_number, at_ms)
      SELECT 'commit 9' || n, 'committed', repeat('x', 20000), 1, 1, 1 FROM generate_series(1, 800) AS n`);
    await expect.poll(() => streams.count(), { timeout: 60_000 }).toBe(0);
    await expect.poll(connections).toBe(0);
    await journal.database.execute(sql`DELETE FROM state_changes WHERE reason LIKE 'xx%'`);
    listener.destroy();
    await own.close();
  });

  it.skipIf(process.env['POSTGRES_URL'] === undefined)(
    'never tells a later change before an earlier one that is not committed yet',
    async () => {
      const other = await openPostgres(journal.url ?? '');
      const slow = new pg.Client({ connectionString: journal.url ?? '' });
      await slow.connect();
      const insert = (subject: string) =>
        `INSERT INTO state_changes (subject, state, reason, chain_id, block_number, at_ms)
         VALUES ('${subject}', 'observed', 'deposit-included', 1, 1, 1) RETURNING id`;
      await slow.query('BEGIN');
      const first = await slow.query(insert('message 1/1'));
      const change = { chainId: 1n, blockNumber: 1, atMs: 1 } as const;
      let isRecorded = false;
      const second = journalChanges(
        { database: other.database, log: { info: () => undefined } as never },
        [{ ...change, subject: 'message 1/2', state: 'observed', reason: 'deposit-included' }],
      ).then(() => {
        isRecorded = true;
      });
      const waiting = `SELECT 1 FROM pg_locks WHERE NOT granted AND database =
        (SELECT oid FROM pg_database WHERE datname = current_database())`;
      await expect.poll(async () => (await slow.query(waiting)).rowCount).toBe(1);
      expect(isRecorded).toBe(false);
      await slow.query('COMMIT');
      await second;
      const told = await events(`/v1/changes?after=${Number(first.rows[0].id) - 1}`, 2);
      expect(told.map(([, { subject }]) => subject)).toEqual(['message 1/1', 'message 1/2']);
      await slow.end();
      await other.close();
    },
  );
});
