import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { encodeFrame, FrameDecoder } from '../../src/protocol/enclave-frames.ts';
import { TestClient } from './enclave-client.ts';

/** What stands between a relayer and an enclave and changes what it answers. */
export interface LyingEnclave {
  readonly address: string;
  /** Commands whose answers it has changed, or refused. */
  readonly lies: readonly string[];
  close(): Promise<void>;
}

type Answer = Record<string, Record<string, unknown>>;

const NOWHERE = { count: '0', head: `0x${'66'.repeat(32)}` };

/** By command: what it makes of the answer. */
const LIES: Readonly<Record<string, (answer: Answer) => unknown>> = {
  // Further than anybody, by another's name, and where no outbox ever was.
  status: (status) => ({
    ...status,
    signer: `0x${'00'.repeat(19)}01`,
    ledger: { ...status['ledger'], number: '999' },
    ingested: Object.values(status['ingested'] ?? {}).map((outbox) => ({
      ...(outbox as object),
      position: NOWHERE,
      scanned: NOWHERE,
    })),
  }),
  propose: (proposed) => ({ commit: forged(proposed) }),
  signCommit: (signed) => ({ ...signed, commit: forged(signed) }),
  reveal: () => ({ batches: [] }),
};

/** Commands that it refuses: no message is what the chain has. */
const REFUSED: ReadonlySet<string> = new Set(['ingest']);
const MISMATCH = {
  code: 'ENCLAVE_REPLAY_MISMATCH',
  disposition: 'reject',
  message: 'Expected other messages.',
  meta: {},
};

function forged({ commit }: Answer): unknown {
  return { ...commit, postState: `0x${'66'.repeat(32)}` };
}

/** Starts a liar in front of an enclave. */
export async function startLyingEnclave(target: string, socketPath: string): Promise<LyingEnclave> {
  const enclave = await TestClient.connect(target);
  const lies: string[] = [];
  const sockets = new Set<Socket>();
  const answer = async (body: Uint8Array): Promise<string> => {
    const { id, ...request } = JSON.parse(new TextDecoder().decode(body)) as {
      id: number;
      command: string;
    };
    if (REFUSED.has(request.command)) {
      lies.push(request.command);
      return JSON.stringify({ id, ok: false, error: MISMATCH });
    }
    const response = await enclave.send(request);
    const lie = LIES[request.command];
    if (!response.ok || lie === undefined) return JSON.stringify({ ...response, id });
    lies.push(request.command);
    return JSON.stringify({ id, ok: true, result: lie(response.result as Answer) });
  };
  const server = createServer((socket) => {
    const decoder = new FrameDecoder();
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Uint8Array) => {
      for (const body of decoder.push(chunk)) {
        void answer(body).then((text) => socket.write(encodeFrame(new TextEncoder().encode(text))));
      }
    });
  });
  rmSync(socketPath, { force: true });
  await new Promise<void>((listening) => server.listen(socketPath, listening));
  return {
    address: socketPath,
    lies,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      enclave.close();
      await new Promise((closed) => server.close(closed));
    },
  };
}
