import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { relayerConfigSchema } from '../../src/config/relayer.ts';
import { runRelayer } from '../../src/relayer/main.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { openFreshPostgres } from '../support/fresh-postgres.ts';

const PROGRAM = resolve(import.meta.dirname, '../../src/cli/veilspan.mjs');
const EXAMPLE = resolve(import.meta.dirname, '../../config/relayer.example.json');
const NOBODY = '127.0.0.1:1';
const postgresUrl = process.env['POSTGRES_URL'];
const DAMAGE = [
  'ALTER TABLE holds RENAME TO holds_before',
  `CREATE FUNCTION damaged() RETURNS SETOF holds_before LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'invalid page in block 0' USING ERRCODE = 'XX001'; END $$`,
  'CREATE VIEW holds AS SELECT * FROM damaged()',
];

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly ended: Promise<Ended>;
}

/** What a configuration has else than usual. */
type Changes = { readonly url?: string } & Readonly<Record<string, unknown>>;

/** Of nodes that do not answer yet: they may join later. */
const away = { url: `http://${NOBODY}` };

/** The program itself, since exit codes and signals count. */
describe('a relayer that is started', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-start-'));
  const running = new Set<ChildProcess>();
  let node: Server;
  let silent: FaultProxy;
  let nodeUrl: string;

  beforeAll(async () => {
    // A node of chain 5, whatever it is asked.
    node = createServer((_, response) =>
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: '0x5' })),
    );
    await new Promise<void>((listening) => node.listen(0, '127.0.0.1', listening));
    const { port } = node.address() as { port: number };
    nodeUrl = `http://127.0.0.1:${port}`;
    silent = await startFaultProxy({ host: '127.0.0.1', port });
    await silent.set('blackhole');
  });
  afterEach(() => {
    for (const child of running) child.kill('SIGKILL');
  });
  afterAll(async () => {
    node.closeAllConnections();
    await new Promise((closed) => node.close(closed));
    await silent.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Both chains of a kind that needs no connection, so that what is wrong with one is found at once. */
  const configOf = (name: string, { url = nodeUrl, ...changes }: Changes): string => {
    const example = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as {
      chains: Record<string, unknown>[];
      lightClients: object[];
    };
    const [ethereum] = example.chains;
    const [lightClient] = example.lightClients;
    const chain = { ...ethereum, url, signer: `0x${'11'.repeat(32)}` };
    const config = {
      ...example,
      lightClients: [lightClient, { ...lightClient, id: 'other' }],
      chains: [chain, { ...chain, chainId: 31338, name: 'other', lightClient: 'other' }],
      anchor: { chainId: 31337, address: `0x${'aa'.repeat(20)}` },
      journal: { folder: join(folder, name) },
      enclaves: [join(folder, 'nobody.sock')],
      ...changes,
    };
    const path = join(folder, `${name}.json`);
    writeFileSync(path, JSON.stringify(config));
    return path;
  };
  const start = (name: string, changes: Changes): Running => {
    const args = [PROGRAM, 'relayer', 'run', '--config', configOf(name, changes)];
    const child = spawn(process.execPath, args, { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    }
    const ended = once(child, 'close').then(() => {
      running.delete(child);
      return { code: child.exitCode, ...said };
    });
    return { child, stdout: () => said.stdout, ended };
  };
  const linesOf = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string; err?: { code: string } });
  const hasLock = async ({ stdout }: Running, name: string) => {
    const pidFile = join(folder, `${name}.lock.pid`);
    await expect.poll(() => existsSync(pidFile), { timeout: 600_000, interval: 50 }).toBe(true);
    expect(stdout()).toContain('"msg":"starting"');
  };

  it.each([
    [
      'nobody is at the address of its Postgres',
      6,
      'JOURNAL_UNREACHABLE',
      'ECONNREFUSED',
      () => ({
        ...away,
        journal: { postgresUrl: `postgres://u:secret@${NOBODY}/x` },
      }),
    ],
    [
      'its Postgres accepts and says nothing',
      6,
      'JOURNAL_UNREACHABLE',
      'timeout',
      () => ({
        ...away,
        journal: { postgresUrl: `postgres://u:secret@${silent.address}/x` },
      }),
    ],
    [
      'nobody is at the address of its Redis',
      6,
      'QUEUE_UNREACHABLE',
      'ECONNREFUSED',
      () => ({
        ...away,
        queue: { redisUrl: `redis://u:secret@${NOBODY}` },
      }),
    ],
    [
      'its Redis accepts and says nothing',
      6,
      'QUEUE_UNREACHABLE',
      'no answer in',
      () => ({
        ...away,
        queue: { redisUrl: `redis://u:secret@${silent.address}` },
      }),
    ],
    ['its node is of another chain', 2, 'CHAIN_MISMATCH', 'got 5', () => ({})],
    [
      'another process listens at the address of its status',
      8,
      'STATUS_ADDRESS_UNUSABLE',
      'EADDRINUSE',
      () => ({ ...away, status: { listen: silent.address } }),
    ],
  ])('says so and ends when %s', async (name, code, errorCode, what, changes) => {
    const {
      code: exitCode,
      stdout,
      stderr,
    } = await start(name.replaceAll(' ', '-'), changes()).ended;
    expect(stderr).toContain(`${errorCode}: `);
    expect(stderr).toContain(what);
    expect(exitCode).toBe(code);
    expect(linesOf(stdout)).toContainEqual(
      expect.objectContaining({
        msg: 'cannot go on',
        err: expect.objectContaining({ code: errorCode }),
      }),
    );
    expect(stdout + stderr).not.toContain('secret');
  });

  it('opens nothing when it was told to stop before it was loaded', async () => {
    const journal = { postgresUrl: `postgres://u:secret@${silent.address}/x` };
    const path = configOf('unloaded', { ...away, journal, logLevel: 'silent' });
    const config = relayerConfigSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    const { accepted } = silent;
    await runRelayer(config, AbortSignal.abort());
    expect(silent.accepted).toBe(accepted);
  });

  it.skipIf(postgresUrl === undefined)(
    'ends with a code of its own once its database says that it is damaged',
    async () => {
      const journal = await openFreshPostgres(postgresUrl ?? '');
      // The server says so of whatever is asked of an operator's holds.
      for (const statement of DAMAGE) await journal.database.execute(sql.raw(statement));
      const changes = { ...away, journal: { postgresUrl: journal.url } };
      const { code, stdout, stderr } = await start('damaged', changes).ended;
      expect(stderr).toContain('RELAYER_HALTED: ');
      expect(stderr).toContain('JOURNAL_DAMAGED');
      expect(code).toBe(7);
      expect(stdout).toMatch(/ALARM: [^"]* has halted/);
      await journal.close();
    },
  );

  it('has its folder alone, lets go of it however it ends, and stops when it is told to', async () => {
    const first = start('shared', away);
    await hasLock(first, 'shared');
    const second = await start('shared', away).ended;
    expect(second.code).toBe(8);
    expect(second.stderr).toContain(`FOLDER_LOCKED: `);
    expect(second.stderr).toContain(`process ${first.child.pid} has it`);
    first.child.kill('SIGKILL');
    await first.ended;
    const third = start('shared', away);
    await expect
      .poll(third.stdout, { timeout: 600_000, interval: 50 })
      .toContain('"msg":"a chain has not joined yet"');
    third.child.kill('SIGTERM');
    const { code, stdout } = await third.ended;
    expect(code).toBe(0);
    expect(linesOf(stdout).at(-1)?.msg).toBe('stopped');
  });
});
