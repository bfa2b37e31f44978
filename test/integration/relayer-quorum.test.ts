import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Interface } from 'ethers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ACCOUNTS } from '../../devnet/accounts.ts';
import { devnetConfigSchema } from '../../devnet/config.ts';
import { assetOf } from '../../devnet/demo-assets.ts';
import { startWorld, type World } from '../../devnet/world.ts';
import { connect } from '../../src/client/connect.ts';
import { makeDeposit } from '../../src/client/deposit.ts';
import { loadConfig } from '../../src/config/load.ts';
import { relayerConfigSchema } from '../../src/config/relayer.ts';
import { type EnclaveHost, startEnclaveHost } from '../../src/enclave/platform/host.ts';
import { statusOf } from '../../src/enclave-client/enclave-status.ts';
import { NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import { runRelayer } from '../../src/relayer/main.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type LyingEnclave, startLyingEnclave } from '../support/lying-enclave.ts';
import { seedEnclave } from '../support/seeded-enclave.ts';

// Four real enclaves of one ledger, of which two have to sign. The first of the configuration lies, the second never answers.

const CODE = resolve(import.meta.dirname, '../../dist');
const TOKEN_ABI = new Interface(['function balanceOf(address) view returns (uint256)']);
const AMOUNT = 10n ** 18n;
const RECIPIENT: Hex = `0x${'ab'.repeat(20)}`;
const ENCLAVES = 4;

const folder = mkdtempSync(join(tmpdir(), 'veilspan-quorum-'));
const hosts: EnclaveHost[] = [];
let world: World;
let liar: LyingEnclave;
let silent: FaultProxy;

beforeAll(async () => {
  world = await startWorld(loadConfig(devnetConfigSchema, { folder }, {}, 'NONE'));
  const { measured } = JSON.parse(readFileSync(join(folder, 'enclave.json'), 'utf8')) as {
    measured: NonNullable<Parameters<typeof startEnclaveHost>[0]['measuredConfig']>;
  };
  const masterSecret = new Uint8Array(32).fill(7);
  for (let i = 1; i <= ENCLAVES; i++) {
    const at = join(folder, `seeded-${i}`);
    seedEnclave(at, { measured, codeFolder: CODE, masterSecret });
    const socketPath = join(folder, `enclave-${i}.sock`);
    hosts.push(await startEnclaveHost({ folder: at, socketPath, measuredConfig: measured }));
  }
  const addresses = hosts.map(({ address }) => address);
  const [first, ...others] = await Promise.all(addresses.map((address) => statusOf(address)));
  if (first === undefined) throw new Error('there are enclaves');
  await world.admit(first, { others, threshold: 2 });
  const [lied = '', unheard = ''] = addresses;
  liar = await startLyingEnclave(lied, join(folder, 'liar.sock'));
  silent = await startFaultProxy({ path: unheard }, { path: join(folder, 'silent.sock') });
  await silent.set('blackhole');
});
afterAll(async () => {
  await Promise.all([liar.close(), silent.close()]);
  for (const host of hosts) await host.close();
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

it('carries a message with the two enclaves that agree, beside one that lies and one that never answers', async () => {
  const env = { X__JOURNAL__FOLDER: join(folder, 'journal'), X__LOG_LEVEL: 'silent' };
  const config = loadConfig(relayerConfigSchema, join(folder, 'relayer.json'), env, 'X');
  const honest = hosts.slice(2).map(({ address }) => address);
  const enclaves = [liar.address, silent.address, ...honest];
  const stop = new AbortController();
  const running = runRelayer({ ...config, enclaves }, stop.signal);

  const connections = await connect(world.client);
  const [ethereum, polkadot] = world.client.chains.map((entry) => {
    const chain = connections.chains.get(entry.chainId);
    if (chain === undefined) throw new Error('the world has its chains');
    return { ...entry, chain };
  });
  if (ethereum === undefined || polkadot === undefined) throw new Error('there are two chains');
  const { chain, gateway, registry } = polkadot;
  const signer = await chain.signer(world.secretOf(ACCOUNTS.depositor.substrate));
  const { asset, addresses } = assetOf(world.deployment, 'DOT');
  await makeDeposit(
    { chain, signer, gateway, registry },
    {
      asset,
      token: NATIVE_TOKEN,
      amount: AMOUNT,
      destination: ethereum.chainId,
      content: { kind: 'transparent', recipient: RECIPIENT },
    },
  );
  const token = addresses.get(ethereum.chainId) ?? '0x';
  const data = TOKEN_ABI.encodeFunctionData('balanceOf', [RECIPIENT]) as Hex;
  while (BigInt(await ethereum.chain.call(token, data)) === 0n) await sleep(300);

  // What it says of itself sets nothing back, or no message would be final any more.
  expect(liar.lies).toEqual(expect.arrayContaining(['status', 'ingest']));
  expect(silent.accepted).toBeGreaterThan(0);
  for (const address of honest) {
    expect((await statusOf(address)).ledger.number).toBeGreaterThan(0n);
  }
  stop.abort();
  await running;
  await connections.close();
});
