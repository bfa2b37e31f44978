import { createConnection, type Socket } from 'node:net';
import { setImmediate as afterReading } from 'node:timers';
import type { CommandName, CommandParams, CommandResult } from '../protocol/enclave-commands.ts';
import { encodeFrame, FrameDecoder } from '../protocol/enclave-frames.ts';
import {
  decodeResponse,
  decodeResult,
  encodeBody,
  type RemoteError,
  type Response,
} from '../protocol/enclave-wire.ts';
import { BridgeError, type Disposition } from '../shared/errors.ts';

export interface EnclaveClientOptions {
  /** A socket's path, or `host:port`. */
  readonly address: string;
  /** How long any answer may take, instead of {@link deadlineMsOf}. */
  readonly timeoutMs?: number;
}

/** A line to one enclave's host. It connects when it is needed and again after it was lost. */
export interface EnclaveClient {
  readonly address: string;
  /** @throws {RemoteRefusal} the enclave refuses @throws {EnclaveUnreachable} no answer */
  ask<N extends CommandName>(command: N, params: CommandParams<N>): Promise<CommandResult<N>>;
  close(): void;
}

/** For a connection on this machine or in its network. */
const CONNECT_MS = 5000;
const KEEPALIVE_MS = 10_000;

const READING_MS = 15_000;
const PROVING_MS = 60_000;
/** Hundreds of messages, a sync committee's signatures, or a transition over a long line of rounds. */
const COMPUTING_MS = 180_000;

const DEADLINES_MS: Readonly<Record<CommandName, number>> = {
  status: READING_MS,
  evidence: READING_MS,
  signCommit: READING_MS,
  query: READING_MS,
  ingestControl: PROVING_MS,
  proveReleased: PROVING_MS,
  confirmAnchored: PROVING_MS,
  reveal: PROVING_MS,
  exportSnapshot: PROVING_MS,
  bootstrap: COMPUTING_MS,
  advance: COMPUTING_MS,
  ingest: COMPUTING_MS,
  propose: COMPUTING_MS,
  restoreSnapshot: COMPUTING_MS,
};

/** How long the answer to a command may take, in milliseconds. */
export function deadlineMsOf(command: CommandName): number {
  return DEADLINES_MS[command];
}

interface Waiting {
  readonly answered: (response: Response) => void;
  readonly failed: (error: Error) => void;
}

/** One connection and the questions on it. */
interface Line {
  readonly socket: Socket;
  readonly waiting: Map<number, Waiting>;
  /** When anything came over it last, by the clock that only goes forward. */
  heardAtMs: number;
  /** Whether nothing came since a question was put that was given up: the other end may be gone. */
  isDoubted: boolean;
}

/** Creates a client of the enclave at `address`. */
export function createEnclaveClient(options: EnclaveClientOptions): EnclaveClient {
  const { address } = options;
  let line: Line | undefined;
  const open = new Set<Line>();
  let nextId = 1;
  const openLine = (): Line => {
    if (line !== undefined && !line.socket.destroyed && !line.isDoubted) return line;
    const fresh = connect(address);
    open.add(fresh);
    fresh.socket.once('close', () => open.delete(fresh));
    line = fresh;
    return fresh;
  };
  return {
    address,
    ask: async (command, params) => {
      const id = nextId++;
      const request = encodeFrame(encodeBody({ id, command, params }));
      const deadlineMs = options.timeoutMs ?? deadlineMsOf(command);
      const response = await exchange(openLine(), { id, request, deadlineMs, address });
      if (!response.ok) throw new RemoteRefusal(command, response.error);
      return decodeResult(command, response.result);
    },
    close: () => {
      for (const { socket } of open) socket.destroy();
    },
  };
}

function connect(address: string): Line {
  const socket = createConnection(endpointOf(address));
  const line: Line = { socket, waiting: new Map(), heardAtMs: 0, isDoubted: false };
  socket.setKeepAlive(true, KEEPALIVE_MS);
  const connecting = setTimeout(() => {
    socket.destroy(new Error(`no connection in ${CONNECT_MS} ms`));
  }, CONNECT_MS);
  socket.on('connect', () => clearTimeout(connecting));
  const decoder = new FrameDecoder();
  socket.on('data', (chunk: Uint8Array) => {
    line.heardAtMs = performance.now();
    try {
      for (const body of decoder.push(chunk)) deliver(line, decodeResponse(body));
    } catch (error) {
      // What follows cannot be read any more; the questions on this line fail with the socket.
      socket.destroy(error instanceof Error ? error : undefined);
    }
  });
  let why: Error | undefined;
  socket.on('error', (error) => {
    why = error;
  });
  socket.on('close', () => {
    clearTimeout(connecting);
    const what = why?.message ?? 'the connection was closed';
    for (const { failed } of line.waiting.values()) failed(new EnclaveUnreachable(address, what));
    line.waiting.clear();
  });
  return line;
}

function endpointOf(address: string): { path: string } | { host: string; port: number } {
  const match = /^([^/\\]+):([0-9]{1,5})$/.exec(address);
  const [, host, port] = match ?? [];
  return host === undefined ? { path: address } : { host, port: Number(port) };
}

function deliver(line: Line, response: Response): void {
  line.waiting.get(response.id)?.answered(response);
  line.waiting.delete(response.id);
}

interface Question {
  readonly id: number;
  readonly request: Uint8Array;
  readonly deadlineMs: number;
  readonly address: string;
}

async function exchange(line: Line, question: Question): Promise<Response> {
  const { id, request, deadlineMs } = question;
  const sentAtMs = performance.now();
  // What this process has not read because it was busy or stopped itself is read between the two.
  const timer = setTimeout(
    () => afterReading(() => giveUp(line, { ...question, sentAtMs })),
    deadlineMs,
  );
  try {
    return await new Promise<Response>((answered, failed) => {
      line.waiting.set(id, { answered, failed });
      line.socket.write(request);
    });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * An enclave does one thing at a time: what waits behind a long command is late, and the command goes on. So the line stays for those who wait on
 * it; whoever asks next takes another, or questions that follow on each other would keep a dead one for ever.
 */
function giveUp(
  line: Line,
  { id, deadlineMs, address, sentAtMs }: Question & { readonly sentAtMs: number },
): void {
  const late = line.waiting.get(id);
  if (late === undefined) return;
  line.waiting.delete(id);
  late.failed(new EnclaveUnreachable(address, `no answer in ${deadlineMs} ms`));
  if (line.heardAtMs < sentAtMs) line.isDoubted = true;
  if (line.waiting.size === 0) line.socket.destroy();
}

/** The enclave answered with a refusal; code and disposition are its own. */
export class RemoteRefusal extends BridgeError<
  { command: CommandName } & Readonly<Record<string, string>>
> {
  readonly code: string;
  readonly disposition: Disposition;
  constructor(command: CommandName, error: RemoteError) {
    super(error.message, { ...error.meta, command });
    this.code = error.code;
    this.disposition = error.disposition;
  }
}

/** The code of an enclave's refusal; undefined for any other failure. */
export function refusalCode(error: unknown): string | undefined {
  return error instanceof RemoteRefusal ? error.code : undefined;
}

/** No line to the enclave, or no answer on it. */
export class EnclaveUnreachable extends BridgeError<{ address: string; what: string }> {
  readonly code = 'ENCLAVE_UNREACHABLE';
  readonly disposition = 'retry';
  constructor(address: string, what: string) {
    super(`No answer from the enclave at ${address}: ${what}; is it running?`, { address, what });
  }
}
