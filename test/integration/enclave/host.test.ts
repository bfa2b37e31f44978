import {
  type ExecFileSyncOptionsWithStringEncoding,
  execFileSync,
  spawnSync,
} from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EnclaveHost, startEnclaveHost } from '../../../src/enclave/platform/host.ts';
import { enclaveFlags } from '../../../src/enclave/platform/permissions.ts';
import { createSupervisor } from '../../../src/enclave/platform/supervisor.ts';
import { MAX_FRAME_BYTES } from '../../../src/protocol/enclave-commands.ts';
import { encodeFrame } from '../../../src/protocol/enclave-frames.ts';
import { decodeResponse, encodeBody } from '../../../src/protocol/enclave-wire.ts';
import { type Hex, toHex, utf8 } from '../../../src/shared/bytes.ts';
import { verifyEvidence } from '../../../src/verify/verify-evidence.ts';
import { TestClient } from '../../support/enclave-client.ts';
import { CLIENTS, TEST_CONFIG } from '../../support/enclave-world.ts';
import { chainOf, genesis, justify, testAuthority } from '../../support/grandpa.ts';

const root = mkdtempSync(join(tmpdir(), 'veilspan-host-'));
const bundle = join(root, 'dist/enclave.mjs');
let folder = '';
let host: EnclaveHost;
let client: TestClient;

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build-enclave.mjs', join(root, 'dist')]);
}, 60_000);
afterAll(() => rmSync(root, { recursive: true }));

const start = () => startEnclaveHost({ folder, bundle, port: 0, measuredConfig: TEST_CONFIG });

beforeEach(async () => {
  folder = mkdtempSync(join(root, 'enclave-'));
  host = await start();
  client = await TestClient.connect(host.address);
});
afterEach(async () => {
  client.close();
  await host.close();
});

async function restart(): Promise<void> {
  client.close();
  await host.close();
  host = await start();
  client = await TestClient.connect(host.address);
}

const isRunning = (pid: number | undefined) => {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('an enclave behind its host', () => {
  it('says who it is and how far it has come', async () => {
    const status = await client.call('status', {});
    expect(status).toMatchObject({
      epoch: 1n,
      ledger: { number: 0n },
      lightClients: [
        { client: CLIENTS.ethereum, kind: 'ethereum', held: null },
        {
          client: CLIENTS.polkadot,
          kind: 'substrate',
          held: toHex(genesis.hash),
          committee: 0n,
          finalizedNumber: 0n,
        },
      ],
    });
    expect(status.ingested.map(({ position }) => position.count)).toEqual([0n, 0n]);
  });

  it('gives evidence over the keys that its status names', async () => {
    const subject = await client.call('status', {});
    const challenge: Hex = `0x${'5c'.repeat(32)}`;
    const evidence = await client.call('evidence', { challenge });
    const policy = { measurements: [subject.measurement], insecureEmulated: true };
    verifyEvidence(evidence, { subject, challenge }, policy);
  });

  it('keeps keys and light client over a kill -9, and answers again by itself', async () => {
    const before = await client.call('status', {});
    const [block] = chainOf(genesis, 1);
    const fragment = { header: block!.header, justification: justify([testAuthority(0)], block!) };
    const params = { client: CLIENTS.polkadot, updates: [fragment] };
    const { lightClients } = await client.call('advance', params);
    expect(lightClients[1]).toMatchObject({ client: CLIENTS.polkadot, finalizedNumber: 1n });
    const killed = host.enclavePid!;
    process.kill(killed, 'SIGKILL');
    await until(() => host.enclavePid !== undefined && host.enclavePid !== killed);
    expect(await client.call('status', {})).toEqual({ ...before, lightClients });
  });

  it('keeps them over a restart of both', async () => {
    const before = await client.call('status', {});
    await restart();
    expect(await client.call('status', {})).toEqual(before);
  });

  it('fails what was asked of an enclave that died with an error to retry', async () => {
    process.kill(host.enclavePid!, 'SIGSTOP');
    const asked = [
      client.send({ command: 'status', params: {} }),
      client.send({ command: 'status', params: {} }),
    ];
    await new Promise((resolve) => setTimeout(resolve, 100));
    process.kill(host.enclavePid!, 'SIGKILL');
    for (const response of await Promise.all(asked)) {
      expect(response).toMatchObject({
        ok: false,
        error: { code: 'ENCLAVE_DIED', disposition: 'retry' },
      });
    }
  });

  it('ends an enclave that hangs, fails what was asked of it, and starts it again', async () => {
    client.close();
    await host.close();
    const supervisor = await createSupervisor({ bundle, folder }, 1500);
    const ask = () => supervisor.ask(encodeBody({ id: 1, command: 'status', params: {} }));
    const hung = supervisor.pid ?? 0;
    process.kill(hung, 'SIGSTOP');
    await expect(ask()).rejects.toMatchObject({ code: 'ENCLAVE_DIED', disposition: 'retry' });
    await until(() => supervisor.pid !== undefined && supervisor.pid !== hung);
    expect(decodeResponse(await ask())).toMatchObject({ id: 1, ok: true });
    await supervisor.close();
    await restart();
  });

  it('serves several clients at once, each its own answers', async () => {
    const other = await TestClient.connect(host.address);
    const challenges = Array.from({ length: 8 }, (_, i): Hex => `0x${`${i}`.repeat(64)}`);
    const answers = await Promise.all(
      challenges.map((challenge, i) => (i % 2 ? client : other).call('evidence', { challenge })),
    );
    expect(answers.map(({ reportData }) => `0x${reportData.slice(66)}`)).toEqual(challenges);
    other.close();
  });

  it('refuses malformed commands one by one and goes on', async () => {
    const refused = [
      { command: 'status', params: { extra: 1 } },
      { command: 'nothing', params: {} },
      { command: 'propose', params: { prevState: '0x00', round: '1' } },
      { command: 'exportSnapshot', params: { chunk: '-1' } },
      { command: 'exportSnapshot', params: { chunk: 1 } },
      { command: 'exportSnapshot', params: {} },
      {
        command: 'ingest',
        params: { chainId: '1', fromIndex: '0', messages: [], proof: { kind: 'bitcoin' } },
      },
      { command: 'status', params: {}, more: true },
    ];
    for (const request of refused) {
      const response = await client.send(request);
      expect(response).toMatchObject({
        ok: false,
        error: { code: 'COMMAND_MALFORMED', disposition: 'reject' },
      });
    }
    const answer = client.expect(0);
    client.socket.write(encodeFrame(utf8('not json')));
    expect(await answer).toMatchObject({ ok: false, error: { meta: { where: 'frame' } } });
    expect((await client.call('status', {})).epoch).toBe(1n);
  });

  it('ends the connection of a client whose frame is too long, and serves the others', async () => {
    const rude = await TestClient.connect(host.address);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(MAX_FRAME_BYTES + 1);
    const closed = new Promise((resolve) => rude.socket.once('close', resolve));
    rude.socket.write(head);
    await closed;
    expect((await client.call('status', {})).epoch).toBe(1n);
  });

  it('ends on a frame that it cannot read past, saying why', async () => {
    const own = join(root, 'own');
    mkdirSync(own);
    writeFileSync(join(own, 'enclave.json'), JSON.stringify(TEST_CONFIG));
    const input = Buffer.alloc(4, 0xff);
    const flags = [...enclaveFlags({ bundle, folder: own }), bundle, own];
    const { status, stdout, stderr } = spawnSync(process.execPath, flags, { env: {}, input });
    expect({ status, stdout: stdout.length }).toEqual({ status: 1, stdout: 0 });
    expect(JSON.parse(`${stderr}`)).toMatchObject({ code: 'FRAME_TOO_LONG' });
  });

  it('refuses proofs it cannot check yet, in words for who asks', async () => {
    const response = await client.send({
      command: 'advance',
      params: { client: CLIENTS.ethereum, updates: [{}] },
    });
    expect(response).toMatchObject({
      ok: false,
      error: { code: 'ENCLAVE_NOT_BOOTSTRAPPED', disposition: 'retry' },
    });
  });

  it('ends when its host ends', async () => {
    const script = `
      import { startEnclaveHost } from ${JSON.stringify(join(import.meta.dirname, '../../../src/enclave/platform/host.ts'))};
      const host = await startEnclaveHost(${JSON.stringify({ folder: join(root, 'orphan'), bundle, port: 0, measuredConfig: TEST_CONFIG })});
      process.stdout.write(String(host.enclavePid));
      process.kill(process.pid, 'SIGKILL');`;
    const options: ExecFileSyncOptionsWithStringEncoding = {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    };
    let pid = 0;
    try {
      execFileSync(process.execPath, ['--input-type=module', '-e', script], options);
    } catch (error) {
      pid = Number((error as { stdout: string }).stdout);
    }
    expect(pid).toBeGreaterThan(0);
    await until(() => !isRunning(pid));
  });

  it('listens on a Unix socket, also where a killed host left one', async () => {
    const socketPath = join(root, 'enclave.sock');
    for (let i = 0; i < 2; i++) {
      writeFileSync(socketPath, '');
      const options = { folder: join(root, 'by-socket'), bundle, socketPath };
      const second = await startEnclaveHost({ ...options, measuredConfig: TEST_CONFIG });
      const other = await TestClient.connect(second.address);
      expect((await other.call('status', {})).epoch).toBe(1n);
      other.close();
      await second.close();
    }
  });
});

describe('the host refuses to start', () => {
  it('on a folder that another host serves, whose enclave goes on', async () => {
    const pid = host.enclavePid;
    await expect(startEnclaveHost({ folder, bundle, port: 0 })).rejects.toMatchObject({
      code: 'FOLDER_LOCKED',
      meta: { what: `process ${process.pid} has it` },
    });
    expect(host.enclavePid).toBe(pid);
    expect((await client.call('status', {})).epoch).toBe(1n);
  });

  it('where another process listens, by port and by path, and leaves it its socket', async () => {
    const socketPath = join(root, 'taken.sock');
    const taken = createServer(() => undefined);
    await new Promise<void>((listening) => taken.listen(socketPath, listening));
    const port = Number(host.address.split(':')[1]);
    for (const listen of [{ socketPath }, { port }]) {
      const options = { folder: join(root, 'elsewhere'), bundle, measuredConfig: TEST_CONFIG };
      await expect(startEnclaveHost({ ...options, ...listen })).rejects.toMatchObject({
        code: 'ENCLAVE_ADDRESS_IN_USE',
      });
    }
    expect(existsSync(socketPath)).toBe(true);
    await new Promise((closed) => taken.close(closed));
  });

  it('without a bundle', async () => {
    const missing = startEnclaveHost({ folder, bundle: join(root, 'none.mjs'), port: 0 });
    await expect(missing).rejects.toMatchObject({ code: 'ENCLAVE_NOT_BUILT', disposition: 'halt' });
  });

  it('with a configuration that differs from the one in the folder, which stays', async () => {
    const before = readFileSync(join(folder, 'enclave.json'), 'utf8');
    const measuredConfig = { ...TEST_CONFIG, epoch: 2 };
    const differing = startEnclaveHost({ folder, bundle, port: 0, measuredConfig });
    await expect(differing).rejects.toMatchObject({ code: 'ENCLAVE_CONFIG_DIFFERS' });
    expect(readFileSync(join(folder, 'enclave.json'), 'utf8')).toBe(before);
  });

  it('without any configuration, naming the file', async () => {
    const empty = mkdtempSync(join(root, 'empty-'));
    const error = await startEnclaveHost({ folder: empty, bundle, port: 0 }).catch((e: Error) => e);
    expect(error).toMatchObject({ code: 'ENCLAVE_START_REFUSED' });
    expect(`${error}`).toContain('ENCLAVE_CONFIG_INVALID');
    expect(`${error}`).toContain('enclave.json');
  });

  it('on a state sealed by other code, which it leaves as it is', async () => {
    await host.close();
    const other = join(root, 'other');
    cpSync(join(root, 'dist'), other, { recursive: true });
    writeFileSync(join(other, 'enclave.mjs'), `${readFileSync(bundle, 'utf8')}\n// changed\n`);
    const files = readdirSync(folder);
    const started = startEnclaveHost({ folder, bundle: join(other, 'enclave.mjs'), port: 0 });
    const error = await started.catch((e: Error) => e);
    expect(error).toMatchObject({ code: 'ENCLAVE_START_REFUSED', disposition: 'halt' });
    expect(`${error}`).toContain('ENCLAVE_SEAL_FOREIGN');
    expect(readdirSync(folder)).toEqual(files);
    host = await start();
  });

  it('on a state sealed under another configuration', async () => {
    await host.close();
    const changed = { ...TEST_CONFIG, epoch: 2 };
    writeFileSync(join(folder, 'enclave.json'), JSON.stringify(changed));
    const error = await startEnclaveHost({ folder, bundle, port: 0 }).catch((e: Error) => e);
    expect(`${error}`).toContain('ENCLAVE_SEAL_FOREIGN');
    writeFileSync(join(folder, 'enclave.json'), JSON.stringify(TEST_CONFIG));
    host = await start();
  });

  it('on a state that was copied to another device', async () => {
    await client.call('status', {});
    const copy = mkdtempSync(join(root, 'copy-'));
    for (const file of readdirSync(folder)) {
      if (file !== 'device.seed') copyFileSync(join(folder, file), join(copy, file));
    }
    const error = await startEnclaveHost({ folder: copy, bundle, port: 0 }).catch((e: Error) => e);
    expect(`${error}`).toContain('ENCLAVE_SEAL_BROKEN');
    expect(existsSync(join(copy, 'device.seed'))).toBe(false);
  });
});

describe('the build', () => {
  it('gives the same bytes for the same sources', () => {
    const again = join(root, 'again');
    execFileSync(process.execPath, ['scripts/build-enclave.mjs', again]);
    for (const file of ['enclave.mjs', 'blst.node']) {
      expect(readFileSync(join(again, file)).equals(readFileSync(join(root, 'dist', file)))).toBe(
        true,
      );
    }
  });
});
