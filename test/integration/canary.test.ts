import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { Interface } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNTS } from '../../devnet/accounts.ts';
import { devnetConfigSchema } from '../../devnet/config.ts';
import { assetOf } from '../../devnet/demo-assets.ts';
import { startWorld, type World } from '../../devnet/world.ts';
import { type Connections, connect } from '../../src/client/connect.ts';
import { type Deposit, makeDeposit } from '../../src/client/deposit.ts';
import { formatOrderRecord } from '../../src/client/order-record.ts';
import { recipientWord } from '../../src/client/payment-plan.ts';
import { loadConfig } from '../../src/config/load.ts';
import { enclaveFlags } from '../../src/enclave/platform/permissions.ts';
import { firstStatus } from '../../src/enclave-client/enclave-status.ts';
import { NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import type { DepositOrder } from '../../src/protocol/order.ts';
import { payoutTag } from '../../src/protocol/tag.ts';
import { openEmbedded } from '../../src/relayer/journal/database.ts';
import { type Hex, utf8 } from '../../src/shared/bytes.ts';
import type { Rng } from '../../src/shared/rng.ts';
import {
  leaksInto,
  type Mark,
  markedBytes,
  markedHex,
  markOfBytes,
  markOfHex,
  markOfNumber,
  markOfText,
  marksIn,
  type Sink,
} from '../support/canary.ts';
import { TEST_CONFIG } from '../support/enclave-world.ts';
import { freePort } from '../support/free-port.ts';

// A real transfer with marks in it, carried by the programs that operators run: what they print, keep and are started with is searched.

const PROGRAM = join(import.meta.dirname, '../../src/cli/veilspan.mjs');
const TOKEN_ABI = new Interface(['function balanceOf(address) view returns (uint256)']);
/** Ethereum blocks within which a payout must arrive, however long they take. */
const PATIENCE_BLOCKS = 400;

const AMOUNT = 2_918_273_645_546_372_819n;
const DIRECT = 1_046_372_819_918_273_645n;
/** What a release of any of the demo's assets costs. */
const RATE = 10n ** 14n;
const RUNG = 10n ** 17n;
const MEMO = 'for the boat in Rotterdam';
const TAG_SECRET = markedBytes('tag secret', 32);
const ACCOUNT = markedHex('account', 32);
const RECIPIENT = markedHex('recipient', 20);
const WAITING = markedHex('waiting', 20);
const rng: Rng = { bytes: (length) => markedBytes('ephemeral', length) };

/** A program of the bridge, and all that it has said. */
interface Program {
  readonly process: ChildProcess;
  output(): string;
  /** All of its output, once it has ended by itself. */
  result(): Promise<string>;
  stop(): Promise<void>;
}

function startProgram(args: readonly string[], env: Readonly<Record<string, string>>): Program {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const ended = new Promise((done) => child.once('close', done));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (some: string) => {
      text += some;
    });
  }
  return {
    process: child,
    output: () => text,
    result: async () => {
      await ended;
      return text;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** What a process was started with, as every user of the machine can read it, and what its owner can. */
function startedWith(pid: number | undefined): string {
  return ['cmdline', 'environ']
    .map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1'))
    .join();
}

/** What is answered at these paths. */
async function told(listen: string, paths: readonly string[]): Promise<string> {
  const answers = paths.map(async (path) => {
    const answer = await fetch(`http://${listen}/${path}`);
    return `${path} ${answer.status}: ${await answer.text()}`;
  });
  return (await Promise.all(answers)).join('\n');
}

/** Every column of every table. */
async function contentsOf(folder: string): Promise<string> {
  const { database, close } = await openEmbedded(folder);
  const rowsOf = async (statement: string) =>
    ((await database.execute(sql.raw(statement))) as unknown as { rows: object[] }).rows;
  const tables = await rowsOf(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  );
  const contents: string[] = [];
  for (const { name } of tables as { name: string }[]) {
    contents.push(name, JSON.stringify(await rowsOf(`SELECT t::text FROM "${name}" t`)));
  }
  await close();
  return contents.join('\n');
}

function filesOf(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => readFileSync(join(folder, name), 'latin1'))
    .join('\n');
}

describe('a transfer with marks in it, through the programs of the bridge', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-canary-'));
  const found = new Map<Sink, string>();
  let world: World;
  let connections: Connections;
  let enclave: Program;
  let relayer: Program;
  let marks: readonly Mark[] = [];

  beforeAll(async () => {
    world = await startWorld(loadConfig(devnetConfigSchema, { folder }, {}, 'NONE'));
    connections = await connect(world.client);
    enclave = startProgram(['enclave', '--config', join(folder, 'enclave.json')], {});
    const socket = join(folder, 'enclave.sock');
    await world.admit(await firstStatus(socket, AbortSignal.timeout(120_000)));
    const listen = `127.0.0.1:${await freePort()}`;
    relayer = startProgram(['relayer', 'run', '--config', join(folder, 'relayer.json')], {
      VEILSPAN_RELAYER__LOG_LEVEL: 'trace',
      VEILSPAN_RELAYER__STATUS__LISTEN: listen,
    });
    const deposit = await depositMarked();
    await arrival();
    const { chainId, index } = deposit.transfer;
    const look = (subject: string) =>
      startProgram(['status', subject, '--config', join(folder, 'client.json')], {});
    const looks = [look(`${chainId}:${index}`), look(saveOrder(deposit))];
    const looking = looks.map((each) => each.process.pid);
    found.set('process arguments', [...processes(), ...looking].map(startedWith).join('\n'));
    found.set('status', (await Promise.all(looks.map((each) => each.result()))).join('\n'));
    found.set('metrics and readiness', await told(listen, ['live', 'ready', 'metrics']));
    const { transactionHash } = deposit.receipt;
    found.set(
      'status API',
      await told(listen, [
        `v1/transfers/${chainId}/${index}`,
        `v1/transactions/${transactionHash}/transfers`,
        ...[
          'transfers?state=committed',
          'payouts?state=confirmed',
          'rounds',
          'chains',
          'enclaves',
          'times',
        ].map((of) => `v1/${of}`),
        'v1/payouts-per-hour',
      ]),
    );
    await relayer.stop();
    await enclave.stop();
    found.set('relayer output', relayer.output());
    found.set('enclave output', enclave.output());
    found.set('journal', await contentsOf(join(folder, 'relayer')));
    found.set('enclave files', filesOf(join(folder, 'enclave')));
    found.set('evidence record', readFileSync(join(folder, 'evidence.jsonl'), 'utf8'));
  });
  afterAll(async () => {
    await relayer.stop();
    await enclave.stop();
    await connections.close();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The relayer, the enclave's host and the enclave itself. */
  function processes(): (number | undefined)[] {
    const pid = /enclave ([0-9]+) answers/.exec(enclave.output())?.[1];
    return [relayer.process.pid, enclave.process.pid, Number(pid)];
  }

  function sideOf(name: string) {
    const entry = world.client.chains.find((chain) => chain.name === name);
    const chain = entry && connections.chains.get(entry.chainId);
    if (!entry || !chain) throw new Error(`the local world has no ${name}`);
    return { chain, gateway: entry.gateway, registry: entry.registry };
  }

  function markedOrder(): DepositOrder {
    const { chainId } = sideOf('polkadot').chain;
    const leg = { chainId, crowd: 1 } as const;
    return {
      account: ACCOUNT,
      legs: [
        { ...leg, mode: 'direct', recipient: recipientWord(RECIPIENT), amount: DIRECT },
        { ...leg, mode: 'pooled', recipient: recipientWord(WAITING), amount: RUNG, crowd: 4 },
      ],
      notBefore: 0n,
      patience: 100_000n,
      afterPatience: 'wait',
      tagSecret: TAG_SECRET,
      memo: utf8(MEMO),
    };
  }

  /** As `--save` does. @returns the file */
  function saveOrder({ transfer }: Deposit): string {
    const { account, tagSecret, legs, patience } = markedOrder();
    const { asset } = assetOf(world.deployment, 'ETH');
    const file = join(folder, 'order.json');
    const record = { account, tagSecret, asset, legs, patience, transfer };
    writeFileSync(file, formatOrderRecord(record));
    return file;
  }

  async function depositMarked(): Promise<Deposit> {
    const from = sideOf('ethereum');
    const order = markedOrder();
    const signer = await from.chain.signer(world.secretOf(ACCOUNTS.depositor.ethereum));
    const refundTo = markedHex('refundTo', 20);
    const { asset } = assetOf(world.deployment, 'ETH');
    const content = { kind: 'sealed', order, rng } as const;
    const request = {
      asset,
      token: NATIVE_TOKEN,
      amount: AMOUNT,
      destination: 0n,
      refundTo,
      content,
    };
    marks = [
      markOfHex('sender', signer.address),
      markOfHex('refundTo', refundTo),
      markOfNumber('amount', AMOUNT),
      markOfHex('account', ACCOUNT),
      markOfHex('recipient', RECIPIENT),
      markOfNumber('paid', DIRECT - RATE),
      markOfHex('tag', payoutTag(TAG_SECRET, 0)),
      markOfHex('waiting', WAITING),
      markOfHex('waiting', payoutTag(TAG_SECRET, 1)),
      markOfNumber('waiting', DIRECT),
      markOfText('memo', MEMO),
      markOfBytes('tagSecret', TAG_SECRET),
      markOfHex('key', world.secretOf(ACCOUNTS.relayer.ethereum) as Hex),
      markOfHex('key', world.secretOf(ACCOUNTS.depositor.ethereum) as Hex),
    ];
    return makeDeposit({ ...from, signer }, request);
  }

  /** Until what leaves at once has been paid. */
  async function arrival(): Promise<void> {
    const { chain } = sideOf('polkadot');
    const token = assetOf(world.deployment, 'ETH').addresses.get(chain.chainId);
    if (token === undefined) throw new Error('the asset is registered on every chain');
    const ethereum = sideOf('ethereum').chain;
    const last = (await ethereum.head()).number + PATIENCE_BLOCKS;
    const data = TOKEN_ABI.encodeFunctionData('balanceOf', [RECIPIENT]) as Hex;
    while (BigInt(await chain.call(token, data)) < DIRECT - RATE) {
      if ((await ethereum.head()).number > last)
        throw new Error(`nothing came:\n${relayer.output()}`);
      await sleep(500);
    }
  }

  it('is found where it belongs, so that the search is known to find', () => {
    const at = (sink: Sink) => marksIn(found.get(sink) ?? '', marks).toSorted();
    expect(at('journal')).toEqual(['amount', 'paid', 'recipient', 'refundTo', 'sender', 'tag']);
    expect(at('evidence record')).toEqual(['amount', 'refundTo', 'sender']);
    expect(found.get('relayer output')).toMatch(/"level":20.*job release done/);
    expect(found.get('status')).toContain('committed');
    expect(found.get('metrics and readiness')).toMatch(/^ready 200: .*^metrics 200: /ms);
    const api = (found.get('status API') ?? '').split('\n');
    for (const line of api) expect(line).toMatch(/^v1\S* 200: /);
    expect(found.get('status')).toMatch(/ETH +direct +polkadot +(released|confirmed)/);
    expect(found.get('status')).toMatch(/0\.1 ETH +pooled +polkadot +not seen/);
  });

  it.each([
    'relayer output',
    'enclave output',
    'journal',
    'enclave files',
    'evidence record',
    'process arguments',
    'status',
    'metrics and readiness',
    'status API',
  ] as const)('is not in the %s beyond what may stand there', (sink) => {
    const content = found.get(sink) ?? '';
    expect(content).not.toBe('');
    expect(leaksInto(sink, content, marks)).toEqual([]);
  });
});

/** Code that stands for a fault in the enclave: what it throws holds marks, and nobody waits for it. */
const FAULTS = {
  'an error nobody catches': 'setTimeout(() => { throw failure(); }, 300);',
  'a promise nobody waits for': 'setTimeout(() => { void Promise.reject(failure()); }, 300);',
} as const;

describe('an enclave that crashes', () => {
  const root = mkdtempSync(join(tmpdir(), 'veilspan-crash-'));
  const bundle = join(root, 'dist', 'enclave.mjs');
  beforeAll(() => {
    const script = join(import.meta.dirname, '../../scripts/build-enclave.mjs');
    execFileSync(process.execPath, [script, join(root, 'dist')]);
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it.each(Object.entries(FAULTS))(
    'by %s says that it did, and nothing of what it held',
    (_, fault) => {
      const hook = join(root, 'fault.mjs');
      const own = mkdtempSync(join(root, 'enclave-'));
      const held = { memo: MEMO, secret: [...TAG_SECRET], recipient: RECIPIENT };
      writeFileSync(
        hook,
        `const failure = () => Object.assign(new Error(${JSON.stringify(`${MEMO} ${RECIPIENT}`)}), ${JSON.stringify(held)});\n${fault}`,
      );
      const flags = [...enclaveFlags({ bundle, folder: own }), `--allow-fs-read=${hook}`];
      writeFileSync(join(own, 'enclave.json'), JSON.stringify(TEST_CONFIG));
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [...flags, '--import', hook, bundle, own],
        { env: {}, cwd: own, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], timeout: 60_000 },
      );
      const said = stdout + stderr;
      const marks = [
        markOfText('memo', MEMO),
        markOfBytes('tagSecret', TAG_SECRET),
        markOfHex('recipient', RECIPIENT),
      ];
      expect(status).toBe(1);
      expect(said).toContain('ENCLAVE_INTERNAL');
      expect(leaksInto('enclave output', said + filesOf(own), marks)).toEqual([]);
    },
  );
});
