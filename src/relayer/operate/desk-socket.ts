import { chmod, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { encodeJson } from '../../codec/json.ts';
import { BridgeError, type Disposition } from '../../shared/errors.ts';
import {
  answerDesk,
  DESK_QUESTIONS,
  type DeskAnswers,
  type DeskParams,
  type DeskQuestion,
  type DeskSources,
} from './desk.ts';

// One line of JSON each way: { question, params } and { answer } or { error }. The socket is in a folder of the operator's and open to that
// user alone: whoever can write there can stop the relayer anyway.

/** Whatever answers an operator. */
export interface Desk {
  ask<Q extends DeskQuestion>(question: Q, params: DeskParams<Q>): Promise<DeskAnswers[Q]>;
  close(): Promise<void>;
}

const ANSWER_MS = 15_000;
/** The kernel's own limit of a socket's path, less its end. */
const MAX_PATH_BYTES = 107;

/** Where the relayer with this journal folder listens for its operator. */
export function deskPath(journalFolder: string): string {
  return `${journalFolder}.sock`;
}

/** Serves an operator's questions until it is closed. @throws {NodeJS.ErrnoException} the socket cannot be made */
export async function serveDesk(path: string, sources: DeskSources): Promise<() => Promise<void>> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    throw new DeskUnreachable({ path, what: 'its path is too long' });
  await removeStale(path);
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    createInterface({ input: socket }).on('line', (line) => {
      void reply(sources, line).then((text) => socket.write(`${text}\n`));
    });
  });
  await listen(server, path);
  await chmod(path, 0o600);
  return async () => {
    for (const socket of open) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

/** A process that was killed leaves its socket; one that lives answers at it. @throws {DeskUnreachable} it lives */
async function removeStale(path: string): Promise<void> {
  const socket = await connectTo(path);
  if (socket === undefined) return await rm(path, { force: true });
  socket.destroy();
  throw new DeskUnreachable({ path, what: 'another relayer listens there' });
}

async function reply(sources: DeskSources, line: string): Promise<string> {
  try {
    const { question, params } = JSON.parse(line) as { question: DeskQuestion; params: unknown };
    if (!Object.hasOwn(DESK_QUESTIONS, question)) throw new RangeError('no such question');
    return encodeJson({ answer: await answerDesk(sources, question, params) });
  } catch (error) {
    if (!(error instanceof BridgeError)) return encodeJson({ error: UNFORESEEN });
    const { code, message, disposition } = error;
    return encodeJson({ error: { code, message, disposition } });
  }
}

const UNFORESEEN = {
  code: 'DESK_REFUSED',
  message: 'The relayer could not answer; its log says why.',
  disposition: 'retry',
} as const;

/** Connects to the relayer that listens at `path`; undefined if none does. */
export async function connectDesk(path: string): Promise<Desk | undefined> {
  const socket = await connectTo(path);
  if (socket === undefined) return undefined;
  socket.setTimeout(ANSWER_MS, () => socket.destroy());
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  return {
    ask: async (question, params) => {
      socket.write(`${JSON.stringify({ question, params })}\n`);
      const line = await lines.next().catch(() => undefined);
      if (line === undefined || line.done) {
        throw new DeskUnreachable({ path, what: 'the connection was closed' });
      }
      const { answer, error } = JSON.parse(line.value) as Reply;
      if (error !== undefined) throw new DeskRefusal(error);
      // CAST: it is our own process that answers, and of this release.
      return answer as DeskAnswers[typeof question];
    },
    close: async () => {
      socket.destroy();
    },
  };
}

interface Reply {
  readonly answer?: unknown;
  readonly error?: RemoteError;
}

interface RemoteError {
  readonly code: string;
  readonly message: string;
  readonly disposition: Disposition;
}

async function connectTo(path: string): Promise<Socket | undefined> {
  return await new Promise((resolve) => {
    const socket = createConnection({ path });
    socket.once('connect', () => resolve(socket));
    socket.on('error', () => resolve(undefined));
  });
}

/** The relayer has refused a question; the code is its own. */
export class DeskRefusal extends BridgeError<Record<never, never>> {
  readonly code: string;
  readonly disposition: Disposition;
  constructor({ code, message, disposition }: RemoteError) {
    super(message, {});
    this.code = code;
    this.disposition = disposition;
  }
}

/** No line to the relayer that runs. */
export class DeskUnreachable extends BridgeError<{ path: string; what: string }> {
  readonly code = 'DESK_UNREACHABLE';
  readonly disposition = 'retry';
  constructor(meta: { path: string; what: string }) {
    super(`The relayer's socket ${meta.path}: ${meta.what}.`, meta);
  }
}
