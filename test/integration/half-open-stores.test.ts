import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterEach, describe, expect, it } from 'vitest';
import { type OpenDatabase, openPostgres } from '../../src/relayer/journal/database.ts';
import { requireSameBridge } from '../../src/relayer/journal/identity.ts';
import { connectRedis, type RedisLine } from '../../src/relayer/queue/redis-line.ts';
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

  it('keeps its connection while it answers, though nobody asks it anything', async () => {
    const way = await through(redisUrl ?? '');
    proxy = way.proxy;
    line = await connectRedis(way.address, () => undefined, { pingMs: 50 });
    await sleep(500);
    expect(await line.redis.ping()).toBe('PONG');
    expect(proxy.accepted).toBe(1);
  });
});
