import { parentPort } from 'node:worker_threads';
import { get_runtime_version, run_task } from '@acala-network/chopsticks-executor';
import type { Hex } from '../../src/shared/bytes.ts';

// The thread that executes: compiling and interpreting wasm would block everything else.

/** What the main thread sends. Code is sent once and then named by its id. */
export type ToWorker =
  | { readonly kind: 'code'; readonly codeId: number; readonly wasm: Hex }
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly codeId: number;
      readonly calls: readonly (readonly [string, readonly Hex[]])[];
    }
  | { readonly kind: 'version'; readonly id: number; readonly codeId: number }
  | { readonly kind: 'value'; readonly question: number; readonly value: Hex | undefined };

/** What the worker sends: questions about the state of a task, and the task's end. */
export type FromWorker =
  | { readonly kind: 'done'; readonly id: number; readonly response: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string }
  | {
      readonly kind: 'get' | 'next';
      readonly id: number;
      readonly question: number;
      readonly keys: readonly Hex[];
    };

const codes = new Map<number, Hex>();
const questions = new Map<number, (value: Hex | undefined) => void>();
let lastQuestion = 0;

function send(message: FromWorker): void {
  parentPort?.postMessage(message);
}

function ask(id: number, kind: 'get' | 'next', keys: readonly Hex[]): Promise<Hex | undefined> {
  lastQuestion++;
  const question = lastQuestion;
  send({ kind, id, question, keys });
  return new Promise((resolve) => questions.set(question, resolve));
}

function run({ id, codeId, calls }: Extract<ToWorker, { kind: 'run' }>): Promise<unknown> {
  const task = {
    id,
    wasm: codes.get(codeId),
    calls,
    mockSignatureHost: 0,
    allowUnresolvedImports: false,
    runtimeLogLevel: 0,
    storageProofSize: 0,
  };
  return run_task(task, {
    getStorage: (key) => ask(id, 'get', [key]),
    getNextKey: (prefix, key) => ask(id, 'next', [prefix, key]),
    // Nothing that a block does may depend on these.
    offchainGetStorage: async () => undefined,
    offchainTimestamp: async () => 0,
    offchainRandomSeed: async () => `0x${'00'.repeat(32)}`,
    offchainSubmitTransaction: async () => false,
  });
}

async function answer(id: number, work: Promise<unknown>): Promise<void> {
  try {
    send({ kind: 'done', id, response: await work });
  } catch (error) {
    send({ kind: 'failed', id, reason: String(error) });
  }
}

parentPort?.on('message', (message: ToWorker) => {
  if (message.kind === 'code') codes.set(message.codeId, message.wasm);
  else if (message.kind === 'run') void answer(message.id, run(message));
  else if (message.kind === 'version') {
    void answer(message.id, get_runtime_version(codes.get(message.codeId)));
  } else {
    questions.get(message.question)?.(message.value);
    questions.delete(message.question);
  }
});
