import { Worker } from 'node:worker_threads';
import type { Hex } from '../../src/shared/bytes.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import type { FromWorker, ToWorker } from './executor-worker.ts';

/** Answers a running task's questions about the state below it. */
export type StateReader = {
  get(key: Hex): Hex | undefined;
  next(prefix: Hex, key: Hex): Hex | undefined;
};

type Calls = readonly (readonly [string, readonly Hex[]])[];

type Task = {
  readonly state: StateReader | undefined;
  resolve(response: unknown): void;
  reject(error: Error): void;
};

/** A worker thread with smoldot's executor. */
export class ExecutorThread {
  readonly #worker = startWorker();
  readonly #tasks = new Map<number, Task>();
  readonly #codeIds = new Map<Hex, number>();
  #lastId = 0;
  #hasEnded = false;

  constructor() {
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error) => this.#failAll(String(error)));
    this.#worker.on('exit', () => {
      this.#hasEnded = true;
      this.#failAll('it has ended');
    });
  }

  /** Runs calls over one overlay on `state`; resolves with the package's own answer. */
  run(wasm: Hex, calls: Calls, state: StateReader): Promise<unknown> {
    const codeId = this.#sendCode(wasm);
    return this.#start(state, (id) => ({ kind: 'run', id, codeId, calls }));
  }

  /** The version that the wasm declares. */
  version(wasm: Hex): Promise<unknown> {
    const codeId = this.#sendCode(wasm);
    return this.#start(undefined, (id) => ({ kind: 'version', id, codeId }));
  }

  /** Ends the thread; a task under way fails. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #start(state: StateReader | undefined, create: (id: number) => ToWorker): Promise<unknown> {
    if (this.#hasEnded) return Promise.reject(new ExecutorThreadError('it has ended'));
    this.#lastId++;
    const id = this.#lastId;
    this.#worker.ref();
    this.#send(create(id));
    return new Promise((resolve, reject) => this.#tasks.set(id, { state, resolve, reject }));
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  /** A runtime has megabytes: each goes over once. */
  #sendCode(wasm: Hex): number {
    const known = this.#codeIds.get(wasm);
    if (known !== undefined) return known;
    const codeId = this.#codeIds.size;
    this.#codeIds.set(wasm, codeId);
    this.#send({ kind: 'code', codeId, wasm });
    return codeId;
  }

  #receive(message: FromWorker): void {
    if (message.kind === 'done') this.#take(message.id)?.resolve(message.response);
    else if (message.kind === 'failed') this.#fail(message.id, message.reason);
    else {
      const value = readState(this.#tasks.get(message.id)?.state, message);
      this.#send({ kind: 'value', question: message.question, value });
    }
  }

  #take(id: number): Task | undefined {
    const task = this.#tasks.get(id);
    this.#tasks.delete(id);
    // An idle thread must not keep the process alive; a task that is awaited must.
    if (this.#tasks.size === 0) this.#worker.unref();
    return task;
  }

  #fail(id: number, reason: string): void {
    this.#take(id)?.reject(new ExecutorThreadError(reason));
  }

  #failAll(reason: string): void {
    for (const id of [...this.#tasks.keys()]) this.#fail(id, reason);
  }
}

/** What the executor prints is the runtime's log; a trap's reason comes with the task's answer. */
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
