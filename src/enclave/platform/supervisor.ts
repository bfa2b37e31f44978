import { setTimeout as delay } from 'node:timers/promises';
import { encodeBody } from '../../protocol/enclave-wire.ts';
import { EnclaveHostError, type EnclaveProcess, startEnclaveProcess } from './enclave-process.ts';
import type { EnclaveFiles } from './permissions.ts';

/** Keeps one enclave running and puts requests to it one after another. */
export interface Supervisor {
  /** Of the process that runs now; undefined between two. */
  readonly pid: number | undefined;
  /** The body of the answer. @throws {EnclaveHostError} passing: the enclave died, or too many wait */
  ask(body: Uint8Array): Promise<Uint8Array>;
  /** Ends the enclave; what still waits fails. */
  close(): Promise<void>;
}

/** Requests that may wait for the enclave, over all clients. */
const MAX_WAITING = 1024;
const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 10_000;
/** Longer than any client waits for any answer: an enclave that has said nothing for so long hangs. */
const HUNG_MS = 240_000;

interface Waiting {
  readonly body: Uint8Array;
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Starts the enclave and starts it again whenever it dies, with growing pauses. One that does not answer is killed: all that wait for it
 * would wait for ever.
 *
 * @param hungMs how long it may take over one answer
 * @throws {EnclaveHostError} ENCLAVE_START_REFUSED: the first start failed, with the enclave's own reason
 */
export async function createSupervisor(
  files: EnclaveFiles,
  hungMs: number = HUNG_MS,
): Promise<Supervisor> {
  const supervisor = new ProcessSupervisor(files, hungMs);
  await supervisor.start();
  return supervisor;
}

class ProcessSupervisor implements Supervisor {
  readonly #files: EnclaveFiles;
  readonly #hungMs: number;
  readonly #stop = new AbortController();
  #process: EnclaveProcess | undefined;
  #queue: Waiting[] = [];
  #isWorking = false;
  #watching: Promise<void> = Promise.resolve();

  constructor(files: EnclaveFiles, hungMs: number) {
    this.#files = files;
    this.#hungMs = hungMs;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async start(): Promise<void> {
    this.#process = await this.#startOne();
    this.#watching = this.#watch(this.#process);
  }

  ask(body: Uint8Array): Promise<Uint8Array> {
    if (this.#stop.signal.aborted) throw new EnclaveHostError('ENCLAVE_HOST_CLOSED', '');
    if (this.#queue.length >= MAX_WAITING) throw new EnclaveHostError('ENCLAVE_HOST_BUSY', '');
    const answer = new Promise<Uint8Array>((resolve, reject) => {
      this.#queue.push({ body, resolve, reject });
    });
    void this.#work();
    return answer;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#failAll(new EnclaveHostError('ENCLAVE_HOST_CLOSED', ''));
    await this.#process?.stop();
    await this.#watching;
  }

  /** A started enclave has answered once: before that, a failure is its refusal to start. */
  async #startOne(): Promise<EnclaveProcess> {
    const started = await startEnclaveProcess(this.#files);
    try {
      await askInTime(started, encodeBody({ id: 0, command: 'status', params: {} }), HUNG_MS);
      return started;
    } catch (error) {
      const lastWords = error instanceof EnclaveHostError ? error.meta.lastWords : '';
      throw new EnclaveHostError('ENCLAVE_START_REFUSED', readReason(lastWords));
    }
  }

  async #watch(first: EnclaveProcess): Promise<void> {
    let running: EnclaveProcess | undefined = first;
    let backoffMs = FIRST_BACKOFF_MS;
    while (!this.#stop.signal.aborted) {
      if (running !== undefined) {
        const lastWords = await running.ended;
        this.#process = undefined;
        this.#failAll(new EnclaveHostError('ENCLAVE_DIED', lastWords));
        backoffMs = FIRST_BACKOFF_MS;
      }
      await delay(backoffMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      if (this.#stop.signal.aborted) return;
      running = await this.#startOne().catch(() => undefined);
      this.#process = running;
      backoffMs = Math.min(2 * backoffMs, MAX_BACKOFF_MS);
      void this.#work();
    }
    await running?.stop();
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const { request, enclave } = next;
      await askInTime(enclave, request.body, this.#hungMs).then(request.resolve, request.reject);
    }
    this.#isWorking = false;
  }

  #next(): { request: Waiting; enclave: EnclaveProcess } | undefined {
    const enclave = this.#process;
    const request = enclave === undefined ? undefined : this.#queue.shift();
    return enclave === undefined || request === undefined ? undefined : { request, enclave };
  }

  #failAll(error: EnclaveHostError): void {
    const failed = this.#queue;
    this.#queue = [];
    for (const { reject } of failed) reject(error);
  }
}

/** Kills an enclave that does not answer: its end fails what it was asked. */
async function askInTime(
  enclave: EnclaveProcess,
  body: Uint8Array,
  hungMs: number,
): Promise<Uint8Array> {
  const impatience = setTimeout(() => void enclave.stop(0), hungMs);
  try {
    return await enclave.ask(body);
  } finally {
    clearTimeout(impatience);
  }
}

/** The enclave's last line is the JSON of its error; anything else is node's own complaint. */
function readReason(lastWords: string): string {
  try {
    const { code, message } = JSON.parse(lastWords.split('\n').at(-1) ?? '') as {
      code: unknown;
      message: unknown;
    };
    return `${code}: ${message}`;
  } catch {
    return lastWords;
  }
}
