import { type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Interface, JsonRpcProvider, Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNTS, ledgerAccounts } from '../../devnet/accounts.ts';
import { devnetConfigSchema } from '../../devnet/config.ts';
import { assetOf } from '../../devnet/demo-assets.ts';
import { startWorld, type World } from '../../devnet/world.ts';
import { loadConfig } from '../../src/config/load.ts';
import { relayerConfigSchema } from '../../src/config/relayer.ts';
import { type EnclaveHost, startEnclaveHost } from '../../src/enclave/platform/host.ts';
import { createEnclaveClient } from '../../src/enclave-client/enclave-client.ts';
import { runRelayer } from '../../src/relayer/main.ts';

const PROGRAM = resolve(import.meta.dirname, '../../src/cli/veilspan.mjs');
/** What `status` keeps of the chains. */
const CACHE = mkdtempSync(join(tmpdir(), 'veilspan-user-cache-'));
const RECIPIENT = `0x${'00'.repeat(18)}beef`;
const IN_THE_OPEN = `0x${'00'.repeat(18)}cafe`;
const OTHER = `0x${'00'.repeat(18)}f00d`;
const PAUSING = new Interface(['function pause(bytes32)', 'function unpause(bytes32)']);
/** Looks at a state, however long the machine takes for each. */
const LOOKS = 200;

// Everything as a user types it; the world, the enclave and the relayer are real.
describe('the commands of a user', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-user-'));
  const stopping = new AbortController();
  let world: World;
  let host: EnclaveHost;
  let relayer: Promise<void>;

  beforeAll(async () => {
    cpSync(join(import.meta.dirname, '../../dist'), join(folder, 'dist'), { recursive: true });
    world = await startWorld(loadConfig(devnetConfigSchema, { folder }, {}, 'NONE'));
    const { folder: at, listen, measured } = readConfig('enclave.json');
    const bundle = join(folder, 'dist', 'enclave.mjs');
    host = await startEnclaveHost({
      folder: at,
      socketPath: listen,
      measuredConfig: measured,
      bundle,
    });
    const enclave = createEnclaveClient({ address: host.address });
    await world.admit(await enclave.ask('status', {}));
    enclave.close();
    const env = { X__LOG_LEVEL: 'silent' };
    const config = loadConfig(relayerConfigSchema, join(folder, 'relayer.json'), env, 'X');
    relayer = runRelayer(config, stopping.signal);
  });
  afterAll(async () => {
    stopping.abort();
    await relayer;
    await host?.close();
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
    rmSync(CACHE, { recursive: true, force: true });
  });

  const file = (name: string) => join(folder, name);
  const readConfig = (name: string) => JSON.parse(readFileSync(file(name), 'utf8'));
  const configured = (args: readonly string[]) => [...args, '--config', file('client.json')];
  const asUser = (...args: string[]) => run(configured(args));

  /** Has the owner of the gateway on Ethereum pause an asset there, or end that. */
  async function asOwner(method: 'pause' | 'unpause', symbol: string): Promise<void> {
    const { url, gateway } = world.client.chains.find(({ name }) => name === 'ethereum') ?? {};
    const provider = new JsonRpcProvider(url, undefined, { pollingInterval: 100 });
    const owner = new Wallet(world.secretOf(ACCOUNTS.owner.ethereum), provider);
    const { asset } = assetOf(world.deployment, symbol);
    const data = PAUSING.encodeFunctionData(method, [asset]);
    await (await owner.sendTransaction({ to: gateway ?? null, data })).wait();
    provider.destroy();
  }

  /** Asks until it is so. */
  async function until(args: readonly string[], isSo: RegExp): Promise<string> {
    let printed = '';
    for (let look = 0; look < LOOKS; look++) {
      printed = (await asUser(...args)).stdout;
      if (isSo.test(printed)) return printed;
      await sleep(1000);
    }
    return printed;
  }

  it('bridge shows what it costs and says, and pays out directly', async () => {
    const { code, stdout, stderr } = await asUser(
      ...['bridge', '--from', 'polkadot', '--asset', 'DOT', '--amount', '2.5', '--to', RECIPIENT],
      ...['--direct', '--yes', '--save', file('direct.json')],
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('you pay 2.5003 DOT: 0.0001 DOT of it for the message');
    expect(stdout).toContain('the recipient gets 2.4999 DOT');
    expect(stdout).toContain('note: a direct payout leaves in the round that takes the deposit');
    const status = await until(
      ['status', file('direct.json')],
      /direct +ethereum +(released|confirmed)/,
    );
    expect(status).toMatch(/2\.5 DOT +direct +ethereum +(released|confirmed)/);
  });

  it('bridge asks before it goes on, and where nobody can answer it sends nothing', async () => {
    const { code, stdout, stderr } = await asUser(
      ...['bridge', '--from', 'polkadot', '--asset', 'DOT', '--amount', '2.7', '--to', RECIPIENT],
    );
    expect(code).toBe(2);
    expect(stderr).toContain('CONFIG_COMMAND_LINE');
    expect(stdout).toContain('note: the recipient was paid by the bridge before');
    expect(stdout).toMatch(/2 DOT +0 +fewer than 1 other/);
    expect(stdout).not.toMatch(/0\.5 DOT +0/);
    expect(stdout).toContain('2 DOT of 2.7 DOT leaves now: the recipient gets 1.9999 DOT');
    expect(stdout).toContain('0.7 DOT stays in your account');
    expect(stdout).not.toMatch(/\ball\b/);
    expect(stdout).not.toContain('transfer 4');
  });

  it('bridge pays an amount to each address, and all of it to one only if that is asked for', async () => {
    const pay = ['bridge', '--from', 'polkadot', '--asset', 'DOT', '--amount', '2.7'];
    const two = await asUser(...pay, '--to', RECIPIENT, '--to', OTHER);
    expect(two.stdout).toMatch(new RegExp(`2 DOT +0 +fewer than 1 other +${RECIPIENT}`));
    expect(two.stdout).toMatch(new RegExp(`0\\.5 DOT +0 +fewer than 1 other +${OTHER}`));
    expect(two.stdout).toContain('the recipients together get 2.4998 DOT');
    expect(two.stdout).toContain(`note: ${RECIPIENT} was paid by the bridge before`);
    const same = await asUser(...pay, '--to', RECIPIENT, '--same-address');
    expect(same.stdout).toContain('note: payouts to one address add up');
    const twice = await asUser(...pay, '--to', RECIPIENT, '--to', RECIPIENT);
    expect([twice.code, twice.stdout]).toEqual([2, '']);
    expect(twice.stderr).toContain('this address is given twice');
    const direct = await asUser(...pay, '--to', RECIPIENT, '--to', OTHER, '--direct');
    expect(direct.code).toBe(2);
    expect(direct.stderr).toContain('--direct pays one address');
  });

  it('an account is credited by a deposit and pays out by an order that the relayer posts', async () => {
    const index = ['--account-index', '1'];
    const deposit = await asUser(
      ...[
        'account',
        'deposit',
        '--from',
        'polkadot',
        '--asset',
        'DOT',
        '--amount',
        '3',
        '--yes',
        ...index,
      ],
    );
    expect(deposit.code, deposit.stderr).toBe(0);
    const shown = await until(['account', 'show', ...index], /^open in state/m);
    expect(shown).toMatch(/3\.0001 +DOT/);

    const poster = ledgerAccounts(world.secretOf).relayer;
    const { code, stdout, stderr } = await asUser(
      ...['account', 'withdraw', '--via', 'polkadot', '--destination', 'ethereum', '--direct'],
      ...['--asset', 'DOT', '--amount', '1', '--to', OTHER, '--yes', '--poster', poster, ...index],
      ...['--out', file('sealed.json'), '--save', file('order.json')],
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('posting costs the account 0.0001 DOT');
    const secret = readConfig('order.json').tagSecret;
    expect(readFileSync(file('sealed.json'), 'utf8')).not.toContain(secret.slice(2));

    const posted = await run([
      'relayer',
      'post',
      file('sealed.json'),
      '--via',
      'polkadot',
      '--config',
      file('relayer.json'),
    ]);
    expect(posted.code, posted.stderr).toBe(0);
    const status = await until(['status', file('order.json')], /(released|confirmed)/);
    expect(status).toMatch(/1 DOT +direct +ethereum +(released|confirmed)/);
    const left = await until(['account', 'show', ...index], /^ *2 +DOT/m);
    expect(left).toMatch(/^ *2 +DOT/m);
    expect(left).toContain('next nonce 1');
  });

  const PAYOUT_LEFT = /1 DOT +pooled +ethereum +(released|confirmed)/;
  const payPooled = (name: string) =>
    configured([
      ...['bridge', '--from', 'polkadot', '--asset', 'DOT', '--amount', '1', '--yes'],
      ...['--to', pooledRecipient(name), '--save', file(`${name}.json`)],
    ]);

  it('a pooled payout waits while it is alone; a transparent one does not wait, and is claimed if it was put aside', async () => {
    const pooled = await run([...payPooled('charlie'), '--after-patience', 'wait']);
    expect(pooled.code, pooled.stderr).toBe(0);
    expect(pooled.stdout).toContain('or until 2 depositors are in the pool');
    expect(pooled.stdout).toMatch(/^what has not left by \S+ \S+ UTC waits on/m);
    await asOwner('pause', 'DOT');
    const open = await asUser(
      ...['bridge', '--from', 'polkadot', '--asset', 'DOT', '--amount', '0.3', '--to', IN_THE_OPEN],
      ...['--transparent', '--yes'],
    );
    expect(open.code, open.stderr).toBe(0);
    expect(open.stdout).toContain('note: the recipient stands in the open');
    expect(open.stdout).not.toMatch(/tag secret|what has not left/);
    const id = /^transfer (\S+)$/m.exec(open.stdout)?.[1] ?? 'none';
    const told = await until(['status', id], /^claimable +ethereum/m);
    const [, release = 'none'] = /veilspan claim (\S+)/.exec(told) ?? [];
    const payer = { VEILSPAN_SIGNER: world.secretOf(ACCOUNTS.depositor.ethereum) };
    const claim = () => run(configured(['claim', release]), payer);
    const refused = await claim();
    expect([refused.code, refused.stdout], refused.stderr).toEqual([1, '']);
    expect(refused.stderr).toMatch(/^CHAIN_CALL_REVERTED: .*GatewayClaimFailed/);
    await asOwner('unpause', 'DOT');
    const claimed = await claim();
    expect(claimed.code, claimed.stderr).toBe(0);
    expect(claimed.stdout).toMatch(/^claimed up to 0\.2999 DOT in block \d+ of ethereum$/m);
    expect((await asUser('status', id)).stdout).toMatch(/^claimed +ethereum/m);
    const { stdout } = await asUser('status', file('charlie.json'));
    expect(stdout).toMatch(/1 DOT +pooled +ethereum +not seen/);
  });

  // With a floor of two, of three at most the last is left behind.
  it('with other depositors in the pool payouts leave, and their owners find them', async () => {
    const names = ['charlie', 'dave', 'eve'];
    const [dave, eve] = await Promise.all([
      run(payPooled('dave'), { VEILSPAN_SIGNER: '//Dave' }),
      run([...payPooled('eve'), '--after-patience', 'wait'], { VEILSPAN_SIGNER: '//Eve' }),
    ]);
    expect([dave.code, eve.code], dave.stderr + eve.stderr).toEqual([0, 0]);
    expect(dave.stdout).toMatch(/^what has not left by \S+ \S+ UTC goes back/m);
    let left: readonly string[] = [];
    for (let look = 0; look < LOOKS && left.length < 2; look++) {
      const told = await Promise.all(names.map((name) => asUser('status', file(`${name}.json`))));
      left = names.filter((_, i) => PAYOUT_LEFT.test(told[i]?.stdout ?? ''));
    }
    expect(left.length).toBeGreaterThanOrEqual(2);
    const [name = ''] = left;
    const { tagSecret } = readConfig(`${name}.json`);
    const bare = await run(configured(['status']), { VEILSPAN_TAG_SECRET: tagSecret });
    expect(bare.stdout).toMatch(/^(released|confirmed) +ethereum/m);
    const refused = await asUser('status', tagSecret);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('set VEILSPAN_TAG_SECRET');
    expect(refused.stderr).not.toContain(tagSecret.slice(2));
  });

  it('an account sends to another one inside the ledger, which is opened by it', async () => {
    const payee = ['--account-index', '2'];
    const created = await run(['account', 'create', ...payee]);
    const account = /^account (0x[0-9a-f]{64})$/m.exec(created.stdout)?.[1] ?? 'none';
    const { code, stdout, stderr } = await asUser(
      ...['account', 'send', '--via', 'polkadot', '--asset', 'DOT', '--amount', '0.5'],
      ...['--to', account, '--self', '--yes', '--account-index', '1'],
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(`account ${account} gets 0.5 DOT`);
    expect(stdout).toMatch(/^note: everybody sees that 0x[0-9a-f]{40} posts an order/m);
    expect(stdout).not.toContain('tag secret');
    const shown = await until(['account', 'show', ...payee], /^open in state/m);
    expect(shown).toMatch(/^ *0\.4999 +DOT/m);
  });

  const asOperator = async (...args: string[]) => {
    const ended = await run(['relayer', ...args, '--json', '--config', file('relayer.json')]);
    // Whatever a command comes to, it says no more than one object.
    return { ...ended, json: ended.stdout === '' ? undefined : JSON.parse(ended.stdout) };
  };

  // The last, since nothing is committed meanwhile. Each costs a second of a processor, so they run side by side.
  it('an operator holds a lane, asks the relayer that runs, each command a process with its exit code and JSON, and lets it go', async () => {
    const polkadot = world.client.anchor.chainId;
    const paused = await asOperator('pause', 'commit', '--reason', 'a look at it');
    expect([paused.code, paused.json], paused.stderr).toEqual([0, { held: 'lane commit' }]);
    const [lanes, doctor, explained, nonces, unknown] = await Promise.all([
      asOperator('lanes'),
      asOperator('doctor'),
      asOperator('explain', `${polkadot}/0`),
      asOperator('nonce', 'show'),
      asOperator('quarantine', `batch/${polkadot}/999`),
    ]);
    const resumed = await asOperator('resume', 'commit');
    expect([resumed.code, resumed.json]).toMatchObject([0, { lifted: true, holds: [] }]);

    const shown = lanes.json.lanes.find(({ name }: { name: string }) => name === 'commit');
    expect([lanes.code, lanes.json.running, shown.isHeld]).toEqual([0, true, true]);
    expect(lanes.json.holds).toMatchObject([{ subject: 'lane commit', reason: 'a look at it' }]);
    expect([doctor.code, doctor.json.isWell], doctor.stdout).toEqual([0, true]);
    expect(explained.code, explained.stderr).toBe(0);
    expect(explained.json.subjects[0]).toMatchObject({
      subject: `message ${polkadot}/0`,
      explanation: { state: 'anchored', who: expect.any(String), next: expect.any(String) },
    });
    const chains = nonces.json.accounts.map(({ chain }: { chain: string }) => chain);
    expect([nonces.code, chains.sort()]).toEqual([0, ['ethereum', 'polkadot']]);
    expect([unknown.code, unknown.stdout]).toEqual([4, '']);
    expect(unknown.stderr).toMatch(
      /^SUBJECT_UNKNOWN: .*\n {2}see docs\/errors\.md#subject_unknown\n$/,
    );
  });
});

/** Whom a user pays by pools: somebody else for each. */
function pooledRecipient(name: string): string {
  return `0x${Buffer.from(name).toString('hex').padStart(40, '0')}`;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** As a user in a terminal, without blocking the world that runs in this process. */
async function run(
  args: readonly string[],
  as: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const env = { ...process.env, XDG_CACHE_HOME: CACHE, VEILSPAN_SIGNER: '//Charlie', ...as };
  const options: SpawnOptionsWithoutStdio = { env };
  const child = spawn(process.execPath, [PROGRAM, ...args], options);
  const told = { stdout: '', stderr: '' };
  child.stdin.end();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      told[stream] += text;
    });
  }
  const code = await new Promise<number | null>((ended) => child.once('close', ended));
  return { code, ...told };
}
