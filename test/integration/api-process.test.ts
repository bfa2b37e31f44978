import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { transferAnswer } from '../../src/status/answers.ts';
import { chainsAnswer, enclavesAnswer } from '../../src/status/bridge-answers.ts';
import { openFreshPostgres } from '../support/fresh-postgres.ts';
import { createStatusWorld, depositOf, ETHEREUM, wordOf } from '../support/status-world.ts';

const PROGRAM = resolve(import.meta.dirname, '../../src/cli/veilspan.mjs');
const EXAMPLE = resolve(import.meta.dirname, '../../config/api.example.json');
const NOBODY = '127.0.0.1:1';
const PAGE = 'https://page.example';
const { POSTGRES_URL: postgresUrl } = process.env;

/** The program itself, since exit codes and signals count. No node of a chain answers it. */
describe('the status API as a process', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-api-'));
  const config = join(folder, 'api.json');
  const running = new Set<ChildProcess>();
  beforeAll(() => {
    const example = readFileSync(EXAMPLE, 'utf8').replaceAll(
      /127\.0\.0\.1:(5052|9944|8545)/g,
      NOBODY,
    );
    const status = {
      listen: '127.0.0.1:0',
      requestsPerMinute: 40,
      trustedProxies: 1,
      allowOrigins: [PAGE],
    };
    const changed = { ...JSON.parse(example), status };
    writeFileSync(config, JSON.stringify(changed));
  });
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (url: string) => {
    const env = { VEILSPAN_API__JOURNAL__POSTGRES_URL: url };
    const args = [PROGRAM, 'api', '--config', config];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    const ended = once(child, 'close').then(() => {
      running.delete(child);
      return child.exitCode;
    });
    return { child, said: () => said, ended };
  };

  it('ends with exit code 6 and a sentence where its Postgres is away', async () => {
    const { ended, said } = start(`postgres://u:secret@${NOBODY}/x`);
    expect(await ended).toBe(6);
    expect(said()).toContain('JOURNAL_UNREACHABLE: ');
    expect(said()).not.toContain('secret');
  });

  it.skipIf(postgresUrl === undefined)(
    'refuses a journal that is newer than it, as a relayer does (skipped: POSTGRES_URL names no server)',
    async () => {
      const journal = await openFreshPostgres(postgresUrl ?? '');
      try {
        await journal.database.execute(sql`INSERT INTO journal_version VALUES (9999)`);
        const { ended, said } = start(journal.url);
        expect(await ended).toBe(7);
        expect(said()).toContain('JOURNAL_NEWER: The journal is of version 9999, and that of');
      } finally {
        await journal.close();
      }
    },
  );

  it.skipIf(postgresUrl === undefined)(
    'tells of what is in a journal whatever chains do, and ends when it is told to (skipped: POSTGRES_URL names no server)',
    async () => {
      const journal = await openFreshPostgres(postgresUrl ?? '');
      const { ethereum } = createStatusWorld(journal.database);
      ethereum.log(5, wordOf('aa', 5), [depositOf(0n)]);
      await ethereum.read({ head: 6, final: 5 });
      const { child, ended, said } = start(journal.url);
      try {
        await expect.poll(said, { timeout: 60_000, interval: 50 }).toContain('"msg":"answers"');
        const url = /"url":"([^"]+)"/.exec(said())?.[1];
        const ask = async (path: string) => {
          const response = await fetch(`${url}${path}`);
          return { status: response.status, body: await response.json() };
        };
        expect(await ask('/live')).toEqual({ status: 200, body: { isLive: true } });
        expect(await ask('/ready')).toMatchObject({ status: 200, body: { isReady: true } });
        const { body: transfer } = await ask(`/v1/transfers/${ETHEREUM}/0`);
        expect(transferAnswer.parse(transfer)).toMatchObject({
          state: 'finalized',
          transactionHash: wordOf('aa', 5),
        });
        const { chains } = chainsAnswer.parse((await ask('/v1/chains')).body);
        expect(chains.map(({ isReachable, sent }) => [isReachable, sent])).toEqual([
          [false, '1'],
          [false, '0'],
        ]);
        const { registries } = enclavesAnswer.parse((await ask('/v1/enclaves')).body);
        expect(registries.map(({ isReachable }) => isReachable)).toEqual([false, false]);
        expect((await ask(`/v1/transfers/${ETHEREUM}/1`)).status).toBe(404);
        await requireFence(`${url}/v1/transfers/${ETHEREUM}/0`);
        child.kill('SIGTERM');
        expect(await ended).toBe(0);
        expect(said()).toContain('"msg":"stopped"');
      } finally {
        child.kill('SIGKILL');
        await ended;
        await journal.close();
      }
    },
  );
});

/** Answers are for named pages alone, and so many for each asker, who is who the one proxy says that it has heard. */
async function requireFence(url: string): Promise<void> {
  const ask = async (headers: Record<string, string>) => {
    const { status, headers: said } = await fetch(url, { headers });
    return [status, said.get('access-control-allow-origin')];
  };
  expect(await ask({ origin: PAGE })).toEqual([200, PAGE]);
  expect(await ask({ origin: 'https://other.example' })).toEqual([200, null]);
  // What an asker puts before that is its own word.
  const from = (address: string, forged: number) =>
    ask({ 'x-forwarded-for': `203.0.113.${forged}, ${address}` });
  const asked = Array.from({ length: 41 }, (_, i) => from(`2001:db8:1:2::${i + 1}`, i));
  const statuses = (await Promise.all(asked)).map(([status]) => status);
  expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  expect(await from('2001:db8:1:3::1', 0)).toEqual([200, null]);
}
