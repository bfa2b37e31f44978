import { sql } from 'drizzle-orm';
import {
  type OpenDatabase,
  openEmbedded,
  openPostgres,
} from '../../../src/relayer/journal/database.ts';
import { toHex } from '../../../src/shared/bytes.ts';
import type { Operated } from './operated.ts';
import { logsOf, type Payment, timesPaid } from './payments.ts';
import type { RealWorld } from './real-world.ts';
import { DATABASE_PASSWORD, withRedis } from './stores.ts';
import { STOP_MS, type Supervised } from './supervised.ts';

/** Blocks that a cursor may be behind at the end: it goes on while it is looked at. */
const BEHIND_BLOCKS = 12;
/** Blocks after which a transaction of ours is in one or given up. */
const OPEN_BLOCKS = 80;
/** With which a process may end by itself: its stores do not answer at its start. */
const MAY_END_WITH = 6;

/** Sentences about what must not be in a world that has come to rest. */
export async function findBrokenParts(
  real: RealWorld,
  payments: readonly Payment[],
): Promise<string[]> {
  const found = await Promise.all([
    unpaid(real, payments),
    insolvent(real),
    holes(real),
    ...real.relayers.map((each) => ofRelayer(real, each, payments)),
  ]);
  return [...found.flat(), ...ends(real.enclave)];
}

async function unpaid(real: RealWorld, payments: readonly Payment[]): Promise<string[]> {
  const times = await timesPaid(real, payments);
  return [...times]
    .filter(([, count]) => count !== 1)
    .map(([name, count]) => `deposit ${name} is paid ${count} times`);
}

/** No more of an asset leaves than came in. */
async function insolvent({ ethereum, polkadot }: RealWorld): Promise<string[]> {
  const seen = await Promise.all([ethereum, polkadot].map(logsOf));
  const sums = new Map<string, bigint>();
  for (const { messages, releases } of seen) {
    for (const { asset, amount } of messages) sums.set(asset, (sums.get(asset) ?? 0n) + amount);
    for (const { asset, amount } of releases) sums.set(asset, (sums.get(asset) ?? 0n) - amount);
  }
  return [...sums]
    .filter(([, left]) => left < 0n)
    .map(([asset]) => `more of ${asset} was paid than deposited`);
}

/** Nothing waits in Ethereum's pool for a nonce that nobody uses; what waits in Polkadot's is open in the journal. */
async function holes({ world }: RealWorld): Promise<string[]> {
  const url = world.chains.find(({ kind }) => kind === 'ethereum')?.url ?? '';
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'txpool_content', params: [] });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body });
  const { result } = (await answer.json()) as { result: { queued: Record<string, object> } };
  return Object.entries(result.queued).flatMap(([account, waiting]) =>
    Object.keys(waiting).map((nonce) => `nothing has the nonce before ${nonce} of ${account}`),
  );
}

async function ofRelayer(
  real: RealWorld,
  relayer: Operated,
  payments: readonly Payment[],
): Promise<string[]> {
  const { supervised } = relayer;
  const isNotReady = await notReady(relayer);
  const journal = await inJournal(relayer, async (database) => ({
    wrong: [...(await behind(real, database)), ...(await untold(database))],
    text: await journalText(database),
  }));
  const sinks = [
    ['the log', supervised.log()],
    ['the queue', await queueText(relayer)],
    ['the journal', journal.text],
  ] as const;
  const words = secretsOf(real, payments);
  const told = sinks
    .filter(([, text]) => words.some((word) => text.toLowerCase().includes(word)))
    .map(([name]) => `${name} tells a secret`);
  return [...isNotReady, ...journal.wrong, ...told, ...ends(supervised)].map(
    (what) => `${supervised.name}: ${what}`,
  );
}

/** What only enclaves, operators and users know stands in no log, no job and no row. */
function secretsOf({ secrets }: RealWorld, payments: readonly Payment[]): string[] {
  return [
    DATABASE_PASSWORD,
    ...secrets.map((key) => key.replace(/^0x/, '').toLowerCase()),
    ...payments.flatMap(({ secret }) => (secret ? [toHex(secret).slice(2)] : [])),
  ];
}

async function notReady({ statusUrl }: Operated): Promise<string[]> {
  try {
    const answer = await fetch(`${statusUrl}/ready`, { signal: AbortSignal.timeout(10_000) });
    const { failing } = (await answer.json()) as { failing: { check: string; what: string }[] };
    return failing.map(({ check, what }) => `not ready: ${check}: ${what}`);
  } catch {
    return ['not ready: /ready does not answer'];
  }
}

/** Works on a relayer's journal. An embedded one is its process's alone, which is stopped for it. */
async function inJournal<T>(
  { supervised, postgresUrl, journalFolder }: Operated,
  work: (database: OpenDatabase['database']) => Promise<T>,
): Promise<T> {
  const on = async (open: OpenDatabase) => {
    try {
      return await work(open.database);
    } finally {
      await open.close();
    }
  };
  if (postgresUrl !== undefined) return await on(await openPostgres(postgresUrl));
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  await supervised.pause(() => openEmbedded(journalFolder).then(on).then(resolve, reject));
  return await promise;
}

type Database = OpenDatabase['database'];

/** Cursors are at the final head, and no transaction is open for ever. */
async function behind({ ethereum, polkadot }: RealWorld, database: Database): Promise<string[]> {
  const found = [ethereum, polkadot].map(async ({ chain }) => {
    const { name, chainId } = chain;
    const [head, final] = await Promise.all([chain.head(), chain.finalizedHead()]);
    const [cursor] = await rowsOf<{ at: number }>(
      database,
      sql`SELECT block_number AS at FROM cursors WHERE chain_id = ${chainId.toString()}`,
    );
    const open = await rowsOf<{ hash: string; subject: string; nonce: number }>(
      database,
      sql`SELECT hash, subject, nonce FROM submissions WHERE state IN ('intent', 'broadcast')
        AND chain_id = ${chainId.toString()} AND signed_at < ${head.number - OPEN_BLOCKS}`,
    );
    const at = cursor?.at ?? -1;
    return [
      ...(at + BEHIND_BLOCKS < final.number
        ? [`${name}: the cursor is at ${at}, the final head at ${final.number}`]
        : []),
      ...open.map((row) => `${name}: ${row.subject} with nonce ${row.nonce} is open for ever`),
    ];
  });
  return (await Promise.all(found)).flat();
}

/** The journal tells of every message that it is anchored, and of every release how it has ended. */
async function untold(database: Database): Promise<string[]> {
  const rows = await rowsOf<{ what: string }>(
    database,
    sql`SELECT 'message ' || chain_id || '/' || index AS what FROM messages WHERE is_final AND NOT EXISTS (
        SELECT 1 FROM state_changes WHERE subject = 'message ' || messages.chain_id || '/' || messages.index AND state = 'anchored')
      UNION SELECT 'release ' || chain_id || '/' || index FROM releases WHERE is_final AND NOT EXISTS (
        SELECT 1 FROM state_changes WHERE subject = 'release ' || releases.chain_id || '/' || releases.index AND state IN ('confirmed', 'refunded'))`,
  );
  return rows.map(({ what }) => `the journal does not tell how ${what} ended`);
}

async function rowsOf<T>(database: Database, query: ReturnType<typeof sql>): Promise<T[]> {
  return ((await database.execute(query)) as unknown as { rows: T[] }).rows;
}

async function queueText({ redisUrl }: Operated): Promise<string> {
  if (redisUrl === undefined) return '';
  return await withRedis(redisUrl, async (redis) => {
    const dumps = [];
    for (const key of await redis.keys('*')) {
      if ((await redis.type(key)) === 'hash') dumps.push(JSON.stringify(await redis.hgetall(key)));
      dumps.push(key);
    }
    return dumps.join('\n');
  });
}

/** An embedded queue is in the same database, in a schema of its own. */
async function journalText(database: Database): Promise<string> {
  const tables = await rowsOf<{ name: string }>(
    database,
    sql`SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const texts = [];
  for (const { name } of tables) {
    const rows = await rowsOf<{ row: string }>(
      database,
      sql`SELECT t::text AS row FROM ${sql.raw(name)} t`,
    );
    texts.push(...rows.map(({ row }) => row));
  }
  return texts.join('\n');
}

/** A process ends when it is told to, within the time that supervisors give it, and by itself for one reason. */
function ends({ name, ends: all, longestStopMs }: Supervised): string[] {
  const own = all.filter(({ isOwn, code }) => isOwn && code !== MAY_END_WITH);
  return [
    ...own.map(({ code, signal }) => `${name} has ended by itself (${signal ?? `code ${code}`})`),
    ...(longestStopMs > STOP_MS ? [`${name} took ${Math.round(longestStopMs)} ms to stop`] : []),
  ];
}
