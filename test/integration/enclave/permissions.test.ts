import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enclaveFlags } from '../../../src/enclave/platform/permissions.ts';

// Runs a probe with exactly the flags and the environment that the host gives an enclave.
const PROBE = `
import { readFileSync, writeFileSync, symlinkSync, readdirSync } from 'node:fs';
const [folder, outside] = process.argv.slice(2);
const attempts = {
  listen: () => import('node:net').then(({ createServer }) => settle((done, failed) => createServer().on('error', failed).listen(0, '127.0.0.1', done))),
  listenUnix: () => import('node:net').then(({ createServer }) => settle((done, failed) => createServer().on('error', failed).listen(folder + '/s', done))),
  connect: () => import('node:net').then(({ connect }) => settle((done, failed) => connect(9, '127.0.0.1', done).on('error', failed))),
  datagram: () => import('node:dgram').then(({ createSocket }) => settle((done, failed) => createSocket('udp4').on('error', failed).bind(0, done))),
  fetch: () => fetch('http://127.0.0.1:49152/'),
  dnsLookup: () => import('node:dns/promises').then(({ lookup }) => lookup('localhost')),
  dnsResolve: () => import('node:dns/promises').then(({ resolve4 }) => resolve4('localhost')),
  childProcess: () => import('node:child_process').then(({ execFileSync }) => execFileSync('/bin/true')),
  worker: () => import('node:worker_threads').then(({ Worker }) => new Worker('0', { eval: true })),
  inspector: () => import('node:inspector').then(({ open }) => open(0)),
  wasi: () => import('node:wasi').then(({ WASI }) => new WASI({ version: 'preview1' })),
  evaluate: () => new Function('return 1')(),
  readHostname: () => readFileSync('/etc/hostname'),
  readParent: () => readdirSync(folder + '/..'),
  writeOutside: () => writeFileSync(outside, 'x'),
  linkOutside: () => symlinkSync('/etc/hostname', folder + '/link'),
  writeInside: () => writeFileSync(folder + '/inside', 'x'),
  readInside: () => readFileSync(folder + '/inside'),
};
// Some denials are thrown past the caller.
let escaped;
process.on('uncaughtException', (error) => escaped?.(error));
function settle(start) {
  return new Promise((done, failed) => { escaped = failed; start(done, failed); });
}
const answers = { environment: Object.keys(process.env).join() };
for (const [name, attempt] of Object.entries(attempts)) {
  try { await attempt(); answers[name] = 'allowed'; }
  catch (error) { answers[name] = error.cause?.code ?? error.code ?? error.name; }
}
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
`;

const DENIED = 'ERR_ACCESS_DENIED';
const root = mkdtempSync(join(tmpdir(), 'veilspan-probe-'));
const folder = mkdtempSync(join(tmpdir(), 'veilspan-probe-own-'));
const outside = join(root, 'outside');
let answers: Record<string, string> = {};

beforeAll(() => {
  const bundle = join(root, 'enclave.mjs');
  writeFileSync(bundle, PROBE);
  copyFileSync(process.execPath, join(root, 'blst.node'));
  const flags = [...enclaveFlags({ bundle, folder }), bundle, folder, outside];
  const options = { env: {}, cwd: folder, encoding: 'utf8', timeout: 30_000 } as const;
  answers = JSON.parse(execFileSync(process.execPath, flags, options));
}, 60_000);

afterAll(() => {
  rmSync(root, { recursive: true });
  rmSync(folder, { recursive: true });
});

describe('a process under the flags of an enclave', () => {
  it.each([
    'listen',
    'listenUnix',
    'connect',
    'datagram',
    'fetch',
    'dnsLookup',
    'dnsResolve',
    'childProcess',
    'worker',
    'inspector',
    'wasi',
    'readHostname',
    'readParent',
    'writeOutside',
    'linkOutside',
  ])('is denied: %s', (attempt) => {
    expect(answers[attempt]).toBe(DENIED);
  });

  it('cannot evaluate text as code', () => {
    expect(answers['evaluate']).toBe('EvalError');
  });

  it('sees no environment', () => {
    expect(answers['environment']).toBe('');
  });

  it('reads and writes its own folder, and nothing was written beside it', () => {
    expect([answers['writeInside'], answers['readInside']]).toEqual(['allowed', 'allowed']);
    expect(readdirSync(folder)).toEqual(['inside']);
    expect(existsSync(outside)).toBe(false);
  });
});
