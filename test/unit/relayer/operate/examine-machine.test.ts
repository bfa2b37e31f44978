import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import example from '../../../../config/relayer.example.json' with { type: 'json' };
import { relayerConfigSchema } from '../../../../src/config/relayer.ts';
import {
  lookAtClock,
  lookAtMemory,
  lookAtOpenFiles,
  lookAtSecrets,
  machineChecks,
} from '../../../../src/relayer/operate/examine-machine.ts';

const NOW = 1_800_000_000_000;

describe('the clock of the machine', () => {
  const servers: Server[] = [];
  const urlOf = async (date: string) => {
    const server = createServer((_, response) => response.writeHead(405, { date }).end());
    servers.push(server);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const at = (ms: number) => urlOf(new Date(ms).toUTCString());
  afterAll(async () => {
    for (const server of servers) {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    }
  });

  it.each([
    ['is right', 0, 'ok'],
    ['is ten seconds behind', 10_000, 'warn'],
    ['is ten seconds ahead', -10_000, 'warn'],
    ['is a minute off', 60_000, 'fail'],
  ] as const)('%s by what nodes say', async (_, offsetMs, verdict) => {
    expect(await lookAtClock([await at(NOW + offsetMs)], () => NOW)).toMatchObject({ verdict });
  });

  it('is not called wrong because one node of three is, or because nobody says', async () => {
    const urls = [await at(NOW), await at(NOW + 3_600_000), await at(NOW)];
    expect(await lookAtClock(urls, () => NOW)).toMatchObject({ verdict: 'ok' });
    const silent = await urlOf('soon');
    expect(await lookAtClock([silent, 'http://127.0.0.1:1'], () => NOW)).toMatchObject({
      verdict: 'ok',
      says: expect.stringContaining('no node says'),
    });
  });
});

describe('secrets in files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-secrets-'));
  beforeAll(() => chmodSync(folder, 0o755));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const fileOf = (name: string, mode: number, text = 'secret') => {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  it('that every user can read are named, with what closes them', async () => {
    const [open, closed] = [fileOf('open', 0o644), fileOf('closed', 0o600)];
    expect(await lookAtSecrets([closed])).toMatchObject({ verdict: 'ok' });
    const found = await lookAtSecrets([open, closed]);
    expect(found).toMatchObject({
      verdict: 'warn',
      fix: expect.stringContaining(`chmod 600 ${open}`),
    });
    expect(found.says).not.toContain(closed);
  });

  it('that only a closed folder hides are hidden', async () => {
    mkdirSync(join(folder, 'own'), { mode: 0o700 });
    expect(await lookAtSecrets([fileOf('own/key', 0o444)])).toMatchObject({ verdict: 'ok' });
  });

  it('of a container are its host’s to close, as the documents have it', async () => {
    const file = '/run/secrets/signer_ethereum';
    const statOf = async (path: string) => ({ mode: 0o755, dev: path === file ? 2 : 1 });
    const found = await lookAtSecrets([file], statOf);
    expect(found).toMatchObject({ verdict: 'ok', fix: null });
    expect(found.says).toContain(`on its host what is mounted here as ${file}`);
    const beside = await lookAtSecrets([file, '/config/key'], statOf);
    expect(beside).toMatchObject({ verdict: 'warn', fix: expect.stringContaining('/config/key') });
    expect(beside.says).not.toContain(file);
  });

  it('count in the configuration itself only if it holds one', async () => {
    const key = `0x${'5e'.repeat(32)}`;
    const chains = example.chains.map((chain) => ({ ...chain, signer: key }));
    const config = relayerConfigSchema.parse({
      ...example,
      chains,
      beneficiary: `0x${'01'.repeat(32)}`,
    });
    const verdictOf = async (text: string) => {
      const configFile = fileOf('relayer.json', 0o644, text);
      const checks = machineChecks(config, { configFile, secretFiles: [] });
      const look = checks.find(({ name }) => name === 'machine: secrets')?.look;
      return (await look?.())?.verdict;
    };
    expect(await verdictOf(JSON.stringify({ signer: key }))).toBe('warn');
    expect(await verdictOf('{}')).toBe('ok');
  });
});

it('little memory and few open files are warned of', () => {
  expect(lookAtMemory(2e9).verdict).toBe('ok');
  expect(lookAtMemory(100e6)).toMatchObject({ verdict: 'warn', says: '100 MB are available' });
  expect(lookAtOpenFiles(65_536).verdict).toBe('ok');
  expect(lookAtOpenFiles(256)).toMatchObject({ verdict: 'warn' });
  expect(lookAtOpenFiles().says).toMatch(/^\d+ may be open|^without/);
});
