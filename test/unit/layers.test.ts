import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const CRUISE = join(root, 'node_modules/.bin/depcruise');
const CONFIG = '.dependency-cruiser.cjs';

/** [the rule that must be broken, a file, what it imports] */
const FORBIDDEN: readonly (readonly [string, string, string])[] = [
  ['layer-shared', 'src/shared/low.ts', 'src/codec/target.ts'],
  ['layer-codec', 'src/codec/hashing.ts', 'src/crypto/target.ts'],
  ['layer-crypto', 'src/crypto/signing.ts', 'src/protocol/target.ts'],
  ['layer-protocol', 'src/protocol/proving.ts', 'src/light-client/target.ts'],
  ['layer-config', 'src/config/reading.ts', 'src/protocol/target.ts'],
  ['layer-light-client', 'src/light-client/booking.ts', 'src/ledger/target.ts'],
  ['layer-ledger', 'src/ledger/believing.ts', 'src/light-client/target.ts'],
  ['layer-enclave', 'src/enclave/asking.ts', 'src/relayer/target.ts'],
  ['layer-enclave', 'src/enclave/platform/asking.ts', 'src/relayer/target.ts'],
  ['layer-relayer', 'src/relayer/peeking.ts', 'src/enclave/target.ts'],
  ['layer-relayer', 'src/relayer/booking.ts', 'src/ledger/target.ts'],
  ['layer-chains', 'src/chains/journaling.ts', 'src/relayer/journal/target.ts'],
  ['layer-enclave-client', 'src/enclave-client/peeking.ts', 'src/enclave/target.ts'],
  ['layer-client', 'src/client/queueing.ts', 'src/relayer/queue/target.ts'],
  ['layer-verify', 'src/verify/connecting.ts', 'src/chains/target.ts'],
  ['layer-process', 'src/process/configuring.ts', 'src/config/target.ts'],
  ['layer-status', 'src/status/queueing.ts', 'src/relayer/queue/target.ts'],
  ['layer-status', 'src/status/asking.ts', 'src/enclave-client/target.ts'],
  ['layer-deploy', 'src/deploy/journaling.ts', 'src/relayer/journal/target.ts'],
  ['only-cli-knows-devnet', 'src/deploy/demonstrating.ts', 'devnet/target.ts'],
  ['devnet-is-loaded-when-needed', 'src/cli/demonstrating.ts', 'devnet/target.ts'],
  ['layer-devnet', 'devnet/relaying.ts', 'src/relayer/journal/target.ts'],
  ['layer-cli', 'src/cli/booking.ts', 'src/ledger/target.ts'],
  ['no-cycles', 'src/shared/one.ts', 'src/shared/other.ts'],
  ['pure-code-has-no-io', 'src/light-client/listening.ts', 'node:net'],
  ['pure-code-has-no-io', 'src/enclave/dispatch/listening.ts', 'node:net'],
  ['browser-code-has-no-node', 'src/client/listening.ts', 'node:net'],
  ['node-crypto-does-only-crypto', 'src/crypto/node/storing.ts', 'node:fs'],
  ['crypto-needs-no-node', 'src/crypto/hashing.ts', 'node:crypto'],
  [
    'crypto-of-a-platform-is-imported-by-condition',
    'src/crypto/fast.ts',
    'src/crypto/node/target.ts',
  ],
  [
    'crypto-of-a-platform-is-imported-by-condition',
    'src/ledger/slow.ts',
    'src/crypto/noble/target.ts',
  ],
  ['pure-code-trusts-few-packages', 'src/ledger/trusting.ts', 'ethers'],
  ['pure-code-trusts-few-packages', 'src/light-client/adding.ts', '@chainsafe/blst'],
  ['node-crypto-trusts-few-packages', 'src/crypto/node/trusting.ts', 'ethers'],
  ['crypto-trusts-few-packages', 'src/crypto/trusting.ts', 'ethers'],
  ['crypto-trusts-few-packages', 'src/crypto/adding.ts', '@chainsafe/blst'],
  ['polkadot-is-loaded-as-it-is-built', 'src/chains/copying.ts', '@polkadot/util'],
  ['polkadot-is-loaded-as-it-is-built', 'test/copying.ts', '@polkadot/util'],
  ['src-never-imports-test', 'src/relayer/testing.ts', 'test/target.ts'],
];

/** [a file, what it may import]; the last closes the cycle above, which is reported once. */
const ALLOWED: readonly (readonly [string, string])[] = [
  ['src/protocol/layered.ts', 'src/crypto/target.ts'],
  ['src/enclave/layered.ts', 'src/ledger/target.ts'],
  ['src/enclave/platform/files.ts', 'node:fs'],
  ['src/crypto/node/hashed.ts', 'node:crypto'],
  ['src/crypto/node/added.ts', '@chainsafe/blst'],
  ['src/crypto/chosen.ts', '#chosen'],
  ['src/relayer/connected.ts', 'ethers'],
  ['src/cli/started.ts', 'src/relayer/main.ts'],
  ['src/status/looking.ts', 'src/relayer/journal/target.ts'],
  ['devnet/deploying.ts', 'src/deploy/target.ts'],
  ['src/shared/other.ts', 'src/shared/one.ts'],
];

let tree: string;

beforeAll(() => {
  tree = realpathSync(mkdtempSync(join(tmpdir(), 'layers-')));
  copyFileSync(join(root, CONFIG), join(tree, CONFIG));
  copyFileSync(join(root, 'tsconfig.json'), join(tree, 'tsconfig.json'));
  write('package.json', JSON.stringify({ imports: { '#chosen': './src/crypto/node/target.ts' } }));
  for (const name of ['ethers', '@chainsafe/blst', '@polkadot/util']) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }));
    write(`node_modules/${name}/index.js`, 'exports.target = 1;\n');
  }
  const imports = [...FORBIDDEN.map(([, from, to]) => [from, to] as const), ...ALLOWED];
  for (const [, to] of imports) if (to.endsWith('.ts')) write(to, 'export const target = 1;\n');
  for (const [from, to] of imports) write(from, `export { target } from '${written(from, to)}';\n`);
});

afterAll(() => rmSync(tree, { recursive: true, force: true }));

describe('the check of the layers', () => {
  it('finds every forbidden import, and no allowed one', () => {
    const found = cruise().summary.violations.map(({ rule, from, to }) => [rule.name, from, to]);
    const planted = FORBIDDEN.map(([rule, from, to]) => [rule, from, resolved(to)]);
    expect(found.sort()).toEqual(planted.sort());
  });

  it('plants an import against every rule', () => {
    const { forbidden } = createRequire(import.meta.url)(join(root, CONFIG)) as {
      forbidden: { name: string }[];
    };
    const rules = new Set(forbidden.map(({ name }) => name));
    expect(new Set(FORBIDDEN.map(([rule]) => rule))).toEqual(rules);
  });

  it('ends with an error when it has found some', () => {
    expect(run('err').status).toBe(FORBIDDEN.length);
  });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

/** The import as `from` writes it. */
function written(from: string, to: string): string {
  return to.endsWith('.ts') ? `${'../'.repeat(from.split('/').length - 1)}${to}` : to;
}

/** The imported module as the check names it. */
function resolved(to: string): string {
  if (to.endsWith('.ts')) return to;
  return to.startsWith('node:') ? to.slice('node:'.length) : `node_modules/${to}/index.js`;
}

interface Report {
  summary: { violations: { rule: { name: string }; from: string; to: string }[] };
}

function cruise(): Report {
  return JSON.parse(run('json').stdout) as Report;
}

function run(outputType: string) {
  const args = [CRUISE, 'src', 'devnet', 'test', '--config', CONFIG, '--output-type', outputType];
  return spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8' });
}
