import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Interface } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNTS } from '../../devnet/accounts.ts';
import { devnetConfigSchema } from '../../devnet/config.ts';
import { assetOf } from '../../devnet/demo-assets.ts';
import { startWorld, type World } from '../../devnet/world.ts';
import { GATEWAY_ABI } from '../../src/chains/shared/abi.ts';
import { attendRelayer } from '../../src/cli/attend-relayer.ts';
import { type Connections, connect } from '../../src/client/connect.ts';
import { makeDeposit, type SourceSide } from '../../src/client/deposit.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type RelayerConfig, relayerConfigSchema } from '../../src/config/relayer.ts';
import { type EnclaveHost, startEnclaveHost } from '../../src/enclave/platform/host.ts';
import { createEnclaveClient } from '../../src/enclave-client/enclave-client.ts';
import { NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import type { Bridge } from '../../src/relayer/bridge.ts';
import { batchesFrom } from '../../src/relayer/journal/batches.ts';
import { liftHold, placeHold } from '../../src/relayer/journal/holds.ts';
import { submissionsIn } from '../../src/relayer/journal/submissions.ts';
import { type Attend, runRelayer } from '../../src/relayer/main.ts';
import { planOnce } from '../../src/relayer/operate/dry-run.ts';
import { examine } from '../../src/relayer/operate/examine.ts';
import { openDesk } from '../../src/relayer/operate/open-desk.ts';
import { keyOf } from '../../src/relayer/submit/lead.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { enclavesAnswer } from '../../src/status/bridge-answers.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { deployedExpressions, unscraped } from '../support/prometheus.ts';
import { startTraceCollector } from '../support/trace-collector.ts';

const TOKEN_ABI = new Interface(['function balanceOf(address) view returns (uint256)']);
const AMOUNT = 10n ** 18n;
/** What a release of any of the demo's assets costs. */
const RATE = 10n ** 14n;
const POLL = { timeout: 1_500_000, interval: 500 };
/** Ethereum blocks within which a payout must arrive, however long they take. */
const PATIENCE_BLOCKS = 400;

/** What an enclave keeps of itself when its state is gone: the keys, which nobody hands over yet. */
const KEPT: ReadonlySet<string> = new Set(['device.seed', 'keys.sealed']);

interface RunningRelayer {
  stop(): Promise<void>;
}

describe('a relayer between real chains and a real enclave', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-relayer-'));
  let world: World;
  let host: EnclaveHost;
  let connections: Connections;
  let ethereum: SourceSide;
  let polkadot: SourceSide;
  let deposited = 0;

  // Its own copy: an enclave built anew in between would be another one, which reads nothing of the first.
  const bundle = join(folder, 'dist', 'enclave.mjs');

  beforeAll(async () => {
    cpSync(join(import.meta.dirname, '../../dist'), join(folder, 'dist'), { recursive: true });
    world = await startWorld(loadConfig(devnetConfigSchema, { folder }, {}, 'NONE'));
    host = await startHost();
    await world.admit(await statusOf(host));
    connections = await connect(world.client);
    ethereum = await sourceOn('ethereum', world.secretOf(ACCOUNTS.depositor.ethereum));
    polkadot = await sourceOn('polkadot', world.secretOf(ACCOUNTS.depositor.substrate));
  });
  afterAll(async () => {
    await connections.close();
    await host.close();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function sourceOn(name: string, secret: string): Promise<SourceSide> {
    const entry = world.client.chains.find((chain) => chain.name === name);
    const chain = entry && connections.chains.get(entry.chainId);
    if (!entry || !chain) throw new Error(`the local world has no ${name}`);
    const { gateway, registry } = entry;
    return { chain, signer: await chain.signer(secret), gateway, registry };
  }

  function startHost(): Promise<EnclaveHost> {
    const config = JSON.parse(readFileSync(join(folder, 'enclave.json'), 'utf8')) as {
      folder: string;
      listen: string;
      measured: NonNullable<Parameters<typeof startEnclaveHost>[0]['measuredConfig']>;
    };
    const { folder: at, listen: socketPath, measured: measuredConfig } = config;
    return startEnclaveHost({ folder: at, socketPath, measuredConfig, bundle });
  }

  async function statusOf({ address }: EnclaveHost) {
    const client = createEnclaveClient({ address });
    const status = await client.ask('status', {});
    client.close();
    return status;
  }

  const configFile = join(folder, 'relayer.json');

  function configOf(journal: string, given: Record<string, string> = {}): RelayerConfig {
    const env = {
      ...given,
      X__JOURNAL__FOLDER: join(folder, journal),
      X__LOG_LEVEL: 'silent',
      X__STATUS__LISTEN: '127.0.0.1:0',
    };
    return loadConfig(relayerConfigSchema, configFile, env, 'X');
  }

  function startRelayer(
    journal: string,
    changed: Partial<RelayerConfig> = {},
    attend?: Attend,
  ): RunningRelayer {
    const config = { ...configOf(journal), ...changed };
    const abort = new AbortController();
    const running = runRelayer(config, abort.signal, attend);
    return {
      stop: async () => {
        abort.abort();
        await running;
      },
    };
  }

  /** Deposits, and gives what tells whether the money has arrived. */
  async function send(from: SourceSide): Promise<() => Promise<bigint>> {
    deposited += 1;
    const recipient: Hex = `0x${deposited.toString(16).padStart(40, 'a')}`;
    const isFromEthereum = from === ethereum;
    const to = isFromEthereum ? polkadot : ethereum;
    const { asset, addresses } = assetOf(world.deployment, isFromEthereum ? 'ETH' : 'DOT');
    const { fee } = await makeDeposit(from, {
      asset,
      token: NATIVE_TOKEN,
      amount: AMOUNT,
      destination: to.chain.chainId,
      content: { kind: 'transparent', recipient },
    });
    const token = addresses.get(to.chain.chainId);
    if (token === undefined) throw new Error('the asset is registered on every chain');
    return async () => {
      const data = TOKEN_ABI.encodeFunctionData('balanceOf', [recipient]) as Hex;
      return BigInt(await to.chain.call(token, data)) + fee + RATE;
    };
  }

  async function arrived(balances: readonly (() => Promise<bigint>)[]): Promise<bigint[]> {
    const last = (await ethereum.chain.head()).number + PATIENCE_BLOCKS;
    for (;;) {
      const values = await Promise.all(balances.map((balance) => balance()));
      const isOver = (await ethereum.chain.head()).number > last;
      if (isOver || values.every((value) => value >= AMOUNT)) return values;
      await sleep(500);
    }
  }

  it('carries messages in both directions, also those sent before it ran, and tells a collector of them', async () => {
    const collector = await startTraceCollector();
    const early = await send(polkadot);
    const relayer = startRelayer('first', { tracing: { otlpUrl: collector.url } });
    const late = await send(ethereum);
    expect(await arrived([early, late])).toEqual([AMOUNT, AMOUNT]);
    const namesOf = () =>
      [...Map.groupBy(collector.spans, ({ traceId }) => traceId).values()].map(
        (spans) => new Set(spans.map(({ name }) => name)),
      );
    const having = (name: string) => namesOf().filter((names) => names.has(name));
    await expect
      .poll(() => [having('deposit seen').length, having('released').length], POLL)
      .toEqual([2, 2]);
    await relayer.stop();
    await collector.close();
    const deposits = having('deposit seen');
    for (const names of deposits) {
      expect([...names]).toEqual(
        expect.arrayContaining([
          'final',
          'round complete',
          'proven',
          'proven to enclave-1',
          'committed',
        ]),
      );
      expect(names.has('released')).toBe(false);
    }
    expect(new Set(collector.spans.map(({ spanId }) => spanId)).size).toBe(collector.spans.length);
  });

  it('answers its operator, and tells what it would do before it does anything', async () => {
    const config = configOf('first');
    await stopAfterCommit('first');
    const under = await send(polkadot);
    const before = await statusOf(host);
    const { signal } = new AbortController();
    // Commits are due every few seconds.
    await expect
      .poll(async () => (await planOnce(config, signal)).jobs.map(({ lane }) => lane), POLL)
      .toContain('commit');
    expect((await planOnce(config, signal)).unseen).toEqual([]);
    expect((await statusOf(host)).ledger).toEqual(before.ledger);

    const attended = Promise.withResolvers<string>();
    const relayer = startRelayer('first', {}, async (running) => {
      const log = { info: ({ url }: { url: string }) => attended.resolve(url) };
      const bridge = { ...running.bridge, log: log as never };
      return await attendRelayer(config, { ...running, bridge });
    });
    const url = await attended.promise;
    await expect(planOnce(config, signal)).rejects.toMatchObject({ code: 'CONFIG_JOURNAL_BUSY' });
    await requireExpected(config);
    expect(await arrived([under])).toEqual([AMOUNT]);
    await requireWell(config);
    await askDesk(config);
    const { registries } = enclavesAnswer.parse(await (await fetch(`${url}/v1/enclaves`)).json());
    expect(
      registries.map(({ isReachable, enclaves }) => [isReachable, enclaves[0]?.address]),
    ).toEqual([
      [true, before.signer],
      [true, before.signer],
    ]);
    // An alarm is all that is looked at and that a relayer which is well does not tell of.
    const scraped = await (await fetch(`${url}/metrics`)).text();
    expect(unscraped(deployedExpressions(), scraped)).toEqual(['veilspan_alarm']);
    await relayer.stop();
  });

  /** One that ends between a commit and its confirmation leaves nothing to commit: the ledger has to be shown that first. */
  async function stopAfterCommit(name: string): Promise<void> {
    const relayer = startRelayer(name);
    const { number } = (await statusOf(host)).ledger;
    const confirmed = async () => (await statusOf(host)).ledger.number;
    // The first may be of a commit that was there before.
    await expect.poll(confirmed, { ...POLL, interval: 50 }).toBeGreaterThan(number + 1n);
    await relayer.stop();
  }

  /** What is on its way is explained with when to expect it, by the rules as long as there is no history. */
  async function requireExpected(config: RelayerConfig): Promise<void> {
    const desk = await openDesk(config);
    const id = `${polkadot.chain.chainId}/1`;
    await expect
      .poll(async () => (await desk.ask('explain', { id }))[0]?.eta, POLL)
      .toMatchObject({ until: 'confirmed', basis: 'rules', p50Sec: expect.any(Number) });
    await desk.close();
  }

  /** Everything that `relayer doctor` checks, beside a relayer that runs. */
  async function requireWell(config: RelayerConfig): Promise<void> {
    const findings = await examine(config, { configFile, secretFiles: [] });
    expect(findings.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    const checks = findings.map(({ check }) => check);
    expect(checks).toEqual(
      expect.arrayContaining([
        'machine: clock',
        'chain ethereum: ranges',
        'chain ethereum: fees',
        'chain polkadot: fees',
        `enclave ${config.enclaves[0]}: ledger`,
        ...config.lightClients.map(({ id }) => `enclave ${config.enclaves[0]}: light client ${id}`),
      ]),
    );
  }

  /** What the operator's commands ask and tell, over the socket of the relayer that runs. */
  async function askDesk(config: RelayerConfig): Promise<void> {
    const desk = await openDesk(config);
    const { lanes } = (await desk.ask('vitals', {})) ?? { lanes: [] };
    expect(lanes.map(({ name }) => name)).toContain('release ethereum');
    const [told] = await desk.ask('explain', { id: `${polkadot.chain.chainId}/1` });
    // Of a transparent one that is what everybody sees of its payout.
    expect(told?.explanation?.state).toMatch(/^(released|confirmed)$/);
    const hold = { subject: 'lane release polkadot', reason: 'a look at it' } as const;
    await desk.ask('hold', hold);
    expect(await desk.ask('holds', {})).toMatchObject([hold]);
    expect(await desk.ask('lift', { subject: hold.subject })).toEqual({ lifted: true });
    const nonces = await desk.ask('nonces', {});
    expect(nonces?.map(({ chain }) => chain).sort()).toEqual(['ethereum', 'polkadot']);
    await desk.close();
  }

  it('goes on with an empty journal, and pays nothing twice', async () => {
    const before = await releasedCounts();
    const relayer = startRelayer('second');
    const balance = await send(polkadot);
    expect(await arrived([balance])).toEqual([AMOUNT]);
    await relayer.stop();
    const after = await releasedCounts();
    // The one payout; nothing of what went before.
    expect(after).toEqual({ ...before, ethereum: before.ethereum + 1n });
  });

  it('brings an enclave that was rolled back to its beginning up to the anchor', async () => {
    await host.close();
    const at = join(folder, 'enclave');
    const rolledBack = join(folder, 'rolled-back');
    cpSync(at, rolledBack, { recursive: true });
    host = await startHost();
    const relayer = startRelayer('second');
    const first = await send(polkadot);
    expect(await arrived([first])).toEqual([AMOUNT]);
    await relayer.stop();
    const { ledger } = await statusOf(host);

    await host.close();
    rmSync(at, { recursive: true });
    cpSync(rolledBack, at, { recursive: true });
    host = await startHost();
    expect((await statusOf(host)).ledger.number).toBeLessThan(ledger.number);
    const again = startRelayer('second');
    const second = await send(polkadot);
    expect(await arrived([second])).toEqual([AMOUNT]);
    await again.stop();
    expect((await statusOf(host)).ledger.number).toBeGreaterThan(ledger.number);
  });

  it('gives an enclave whose state is deleted in the middle of transfers, its keys alone kept, a snapshot and the rest', async () => {
    const config = { snapshotEveryCommits: 2 };
    const relayer = startRelayer('second', config);
    expect(await arrived([await send(polkadot)])).toEqual([AMOUNT]);
    await relayer.stop();
    const { ledger } = await statusOf(host);
    const [under] = [await send(ethereum)];
    await host.close();
    const at = join(folder, 'enclave');
    for (const name of readdirSync(at)) {
      if (!KEPT.has(name)) rmSync(join(at, name), { recursive: true });
    }
    host = await startHost();
    expect((await statusOf(host)).ledger.number).toBe(0n);
    const again = startRelayer('second', config);
    expect(await arrived([under, await send(polkadot)])).toEqual([AMOUNT, AMOUNT]);
    await again.stop();
    expect((await statusOf(host)).ledger.number).toBeGreaterThan(ledger.number);
  });

  it('shares the work with a second relayer without paying twice', async () => {
    const one = startRelayer('second');
    const other = startRelayer('third');
    const balances = [await send(polkadot), await send(polkadot)];
    expect(await arrived(balances)).toEqual([AMOUNT, AMOUNT]);
    await Promise.all([one.stop(), other.stop()]);
  });

  it('pays by another account what was revealed for the old one, while the anchor’s chain is away', async () => {
    const before = await releasedCounts();
    const chainId = ethereum.chain.chainId;
    const waiting = async ({ database }: Bridge) =>
      (await batchesFrom(database, chainId, before.ethereum)).length;
    const old = await startAttended(configOf('second'));
    const hold = { subject: 'lane release ethereum', reason: 'a rotation', atMs: 0 } as const;
    await placeHold(old.bridge.database, hold);
    const balance = await send(polkadot);
    await expect.poll(() => waiting(old.bridge), POLL).toBe(1);
    await old.relayer.stop();

    const { hostname, port } = new URL(configOf('second').chains[1]?.url ?? '');
    const line = await startFaultProxy({ host: hostname, port: Number(port) });
    const url = `ws://${line.address}`;
    const config = configOf('second', {
      X__CHAINS__0__SIGNER: world.secretOf(5),
      X__CHAINS__1__SIGNER: '//Dave',
      X__CHAINS__1__URL: url,
      X__LIGHT_CLIENTS__1__URL: url,
    });
    const { bridge, relayer } = await startAttended(config);
    await line.set('half-open');
    await liftHold(bridge.database, hold.subject);
    expect(await arrived([balance])).toEqual([AMOUNT]);
    const [side] = bridge.sides.filter(({ chain }) => chain.chainId === chainId);
    const own =
      side &&
      (await submissionsIn(bridge.database, keyOf(side), ['broadcast', 'included', 'final']));
    expect(own?.map(({ subject, nonce }) => [subject, nonce])).toEqual([
      [`batch ${chainId}/${before.ethereum}`, 0],
    ]);
    await relayer.stop();
    await line.close();
    expect(await releasedCounts()).toEqual({ ...before, ethereum: before.ethereum + 1n });
  });

  async function startAttended(config: RelayerConfig) {
    const attended = Promise.withResolvers<Bridge>();
    const relayer = startRelayer('', config, async ({ bridge }) => {
      attended.resolve(bridge);
      return async () => undefined;
    });
    return { relayer, bridge: await attended.promise };
  }

  async function releasedCounts(): Promise<{ ethereum: bigint; polkadot: bigint }> {
    const count = async ({ chain, gateway }: SourceSide) =>
      BigInt(await chain.call(gateway, GATEWAY_ABI.encodeFunctionData('releasedCount') as Hex));
    return { ethereum: await count(ethereum), polkadot: await count(polkadot) };
  }
});
