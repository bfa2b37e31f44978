import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const PROGRAM = resolve(import.meta.dirname, '../../src/cli/veilspan.mjs');
const EXAMPLES = resolve(import.meta.dirname, '../../config');

const NOBODY = `0x${'00'.repeat(19)}aa`;
const UNREACHABLE_NODES = {
  VEILSPAN_CLIENT__CHAINS__0__URL: 'http://127.0.0.1:1',
  VEILSPAN_CLIENT__LIGHT_CLIENTS__0__URL: 'http://127.0.0.1:1',
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'veilspan-cli-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('every command tells a newcomer what it is for', () => {
  test.each([
    ['demo', /carries ten transfers over real proofs/],
    ['devnet', /Starts an Ethereum .* and a Polkadot side/],
    ['enclave', /verif|keeps the keys/],
    ['relayer run', /Watches the chains/],
    ['relayer post', /Posts sealed orders/],
    ['relayer list', /on their way/],
    ['relayer explain', /who has to act next/],
    ['relayer doctor', /what to do about it/],
    ['relayer bundle export', /writes a proof/],
    ['bridge', /in one of three ways/],
    ['account', /a balance inside the ledger/i],
    ['account create', /makes a new private key/],
    ['account show', /Asks an enclave for your balances/],
    ['account deposit', /credited to your account/],
    ['account send', /No chain shows it/],
    ['account withdraw', /pays out of your balance on any chain/],
    ['status', /where a transfer is/],
    ['claim', /has put aside/],
    ['verify', /enclave's own code/],
    ['checkpoint', /checkpoint/],
  ])('%s --help', (command, about) => {
    const { status, stdout } = run([...command.split(' '), '--help']);
    expect(status).toBe(0);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(about);
  });
});

describe('what is wrong with a call is named, and the exit code is 2', () => {
  test('an unknown command', () => {
    const { status, stderr } = run(['relya']);
    expect(status).toBe(2);
    expect(stderr).toContain("unknown command 'relya'");
  });

  test('a subject of status that is neither an id nor a file', () => {
    const { status, stderr } = run(['status', 'abc', '--config', 'client.json']);
    expect(status).toBe(2);
    expect(stderr).toContain('expected <chain id>:<index>, or the file of an order');
  });

  test('a configuration file that is not there', () => {
    const { status, stderr } = run(['relayer', 'run', '--config', join(folder, 'none.json')]);
    expect(status).toBe(2);
    expect(stderr).toContain('CONFIG_UNREADABLE');
  });

  test('an unknown key, by its name', () => {
    const file = join(folder, 'client.json');
    writeFileSync(file, JSON.stringify({ lightClients: [], chains: [], gasPrice: 1 }));
    const { status, stderr } = run(['status', '1:1', '--config', file]);
    expect(status).toBe(2);
    expect(stderr).toContain('CONFIG_INVALID');
  });

  test('an environment variable that names no key', () => {
    const { status, stderr } = run(['devnet'], { VEILSPAN_DEVNET__SLOTS_MS: '5' });
    expect(status).toBe(2);
    expect(stderr).toContain('VEILSPAN_DEVNET__SLOTS_MS');
  });
});

test.each([
  ['a crowd of three', ['bridge', '--from', 'ethereum', '--to', NOBODY, '--crowd', '3'], 2],
  ['an account for an address', ['account', 'send', '--via', 'polkadot', '--to', NOBODY], 2],
])('%s is not sent', (_, args, code) => {
  const config = [
    '--config',
    join(EXAMPLES, 'client.example.json'),
    '--asset',
    'DOT',
    '--amount',
    '1',
  ];
  const { status, stderr } = run([...args, ...config], UNREACHABLE_NODES);
  expect(status, stderr).toBe(code);
});

test('an account belongs to a key, and a key is made where there is none', () => {
  const known = run(['account', 'create'], { VEILSPAN_ACCOUNT: '//Alice' });
  expect(known.stdout).toMatch(
    /account 0x[0-9a-f]{64}\nof key 0x[0-9a-f]{64} \(sr25519\), index 0/,
  );
  expect(known.stdout).not.toContain('private key');
  const fresh = run(['account', 'create', '--account-index', '3']);
  const [, key = ''] = /private key (0x[0-9a-f]{64})/.exec(fresh.stdout) ?? [];
  const again = run(['account', 'create', '--account-index', '3'], { VEILSPAN_ACCOUNT: key });
  expect(again.stdout.split('\n')[0]).toBe(fresh.stdout.split('\n')[0]);
});

test('what is compiled of the program is kept in the user’s own cache folder', () => {
  const { status } = run(['--help'], { XDG_CACHE_HOME: folder, NODE_COMPILE_CACHE: '' });
  expect(status).toBe(0);
  expect(
    readdirSync(join(folder, 'veilspan/compiled'), { recursive: true }).length,
  ).toBeGreaterThan(10);
});

test('a node that cannot be reached ends with exit code 6', () => {
  const { status, stderr } = run(
    ['status', '31337:0', '--config', join(EXAMPLES, 'client.example.json')],
    UNREACHABLE_NODES,
  );
  expect(stderr).toContain('CHAIN_UNAVAILABLE');
  expect(status).toBe(6);
});

test.each([
  ['a parachain of native nodes', ['--topology', 'parachain', '--polkadot', 'native']],
  ['two parachains of a chain that has none', ['--parachains', '2']],
  ['three parachains', ['--topology', 'parachain', '--parachains', '3']],
])('the demo refuses %s, by the key', (_, args) => {
  const { status, stderr } = run(['demo', ...args]);
  expect(status, stderr).toBe(2);
  expect(stderr).toMatch(/Configuration (topology|parachains):/);
});

test('an evidence file that proves nothing ends with exit code 3', () => {
  const file = join(folder, 'evidence.jsonl');
  writeFileSync(file, '{"hello":"world"}\n');
  const { status, stdout, stderr } = run(['verify', file]);
  expect(status, stderr).toBe(3);
  expect(stdout).toContain('REFUSED');
});

function run(args: string[], env: Record<string, string> = {}) {
  return spawnSync(process.execPath, [PROGRAM, ...args], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
}
