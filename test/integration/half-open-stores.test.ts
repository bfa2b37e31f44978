import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterEach, describe, expect, it, test } from 'vitest';
import { loadCursor } from '../../src/relayer/journal/cursors.ts';
import { type OpenDatabase, openPostgres } from '../../src/relayer/journal/database.ts';
import { requireSameBridge } from '../../src/relayer/journal/identity.ts';
import { nameStatements } from '../../src/relayer/name-waits.ts';
import { createJobQueue, type JobRef } from '../../src/relayer/queue/job-queue.ts';
import { openRedisStore } from '../../src/relayer/queue/job-store.ts';
import { connectRedis, type RedisLine } from '../../src/relayer/queue/redis-line.ts';
import { Vitals } from '../../src/relayer/vitals.ts';
import { asyncRefusal } from '../support/async-refusal.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';

const redisUrl = process.env['REDIS_URL'];
const postgresUrl = process.env['POSTGRES_URL'];
const POLL = { timeout: 20_000, interval: 20 };

/** A proxy in front of a server, and the server's address through it. */
async function through(url: string): Promise<{ proxy: FaultProxy; address: string }> {
  const { hostname, port } = new URL(url);
  const proxy = await startFaultProxy({ host: hostname, port: Number(port) });
  const address = new URL(url);
  address.host = proxy.address;
  return { proxy, address: address.href };
}

describe.skipIf(postgresUrl === undefined)('a Postgres that the network loses', () => {
  let proxy: FaultProxy;
  let open: OpenDatabase;
  afterEach(async () => {
    await proxy.set('pass');
    await open.close();
    await proxy.close();
  });
  const connect = async () => {
    const way = await through(postgresUrl ?? '');
    proxy = way.proxy;
    open = await openPostgres(way.address, { patience: { statementMs: 1500, silenceMs: 2000 } });
  };

  it('fails statements within its patience, in transactions too, and is used again when it is back', async () => {
    await connect();
    const { database } = open;
    await proxy.set('half-open');
    expect(await asyncRefusal(database.execute(sql`SELECT 1`))).toBeInstanceOf(Error);
    await proxy.set('pass');
    expect(await database.execute(sql`SELECT 1`)).toMatchObject({ rowCount: 1 });
    const cutOff = database.transaction(async (tx) => {
      await tx.execute(sql`SELECT 1`);
      await proxy.set('half-open');
      await tx.execute(sql`SELECT 2`);
    });
    expect(await asyncRefusal(cutOff)).toBeInstanceOf(Error);
    await proxy.set('pass');
    // Every connection that was left half-open has gone from the pool.
    const all = Array.from({ length: 8 }, () => database.execute(sql`SELECT 3`));
    expect(await Promise.all(all)).toHaveLength(8);
  });

  it('shows by name which statements and transactions wait for it', async () => {
    await connect();
    const vitals = new Vitals();
    const { database } = open;
    nameStatements(database, vitals);
    const shown = () => vitals.waits().map(({ name }) => name);
    await Promise.all([loadCursor(database, 1n), database.transaction((tx) => loadCursor(tx, 1n))]);
    expect(shown()).toEqual([]);
    const statement = 'the journal: a statement on cursors';
    const within = database.transaction((tx) =>
      tx.transaction(async (inner) => {
        await proxy.set('half-open');
        await loadCursor(inner, 1n);
      }),
    );
    const lost = [asyncRefusal(within)];
    await expect.poll(shown, POLL).toEqual([statement]);
    lost.push(asyncRefusal(database.transaction((tx) => loadCursor(tx, 1n))));
    await expect.poll(shown, POLL).toEqual([statement, 'the journal: the begin of a transaction']);
    await Promise.all(lost);
    expect(shown()).toEqual([]);
  });

  it('is said to have failed, by its code and in its own class, also where a transaction does not come to begin', async () => {
    await connect();
    const { database } = open;
    await proxy.set('refuse');
    proxy.cut();
    const work = () => database.transaction(async (tx) => await tx.execute(sql`SELECT 1`));
    await expect
      .poll(() => asyncRefusal(work()), POLL)
      .toMatchObject({
        code: 'JOURNAL_STATEMENT_FAILED',
        meta: { sqlState: 'ECONNREFUSED' },
      });
    await proxy.set('pass');
    await expect.poll(work, POLL).toMatchObject({ rowCount: 1 });
    // What the work itself throws is told as it is.
    const own = database.transaction(() => Promise.reject(new RangeError('mine')));
    await expect(own).rejects.toThrow(RangeError);
  });

  it('has its connections back that were lost before a transaction began, however many', async () => {
    await connect();
    const { database } = open;
    const work = () => database.transaction(async (tx) => await tx.execute(sql`SELECT 1`));
    // As many as there are, all of them used before.
    await Promise.all(Array.from({ length: 8 }, () => database.execute(sql`SELECT pg_sleep(0.1)`)));
    await proxy.set('half-open');
    const lost = Array.from({ length: 8 }, () => asyncRefusal(work()));
    expect(await Promise.all(lost)).toHaveLength(8);
    await proxy.set('pass');
    expect(await work()).toMatchObject({ rowCount: 1 });
  });

  it('is connected to anew after a while: its name may lead to another server by then', async () => {
    const way = await through(postgresUrl ?? '');
    proxy = way.proxy;
    open = await openPostgres(way.address, { patience: { lifeMs: 1000 } });
    const ask = async () => void (await open.database.execute(sql`SELECT 1`));
    await ask();
    const before = proxy.accepted;
    const asking = async () => {
      await ask();
      return proxy.accepted;
    };
    await expect.poll(asking, POLL).toBeGreaterThan(before);
  });

  it('says whose journal it keeps, and is refused to another bridge', async () => {
    await connect();
    const { database } = open;
    await database.execute(sql`DELETE FROM bridge_places`);
    const anchor = { chainId: 1n, address: `0x${'aa'.repeat(20)}` } as const;
    const one = { chainId: 1n, gateway: `0x${'11'.repeat(20)}` } as const;
    const two = { chainId: 2n, gateway: `0x${'22'.repeat(20)}` } as const;
    await requireSameBridge(database, { anchor, chains: [one] });
    await requireSameBridge(database, { anchor, chains: [one, two] });
    await requireSameBridge(database, { anchor, chains: [one] });
    const elsewhere = { ...two, gateway: one.gateway };
    const foreign = requireSameBridge(database, { anchor, chains: [one, elsewhere] });
    expect(await asyncRefusal(foreign)).toMatchObject({
      code: 'JOURNAL_FOREIGN',
      meta: { place: 'gateway 2', journal: two.gateway, expected: one.gateway },
    });
    await database.execute(sql`DELETE FROM bridge_places`);
  });
});

test('what refuses a connection for how it is asked for is said to be of no use, with its code', async () => {
  const message = 'SFATAL\0C08P01\0Munsupported startup parameter: statement_timeout\0\0';
  const length = Buffer.alloc(4);
  length.writeInt32BE(message.length + 4);
  const pooler = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () =>
      socket.end(Buffer.concat([Buffer.from('E'), length, Buffer.from(message)])),
    );
  });
  await new Promise<void>((listening) => pooler.listen(0, '127.0.0.1', listening));
  const { port } = pooler.address() as AddressInfo;
  const error = await asyncRefusal(openPostgres(`postgres://u:secret@127.0.0.1:${port}/x`));
  expect(error).toMatchObject({ code: 'JOURNAL_UNREACHABLE', meta: { reason: '08P01' } });
  await new Promise((closed) => pooler.close(closed));
});

describe.skipIf(redisUrl === undefined)('a Redis that the network loses', () => {
  let proxy: FaultProxy;
  let line: RedisLine;
  afterEach(async () => {
    await proxy.set('pass');
    await line.close();
    await proxy.close();
  });

  it('is connected to again, and asked again what it had not answered', async () => {
    const way = await through(redisUrl ?? '');
    proxy = way.proxy;
    line = await connectRedis(way.address, () => undefined, { pingMs: 200 });
    const { redis } = line;
    await redis.set('half-open', '1');
    await proxy.set('half-open');
    const asked = redis.get('half-open');
    await expect.poll(() => proxy.accepted, POLL).toBeGreaterThan(1);
    await proxy.set('pass');
    expect(await asked).toBe('1');
  });

  it('is connected to again where the next connection is accepted and nothing is said on it', async () => {
    const way = await through(redisUrl ?? '');
    proxy = way.proxy;
    line = await connectRedis(way.address, () => undefined, { connectMs: 500 });
    const done: string[] = [];
    const store = await openRedisStore(way.address, () => undefined, { connectMs: 500 });
    const run = async ({ id }: JobRef) => void done.push(id);
    const queue = await createJobQueue({ store, run, onFailure: () => undefined });
    try {
      const before = proxy.accepted;
      await proxy.set('blackhole');
      proxy.cut();
      // The line, the queue's, and the one that its worker waits on.
      await expect.poll(() => proxy.accepted - before, POLL).toBeGreaterThanOrEqual(3);
      // What was accepted is still there, and still says nothing.
      await proxy.set('pass');
      expect(await line.redis.ping()).toBe('PONG');
      await queue.add({ kind: 'follow', id: 'greeted' });
      await expect.poll(() => done, POLL).toEqual(['greeted']);
    } finally {
      await queue.close();
      await store.close();
    }
  });

  it('is connected to again once it takes no writes: its address may lead to another', async () => {
    const way = await through(redisUrl ?? '');
    proxy = way.proxy;
    line = await connectRedis(way.address, () => undefined);
    // As a primary that was demoted answers, from a script as BullMQ's.
    const script =
      "return redis.error_reply('READONLY You can\\'t write against a read only replica.')";
    await expect(line.redis.eval(script, 0)).rejects.toThrow('READONLY');
    await expect.poll(() => proxy.accepted, POLL).toBeGreaterThan(1);
    expect(await line.redis.ping()).toBe('PONG');
  });

  it('keeps its connection while it answers, though nobody asks it anything', async () => {
    const way = await through(redisUrl ?? '');
    proxy = way.proxy;
    line = await connectRedis(way.address, () => undefined, { pingMs: 50 });
    await sleep(500);
    expect(await line.redis.ping()).toBe('PONG');
    expect(proxy.accepted).toBe(1);
  });
});
