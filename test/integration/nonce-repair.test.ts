import { type ExecFileException, execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Wallet } from 'ethers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningAnvil, startAnvil } from '../../devnet/ethereum/anvil.ts';
import { openEmbedded } from '../../src/relayer/journal/database.ts';
import { claimLease, releaseLeases } from '../../src/relayer/journal/leases.ts';
import { recordIntents } from '../../src/relayer/journal/submissions.ts';
import { leaseName } from '../../src/relayer/submit/lead.ts';
import type { Hex } from '../../src/shared/bytes.ts';

const PROGRAM = resolve(import.meta.dirname, '../../src/cli/veilspan.mjs');
const EXAMPLE = resolve(import.meta.dirname, '../../config/relayer.example.json');
const CHAIN_ID = 31337;
const GWEI = 10n ** 9n;

const folder = mkdtempSync(join(tmpdir(), 'veilspan-nonces-'));
const config = join(folder, 'relayer.json');
const wallet = Wallet.createRandom();
const account = wallet.address.toLowerCase() as Hex;
let anvil: RunningAnvil;

beforeAll(async () => {
  anvil = await startAnvil({ port: 0, chainId: CHAIN_ID });
  await ask('anvil_setBalance', [account, '0x56bc75e2d63100000']);
  await ask('anvil_mine', ['0x1']);
  writeConfig();
  await leaveHole();
});
afterAll(async () => {
  await anvil?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(method: string, params: unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(anvil.rpcUrl, { method: 'POST', headers, body });
  return ((await response.json()) as { result: unknown }).result;
}

/** Two chains, of the other of which no node answers, and none that tells what is final of either. */
function writeConfig(): void {
  const text = readFileSync(EXAMPLE, 'utf8').replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:1');
  const example = JSON.parse(text);
  const [ethereum, other] = example.chains;
  const chains = [{ ...ethereum, url: anvil.rpcUrl, signer: wallet.privateKey }, other];
  const changes = { chains, journal: { folder: join(folder, 'relayer') } };
  writeFileSync(config, JSON.stringify({ ...example, ...changes }));
}

/** What a relayer leaves whose nonce 0 was given up after it had handed over what has nonce 1. */
async function leaveHole(): Promise<void> {
  const raw = (await wallet.signTransaction({
    type: 2,
    chainId: CHAIN_ID,
    nonce: 1,
    to: `0x${'5a'.repeat(20)}`,
    value: 7n,
    gasLimit: 21_000n,
    maxFeePerGas: 10n * GWEI,
    maxPriorityFeePerGas: GWEI,
  })) as Hex;
  const hash = (await ask('eth_sendRawTransaction', [raw])) as Hex;
  const { database, close } = await openEmbedded(join(folder, 'relayer'));
  const key = { chainId: BigInt(CHAIN_ID), account };
  const lease = { lease: leaseName(key), holder: 'the relayer', leaseMs: 10_000 };
  const fence = await claimLease(database, lease);
  if (fence === undefined) throw new Error('nobody else has the journal');
  const intent = { ...key, subject: 'commit 3', hash, nonce: 1, raw, signedAt: 1, costWei: 1n };
  await recordIntents(database, fence, [intent]);
  await releaseLeases(database, lease.holder);
  await close();
}

async function veilspan(...args: string[]) {
  const all = [PROGRAM, 'relayer', 'nonce', ...args, '--config', config, '--json'];
  const { error, stdout, stderr } = await new Promise<{
    error: ExecFileException | null;
    stdout: string;
    stderr: string;
  }>((ended) =>
    execFile(process.execPath, all, (error, stdout, stderr) => ended({ error, stdout, stderr })),
  );
  return { code: error?.code ?? 0, said: stdout && JSON.parse(stdout), stderr };
}

it('a hole that a relayer has left is filled by its operator, and what stood behind it is carried out', async () => {
  const { code, said, stderr } = await veilspan('repair', 'ethereum', '--yes');
  expect([code, said?.repaired], stderr).toEqual([0, true]);
  expect(said.plan).toEqual([
    `ethereum ${account}: nonce 0: filled, with nothing sent to oneself`,
    expect.stringContaining('nonce 1: commit 3'),
  ]);
  await ask('anvil_mine', ['0x1']);
  expect(await ask('eth_getTransactionCount', [account, 'latest'])).toBe('0x2');
  expect(await ask('eth_getBalance', [`0x${'5a'.repeat(20)}`, 'latest'])).toBe('0x7');
});
