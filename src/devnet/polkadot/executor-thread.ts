import { Worker } from 'node:worker_threads';
import type { Hex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import type { FromWorker, ToWorker } from './executor-worker.ts';

/** Answers a running task's questions about the state below it. */
export type StateReader = {
  get(key: Hex): Hex | undefined;
  next(prefix: Hex, key: Hex): Hex | undefined;
};

type Calls = readonly (readonly [string, readonly Hex[]])[];

/** A worker thread with smoldot's executor. */
export type ExecutorThread = {
  run(wasm: Hex, calls: Calls, state: StateReader): Promise<unknown>;
  version(wasm: Hex): Promise<unknown>;
  close(): Promise<void>;
};

type Task = {
  readonly state: StateReader | undefined;
  resolve(response: unknown): void;
  reject(error: Error): void;
};

export function startExecutorThread(): ExecutorThread {
  const worker = startWorker();
  const tasks = new Map<number, Task>();
  const codeIds = new Map<Hex, number>();
  let lastId = 0;
  const send = (message: ToWorker) => worker.postMessage(message);

  const settle = (id: number, end: (task: Task) => void) => {
    const task = tasks.get(id);
    tasks.delete(id);
    // An idle thread must not keep the process alive; a task that is awaited must.
    if (tasks.size === 0) worker.unref();
    if (task !== undefined) end(task);
  };
  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'done') settle(message.id, ({ resolve }) => resolve(message.response));
    else if (message.kind === 'failed') {
      settle(message.id, ({ reject }) => reject(new ExecutorThreadError(message.reason)));
    } else {
      const value = readState(tasks.get(message.id)?.state, message);
      send({ kind: 'value', question: message.question, value });
    }
  });
  const failAll = (reason: string) => {
    for (const id of [...tasks.keys()]) {
      settle(id, ({ reject }) => reject(new ExecutorThreadError(reason)));
    }
  };
  worker.on('error', (error) => failAll(String(error)));
  worker.on('exit', () => failAll('the thread has ended'));

  const codeIdOf = (wasm: Hex) => {
    const known = codeIds.get(wasm);
    if (known !== undefined) return known;
    const codeId = codeIds.size;
    codeIds.set(wasm, codeId);
    send({ kind: 'code', codeId, wasm });
    return codeId;
  };
  const start = (state: StateReader | undefined, create: (id: number) => ToWorker) => {
    lastId++;
    const id = lastId;
    worker.ref();
    send(create(id));
    return new Promise((resolve, reject) => tasks.set(id, { state, resolve, reject }));
  };
  return {
    run(wasm, calls, state) {
      const codeId = codeIdOf(wasm);
      return start(state, (id) => ({ kind: 'run', id, codeId, calls }));
    },
    version(wasm) {
      const codeId = codeIdOf(wasm);
      return start(undefined, (id) => ({ kind: 'version', id, codeId }));
    },
    async close() {
      await worker.terminate();
    },
  };
}

/** The executor prints what the runtime logs; a trap's reason comes back with its result. */
function startWorker(): Worker {
  const url = new URL('./executor-worker.ts', import.meta.url);
  const worker = new Worker(url, { stdout: true, stderr: true });
  worker.stdout.resume();
  worker.stderr.resume();
  worker.unref();
  return worker;
}

function readState(
  state: StateReader | undefined,
  { kind, keys }: Extract<FromWorker, { kind: 'get' | 'next' }>,
): Hex | undefined {
  const [first = '0x', second = '0x'] = keys;
  return kind === 'get' ? state?.get(first) : state?.next(first, second);
}

export class ExecutorThreadError extends BridgeError<{ reason: string }> {
  readonly code = 'DEVNET_EXECUTOR_FAILED';
  readonly disposition = 'retry';
  constructor(reason: string) {
    super(`The executor's thread failed: ${reason.slice(0, 300)}.`, { reason });
  }
}
