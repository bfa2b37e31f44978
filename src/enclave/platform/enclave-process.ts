import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { encodeFrame, FrameDecoder } from '../../protocol/enclave-frames.ts';
import { BridgeError } from '../../shared/errors.ts';
import { type EnclaveFiles, enclaveFlags } from './permissions.ts';

/** A running enclave, seen from its host. One request at a time. */
export interface EnclaveProcess {
  readonly pid: number;
  /** Settles when the process has ended, with what it said last. */
  readonly ended: Promise<string>;
  /** The body of the answer. @throws {EnclaveHostError} ENCLAVE_DIED: the process ended before it answered */
  ask(body: Uint8Array): Promise<Uint8Array>;
  /** Closes its input, on which it ends by itself; kills it if it has not after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

/** Characters of the enclave's last words that the host keeps. */
const MAX_LAST_WORDS = 2048;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Starts the bundle as an enclave: no environment, no network, nothing but three pipes and its folder.
 *
 * @throws {EnclaveHostError} ENCLAVE_DIED: node itself could not be started
 */
export async function startEnclaveProcess(files: EnclaveFiles): Promise<EnclaveProcess> {
  const child: Child = spawn(
    process.execPath,
    [...enclaveFlags(files), files.bundle, files.folder],
    { env: {}, cwd: files.folder, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const ended = watchEnd(child);
  await once(child, 'spawn');
  const line = createLine(child, ended);
  return {
    pid: child.pid ?? 0,
    ended,
    ask: line,
    async stop(graceMs = 5_000) {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

interface Asking {
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (error: EnclaveHostError) => void;
}

/** One question, one answer; what is asked when the process ends, or after it, fails. */
function createLine(child: Child, ended: Promise<string>): EnclaveProcess['ask'] {
  const decoder = new FrameDecoder();
  let asking: Asking | undefined;
  let lastWords: string | undefined;
  child.stdin.on('error', () => undefined); // The end of the process tells the same.
  child.stdout.on('data', (chunk: Uint8Array) => {
    try {
      for (const body of decoder.push(chunk)) asking?.resolve(body);
    } catch {
      // An enclave whose answers cannot be read is of no use: let it be started again.
      child.kill('SIGKILL');
    }
  });
  void ended.then((words) => {
    lastWords = words;
    asking?.reject(new EnclaveHostError('ENCLAVE_DIED', words));
  });
  return (body) =>
    new Promise((resolve, reject) => {
      if (lastWords !== undefined) return reject(new EnclaveHostError('ENCLAVE_DIED', lastWords));
      asking = { resolve, reject };
      child.stdin.write(encodeFrame(body));
    });
}

function watchEnd(child: Child): Promise<string> {
  let lastWords = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-MAX_LAST_WORDS);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => {
      resolve(lastWords.trim() || `exit ${code ?? signal ?? 'without a code'}`);
    });
  });
}

export type EnclaveHostErrorCode =
  | 'ENCLAVE_DIED'
  | 'ENCLAVE_NOT_BUILT'
  | 'ENCLAVE_START_REFUSED'
  | 'ENCLAVE_CONFIG_DIFFERS'
  | 'ENCLAVE_ADDRESS_IN_USE'
  | 'ENCLAVE_ADDRESS_UNUSABLE'
  | 'ENCLAVE_HOST_BUSY'
  | 'ENCLAVE_HOST_CLOSED';

const WHAT: Record<EnclaveHostErrorCode, readonly [message: string, isPassing: boolean]> = {
  ENCLAVE_DIED: ['The enclave ended before it answered; it is being started again', true],
  ENCLAVE_NOT_BUILT: ['The enclave is not built; run: npm run build:enclave', false],
  ENCLAVE_START_REFUSED: ['The enclave refused to start', false],
  ENCLAVE_CONFIG_DIFFERS: [
    'The folder holds an enclave of another configuration; give this one an empty folder',
    false,
  ],
  ENCLAVE_ADDRESS_IN_USE: [
    'Another process listens where this host should; stop it, or give this one another address',
    false,
  ],
  ENCLAVE_ADDRESS_UNUSABLE: [
    'The host cannot listen there; give it a free port, or a path in a folder that can be written',
    false,
  ],
  ENCLAVE_HOST_BUSY: ['Too many requests wait for the enclave; ask again later', true],
  ENCLAVE_HOST_CLOSED: ['The host of the enclave is closing', true],
};

/** The host could not have the enclave answer. */
export class EnclaveHostError extends BridgeError<{ lastWords: string }> {
  readonly code: EnclaveHostErrorCode;
  readonly disposition: 'retry' | 'halt';
  constructor(code: EnclaveHostErrorCode, lastWords: string) {
    const [message, isPassing] = WHAT[code];
    super(lastWords === '' ? `${message}.` : `${message} (${lastWords}).`, { lastWords });
    this.code = code;
    this.disposition = isPassing ? 'retry' : 'halt';
  }
}
