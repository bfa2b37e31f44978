import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEnclaveClient, deadlineMsOf } from '../../../src/enclave-client/enclave-client.ts';
import { encodeFrame, FrameDecoder } from '../../../src/protocol/enclave-frames.ts';
import { encodeBody } from '../../../src/protocol/enclave-wire.ts';
import { asyncRefusal } from '../../support/async-refusal.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';

interface Question {
  readonly id: number;
  readonly command: string;
  readonly params: unknown;
}

const position = { count: 1n, head: `0x${'11'.repeat(32)}` } as const;
const CHAIN = {
  ...{ chainId: 31337n, position, scanned: position, ahead: null },
  ...{ provenAtSec: 1_700_000_000n, paid: 4n },
};
const SUBMITTER = `0x${'5b'.repeat(20)}` as const;
const proof = {
  kind: 'ethereum' as const,
  header: Uint8Array.of(1, 2),
  accountProof: [],
  storageProof: [],
};

describe('a line to an enclave', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-line-'));
  const path = join(folder, 's');
  let server: Server;
  let onQuestion: (question: Question, socket: Socket) => void;
  let connections = 0;

  beforeEach(async () => {
    connections = 0;
    server = createServer((socket) => {
      connections += 1;
      const decoder = new FrameDecoder();
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Uint8Array) => {
        for (const body of decoder.push(chunk)) {
          onQuestion(JSON.parse(new TextDecoder().decode(body)) as Question, socket);
        }
      });
    });
    await new Promise<void>((listening) => server.listen(path, listening));
  });
  afterEach(async () => {
    await new Promise((closed) => server.close(closed));
    rmSync(path, { force: true });
  });

  const answer = (socket: Socket, response: unknown) =>
    socket.write(encodeFrame(encodeBody(response)));
  const ingest = { chainId: 31337n, fromIndex: 0n, messages: [], proof };

  it('sends integers as decimals and bytes as hex, and reads the answer as it is defined', async () => {
    let asked: unknown;
    onQuestion = ({ id, params }, socket) => {
      asked = params;
      answer(socket, { id, ok: true, result: CHAIN });
    };
    const client = createEnclaveClient({ address: path });
    expect(await client.ask('ingest', ingest)).toEqual(CHAIN);
    expect(asked).toMatchObject({ chainId: '31337', proof: { header: '0x0102' } });
    client.close();
  });

  it('gives each question its own answer, in whatever order they come', async () => {
    const held: Question[] = [];
    onQuestion = (question, socket) => {
      held.push(question);
      if (held.length < 2) return;
      for (const { id } of held.reverse()) {
        const at = { ...position, count: BigInt(id) };
        answer(socket, { id, ok: true, result: { ...CHAIN, position: at } });
      }
    };
    const client = createEnclaveClient({ address: path });
    const answers = await Promise.all([client.ask('ingest', ingest), client.ask('ingest', ingest)]);
    expect(answers.map((each) => each.position.count)).toEqual([1n, 2n]);
    client.close();
  });

  it('passes a refusal on with the enclave’s own code and disposition', async () => {
    const error = {
      code: 'ENCLAVE_CHAIN_UNKNOWN',
      disposition: 'reject',
      message: 'No.',
      meta: { number: '3' },
    };
    onQuestion = ({ id }, socket) => answer(socket, { id, ok: false, error });
    const client = createEnclaveClient({ address: path });
    const asked = { chainId: 3n, firstIndex: 0n, submitter: SUBMITTER };
    await expect(client.ask('reveal', asked)).rejects.toMatchObject({
      code: 'ENCLAVE_CHAIN_UNKNOWN',
      disposition: 'reject',
      meta: { command: 'reveal', number: '3' },
    });
    client.close();
  });

  it('connects again after the line was lost', async () => {
    onQuestion = ({ id }, socket) => {
      if (connections === 1) socket.destroy();
      else answer(socket, { id, ok: true, result: CHAIN });
    };
    const client = createEnclaveClient({ address: path });
    await expect(client.ask('ingest', ingest)).rejects.toMatchObject({
      code: 'ENCLAVE_UNREACHABLE',
      disposition: 'retry',
    });
    expect(await client.ask('ingest', ingest)).toEqual(CHAIN);
    client.close();
  });

  it('gives up on an answer that does not come, or cannot be read', async () => {
    onQuestion = () => undefined;
    const client = createEnclaveClient({ address: path, timeoutMs: 100 });
    await expect(client.ask('ingest', ingest)).rejects.toMatchObject({
      code: 'ENCLAVE_UNREACHABLE',
    });
    onQuestion = (_, socket) => socket.write(Uint8Array.of(0, 0, 0, 2, 1, 2));
    await expect(client.ask('ingest', ingest)).rejects.toMatchObject({
      code: 'ENCLAVE_UNREACHABLE',
    });
    onQuestion = (_, socket) => socket.write(Uint8Array.of(255, 255, 255, 255));
    await expect(client.ask('ingest', ingest)).rejects.toMatchObject({
      code: 'ENCLAVE_UNREACHABLE',
    });
    client.close();
  });

  it('gives up a late question alone while the enclave is busy with a longer one', async () => {
    let finish: (() => void) | undefined;
    const client = createEnclaveClient({ address: path });
    onQuestion = ({ id }, socket) => answer(socket, { id, ok: true, result: CHAIN });
    await client.ask('ingest', ingest);
    onQuestion = ({ id, command }, socket) => {
      if (command === 'ingest') finish = () => answer(socket, { id, ok: true, result: CHAIN });
    };
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const long = client.ask('ingest', ingest);
      const short = asyncRefusal(client.ask('status', {}));
      await vi.advanceTimersByTimeAsync(deadlineMsOf('status'));
      expect(await short).toMatchObject({ code: 'ENCLAVE_UNREACHABLE' });
      vi.useRealTimers();
      await expect.poll(() => finish).toBeDefined();
      finish?.();
      expect(await long).toEqual(CHAIN);
      expect(connections).toBe(1);
      client.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it('opens another line after one on which nothing is answered', async () => {
    const proxy = await startFaultProxy({ path });
    onQuestion = ({ id }, socket) => answer(socket, { id, ok: true, result: CHAIN });
    const client = createEnclaveClient({ address: proxy.address, timeoutMs: 200 });
    expect(await client.ask('ingest', ingest)).toEqual(CHAIN);
    await proxy.set('half-open');
    expect(await asyncRefusal(client.ask('ingest', ingest))).toMatchObject({
      code: 'ENCLAVE_UNREACHABLE',
      meta: { what: 'no answer in 200 ms' },
    });
    await proxy.set('pass');
    expect(await client.ask('ingest', ingest)).toEqual(CHAIN);
    expect(proxy.accepted).toBe(2);
    client.close();
    await proxy.close();
  });

  it('opens another line although there is always a question on the dead one that is not late yet', async () => {
    const proxy = await startFaultProxy({ path });
    onQuestion = ({ id }, socket) => answer(socket, { id, ok: true, result: CHAIN });
    const client = createEnclaveClient({ address: proxy.address, timeoutMs: 200 });
    await proxy.set('blackhole');
    let answers = 0;
    const asked: Promise<unknown>[] = [];
    const asking = setInterval(() => {
      const count = () => {
        answers += 1;
      };
      asked.push(client.ask('ingest', ingest).then(count, () => undefined));
    }, 50);
    await expect.poll(() => asked.length).toBeGreaterThan(2);
    await proxy.set('pass');
    await expect.poll(() => answers, { timeout: 10_000 }).toBeGreaterThan(0);
    clearInterval(asking);
    await Promise.all(asked);
    client.close();
    await proxy.close();
  });

  it('does not take an answer of another shape for a result', async () => {
    onQuestion = ({ id }, socket) => answer(socket, { id, ok: true, result: { chainId: '1' } });
    const client = createEnclaveClient({ address: path });
    await expect(client.ask('ingest', ingest)).rejects.toMatchObject({ code: 'COMMAND_MALFORMED' });
    client.close();
  });

  it('is unreachable where nobody listens, by path and by port', async () => {
    for (const address of [join(folder, 'nobody'), '127.0.0.1:9']) {
      const client = createEnclaveClient({ address });
      await expect(client.ask('status', {})).rejects.toMatchObject({
        code: 'ENCLAVE_UNREACHABLE',
        meta: { address },
      });
    }
  });
});
