import { Redis } from 'ioredis';
import pg from 'pg';
import type { RelayerConfig } from '../../config/relayer.ts';
import { MIGRATIONS, RETIRED_VERSION } from '../journal/migrations.ts';
import { type Check, type Finding, failure, good, warning } from './finding.ts';

const CONNECT_MS = 5000;

/** What is checked of the queue's Redis. */
export function queueChecks({ queue }: Pick<RelayerConfig, 'queue'>): Check[] {
  const { redisUrl } = queue;
  if (redisUrl === undefined) return [];
  const fix = 'start Redis, or correct queue.redisUrl';
  return [{ name: 'queue: Redis', fix, look: () => lookAtRedis(redisUrl.reveal()) }];
}

async function lookAtRedis(url: string): Promise<Finding> {
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: CONNECT_MS,
  });
  // The call that fails says no more than that the connection is closed; why, is told here.
  let why: unknown;
  redis.on('error', (error) => {
    why = error;
  });
  try {
    await redis.connect();
    return judgeRedis(await redis.info());
  } catch (error) {
    throw why ?? error;
  } finally {
    redis.disconnect();
  }
}

/** SPEC: what BullMQ asks for. */
const LEAST_REDIS = [6, 2] as const;
const FULL = 0.8;

/** @param info what Redis answers to INFO */
export function judgeRedis(info: string): Finding {
  const check = 'queue: Redis';
  const facts = new Map(
    info.split(/\r?\n/).flatMap((line) => {
      const cut = line.indexOf(':');
      return cut < 0 ? [] : [[line.slice(0, cut), line.slice(cut + 1)] as const];
    }),
  );
  const version = facts.get('redis_version') ?? '0';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [used, most] = [Number(facts.get('used_memory')), Number(facts.get('maxmemory'))];
  const policy = facts.get('maxmemory_policy') ?? 'unknown';
  const says = `version ${version}, evicts by ${policy}`;
  if (major < LEAST_REDIS[0] || (major === LEAST_REDIS[0] && minor < LEAST_REDIS[1])) {
    return failure(check, says, `run Redis ${LEAST_REDIS.join('.')} or newer`);
  }
  if (policy !== 'noeviction') {
    const fix =
      'set maxmemory-policy to noeviction, or jobs are lost and only found again at the next look';
    return warning(check, says, fix);
  }
  if (most > 0 && used > FULL * most) {
    const full = `${says}; ${Math.round((100 * used) / most)} % of maxmemory are used`;
    return warning(check, full, 'raise maxmemory: a full queue takes no jobs');
  }
  return good(check, says);
}

/** What a Postgres says of itself. */
export interface PostgresFacts {
  /** As `server_version_num`. */
  readonly version: number;
  readonly isStandby: boolean;
  readonly mayCreate: boolean;
  readonly connections: { readonly most: number; readonly used: number };
  /** How far its clock is ahead of ours. */
  readonly aheadMs: number;
  /** Version of the journal in it; undefined before the first start. */
  readonly journal: number | undefined;
}

/** Asks a Postgres for what a journal needs of it. Changes nothing. */
export async function askPostgres(url: string): Promise<PostgresFacts> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: CONNECT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query(`SELECT
      current_setting('server_version_num')::int AS version, pg_is_in_recovery() AS standby,
      coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_create,
      current_setting('max_connections')::int AS most,
      (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
      (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms,
      to_regclass('journal_version') IS NOT NULL AS has_journal`);
    const row = rows[0];
    const aheadMs = row.now_ms - Date.now();
    const made = row.has_journal
      ? await client.query('SELECT max(version) AS version FROM journal_version')
      : undefined;
    return {
      version: row.version,
      isStandby: row.standby,
      mayCreate: row.may_create,
      connections: { most: row.most, used: row.used },
      aheadMs,
      journal: made?.rows[0].version ?? undefined,
    };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** SPEC: postgresql.org/support/versioning: the oldest that is maintained. */
const LEAST_POSTGRES = 140_000;
/** Of a relayer, of the API and of the operator's commands. */
const CONNECTIONS = 16;
const FAR_OFF_MS = 30_000;

/** What is to be said of a Postgres, each with what to do. */
export function judgePostgres(facts: PostgresFacts): Finding[] {
  const { version, isStandby, mayCreate, connections, aheadMs } = facts;
  const name = 'journal: Postgres';
  const major = Math.floor(version / 10_000);
  const left = connections.most - connections.used;
  const offSec = Math.round(aheadMs / 1000);
  const problems: (Finding | false)[] = [
    version < LEAST_POSTGRES &&
      warning(name, `version ${major}, which nobody maintains any more`, 'upgrade it'),
    isStandby && failure(name, 'it is a standby, and takes no writes', 'name the primary'),
    !mayCreate &&
      failure(name, 'this user may not create tables', 'GRANT CREATE ON SCHEMA public TO the user'),
    left < CONNECTIONS &&
      warning(name, `${left} connections are left of ${connections.most}`, 'raise max_connections'),
    Math.abs(aheadMs) > FAR_OFF_MS &&
      warning(
        name,
        `its clock is ${offSec} s ahead of ours`,
        'set the clock of the one that is wrong',
      ),
  ];
  const found = problems.filter((problem) => problem !== false);
  return found.length > 0 ? found : [good(name, `version ${major}, ${left} connections are left`)];
}

/** Whether a journal has the form that this release works with; another one is not opened to look at it, which would change it. */
export function judgeForm({ journal }: Pick<PostgresFacts, 'journal'>): Finding {
  const name = 'journal: form';
  const newest = RETIRED_VERSION + MIGRATIONS.length;
  if (journal === undefined) return good(name, 'there is none yet: the first start makes it');
  if (journal === newest) return good(name, `version ${journal}`);
  return journal > newest
    ? failure(name, `version ${journal}, which a newer release has made`, 'run that release')
    : warning(
        name,
        `version ${journal}; the next start makes it ${newest}`,
        'back it up before that',
      );
}
