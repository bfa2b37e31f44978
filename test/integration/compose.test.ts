import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { type RelayerConfig, relayerConfigSchema } from '../../src/config/relayer.ts';
import { cursorBefore, loadCursor, saveCursor } from '../../src/relayer/journal/cursors.ts';
import { type OpenDatabase, openPostgres } from '../../src/relayer/journal/database.ts';
import { createJobQueue, type JobRef } from '../../src/relayer/queue/job-queue.ts';
import { openRedisStore } from '../../src/relayer/queue/job-store.ts';

// The settings of docker-compose.yml, with the servers of this machine in the place of the containers.

const CHAIN_ID = 31_337n;
const root = join(import.meta.dirname, '../..');
const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true });
const environment: Record<string, string> = compose.services.relayer.environment;

const config = (env: Record<string, string>): RelayerConfig =>
  loadConfig(
    relayerConfigSchema,
    join(root, 'config/relayer.example.json'),
    env,
    'VEILSPAN_RELAYER',
  );

describe('the relayer in docker-compose.yml', () => {
  it('has settings that its schema takes, naming the other containers', () => {
    const { journal, queue } = config(environment);
    const postgres = new URL(journal.postgresUrl?.reveal() ?? '');
    const redis = new URL(queue.redisUrl?.reveal() ?? '');
    expect(postgres.protocol).toBe('postgres:');
    expect(redis.protocol).toBe('redis:');
    expect(Object.keys(compose.services)).toContain(postgres.hostname);
    expect(Object.keys(compose.services)).toContain(redis.hostname);
    const { POSTGRES_USER, POSTGRES_DB } = compose.services[postgres.hostname].environment;
    expect(postgres.username).toBe(POSTGRES_USER);
    expect(postgres.pathname).toBe(`/${POSTGRES_DB}`);
  });

  it('waits for the databases that its settings name', () => {
    const { journal, queue } = config(environment);
    for (const secret of [journal.postgresUrl, queue.redisUrl]) {
      const host = new URL(secret?.reveal() ?? '').hostname;
      expect(compose.services.relayer.depends_on[host]).toEqual({ condition: 'service_healthy' });
      expect(compose.services[host].healthcheck.test.length).toBeGreaterThan(1);
    }
  });
});

const { REDIS_URL: redisUrl, POSTGRES_URL: postgresUrl } = process.env;
const missing =
  redisUrl && postgresUrl ? '' : ' (skipped: REDIS_URL and POSTGRES_URL name no servers)';

/** `environment` with the servers of this machine in the place of those URLs. */
function onThisMachine(): Record<string, string> {
  const servers = new Map([
    ['VEILSPAN_RELAYER__JOURNAL__POSTGRES_URL', postgresUrl ?? ''],
    ['VEILSPAN_RELAYER__QUEUE__REDIS_URL', redisUrl ?? ''],
  ]);
  return Object.fromEntries(
    Object.entries(environment).map(([name, text]) => [name, servers.get(name) ?? text]),
  );
}

describe.skipIf(missing !== '')(`with these settings${missing}`, () => {
  let settings: RelayerConfig;
  let journal: OpenDatabase;

  beforeAll(async () => {
    settings = config(onThisMachine());
    journal = await openPostgres(settings.journal.postgresUrl?.reveal() ?? '');
  });

  afterAll(() => journal?.close());

  it('the journal keeps a row in Postgres, past a reopening', async () => {
    const height = 1 + Math.floor(Math.random() * 1_000_000);
    await saveCursor(journal.database, CHAIN_ID, cursorBefore(height + 1));
    const again = await openPostgres(settings.journal.postgresUrl?.reveal() ?? '');
    try {
      expect(await loadCursor(again.database, CHAIN_ID)).toBe(height);
    } finally {
      await again.close();
    }
  });

  it('the queue carries a job through Redis', async () => {
    const store = await openRedisStore(settings.queue.redisUrl?.reveal() ?? '', () => undefined);
    const id = `0x${Date.now().toString(16)}`;
    const ran = Promise.withResolvers<JobRef>();
    const queue = await createJobQueue({
      store,
      run: async (job) => {
        if (job.id === id) ran.resolve(job);
      },
      onFailure: (_, error) => ran.reject(error),
    });
    try {
      await queue.add({ kind: 'prove', id });
      expect(await ran.promise).toEqual({ kind: 'prove', id });
    } finally {
      await queue.close();
      await store.close();
    }
  });
});
