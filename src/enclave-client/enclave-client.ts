import { createConnection, type Socket } from 'node:net';
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
  /** How long an answer may take; a proof of many messages takes seconds. */
  readonly timeoutMs?: number;
}

/** A line to one enclave's host. It connects when it is needed and again after it was lost. */
export interface EnclaveClient {
  readonly address: string;
  /** @throws {RemoteRefusal} the enclave refuses @throws {EnclaveUnreachable} no answer */
  ask<N extends CommandName>(command: N, params: CommandParams<N>): Promise<CommandResult<N>>;
  close(): void;
}

const TIMEOUT_MS = 120_000;

interface Waiting {
  readonly answered: (response: Response) => void;
  readonly failed: (error: Error) => void;
}

/** One connection and the questions on it. */
interface Line {
  readonly socket: Socket;
  readonly waiting: Map<number, Waiting>;
}

/** Creates a client of the enclave at `address`. */
export function createEnclaveClient(options: EnclaveClientOptions): EnclaveClient {
  const { address, timeoutMs = TIMEOUT_MS } = options;
  let line: Line | undefined;
  let nextId = 1;
  const openLine = (): Line => {
    if (line === undefined || line.socket.destroyed) line = connect(address);
    return line;
  };
  return {
    address,
    ask: async (command, params) => {
      const id = nextId++;
      const request = encodeFrame(encodeBody({ id, command, params }));
      const response = await exchange(openLine(), { id, request, timeoutMs, address });
      if (!response.ok) throw new RemoteRefusal(command, response.error);
      return decodeResult(command, response.result);
    },
    close: () => line?.socket.destroy(),
  };
}

function connect(address: string): Line {
  const socket = createConnection(endpointOf(address));
  const line: Line = { socket, waiting: new Map() };
  const decoder = new FrameDecoder();
  socket.on('data', (chunk: Uint8Array) => {
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
  readonly timeoutMs: number;
  readonly address: string;
}

async function exchange(line: Line, question: Question): Promise<Response> {
  const { id, request, timeoutMs, address } = question;
  const late = new EnclaveUnreachable(address, `no answer in ${timeoutMs} ms`);
  const timer = setTimeout(() => line.socket.destroy(late), timeoutMs);
  try {
    return await new Promise<Response>((answered, failed) => {
      line.waiting.set(id, { answered, failed });
      line.socket.write(request);
    });
  } finally {
    clearTimeout(timer);
  }
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
