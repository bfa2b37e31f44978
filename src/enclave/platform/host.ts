import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { lockFolder } from '../../process/folder-lock.ts';
import { encodeFrame, FrameDecoder } from '../../protocol/enclave-frames.ts';
import { encodeBody, type Response } from '../../protocol/enclave-wire.ts';
import { equalBytes } from '../../shared/bytes.ts';
import { readId, toRemoteError } from '../answer.ts';
import {
  hashMeasuredConfig,
  type MeasuredConfigJson,
  parseMeasuredConfig,
} from '../measured-config.ts';
import { EnclaveHostError } from './enclave-process.ts';
import { CONFIG_FILE } from './open-enclave.ts';
import { addonOf } from './permissions.ts';
import { CLIENTS_FILE } from './persistence.ts';
import { openProofRecord } from './proof-record.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

export type { MeasuredConfigJson };

/** Where the host listens: a Unix socket, or a port of this machine (0: any free one). */
export type EnclaveListen =
  | { readonly socketPath: string; readonly port?: undefined }
  | { readonly port: number; readonly socketPath?: undefined };

export type EnclaveHostOptions = EnclaveListen & {
  /** The enclave's own folder; made if it is not there. */
  readonly folder: string;
  /** Written to the folder at the first start; afterwards it must say the same, or be left out. */
  readonly measuredConfig?: MeasuredConfigJson;
  /** File to append every accepted proof to, for `veilspan verify`; see {@link openProofRecord}. */
  readonly record?: string;
  /** The bundle to run, `dist/enclave.mjs` unless given. */
  readonly bundle?: string;
};

export interface EnclaveHost {
  /** The socket's path, or `127.0.0.1:<port>`. */
  readonly address: string;
  /** Whether the folder was empty: the enclave has keys that nobody has admitted yet. */
  readonly isNew: boolean;
  /** Of the enclave that runs now; undefined while it is being started again. */
  readonly enclavePid: number | undefined;
  /** Stops listening, then ends the enclave. */
  close(): Promise<void>;
}

const BUNDLE = resolve(import.meta.dirname, '../../../dist/enclave.mjs');

/**
 * Starts an enclave and serves it to relayers. The host is not trusted: it sees public data and ciphertext, and what
 * it changes, the enclave refuses.
 *
 * @throws {EnclaveHostError} ENCLAVE_NOT_BUILT, ENCLAVE_CONFIG_DIFFERS, ENCLAVE_START_REFUSED, ENCLAVE_ADDRESS_IN_USE,
 *   ENCLAVE_ADDRESS_UNUSABLE
 * @throws {FolderLockError} another host has the folder
 * @throws {MeasuredConfigError} a key of `measuredConfig` is wrong
 */
export async function startEnclaveHost(options: EnclaveHostOptions): Promise<EnclaveHost> {
  const bundle = resolve(options.bundle ?? BUNDLE);
  const folder = resolve(options.folder);
  for (const file of [bundle, addonOf(bundle)]) {
    if (!existsSync(file)) throw new EnclaveHostError('ENCLAVE_NOT_BUILT', file);
  }
  prepareFolder(folder, options.measuredConfig);
  // Before anything starts: a second enclave would take the folder over from the first.
  const lock = await lockFolder(folder);
  try {
    const host = await serveFolder(options, { bundle, folder });
    return {
      ...host,
      get enclavePid() {
        return host.enclavePid;
      },
      close: async () => {
        await host.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function serveFolder(
  options: EnclaveHostOptions,
  { bundle, folder }: { readonly bundle: string; readonly folder: string },
): Promise<EnclaveHost> {
  const isNew = !existsSync(join(folder, CLIENTS_FILE));
  const supervisor = await createSupervisor({ bundle, folder });
  const sockets = new Set<Socket>();
  const ask = recording(supervisor, { folder, isNew, record: options.record });
  const server = createServer((socket) => serveClient(socket, { ask, sockets }));
  try {
    const address = await listen(server, options);
    return {
      address,
      isNew,
      get enclavePid() {
        return supervisor.pid;
      },
      close: () => close(server, { supervisor, sockets }),
    };
  } catch (error) {
    await supervisor.close();
    throw error;
  }
}

/** SECURITY: a configuration in place is never overwritten: state sealed under it could not be read any more. */
function prepareFolder(folder: string, config: MeasuredConfigJson | undefined): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (config === undefined) return;
  parseMeasuredConfig(config);
  const path = join(folder, CONFIG_FILE);
  if (!existsSync(path)) writeFileSync(path, `${JSON.stringify(config, null, 2)}\n`);
  const inPlace: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!equalBytes(hashMeasuredConfig(inPlace), hashMeasuredConfig(config))) {
    throw new EnclaveHostError('ENCLAVE_CONFIG_DIFFERS', path);
  }
}

/** Puts what the enclave accepts on record, if the options name one. */
function recording(
  supervisor: Supervisor,
  options: {
    readonly folder: string;
    readonly isNew: boolean;
    readonly record: string | undefined;
  },
): Supervisor['ask'] {
  const { folder, isNew, record } = options;
  if (record === undefined) return (body) => supervisor.ask(body);
  const measured: unknown = JSON.parse(readFileSync(join(folder, CONFIG_FILE), 'utf8'));
  const note = openProofRecord(resolve(record), { measured, isNew });
  return async (body) => {
    const answer = await supervisor.ask(body);
    note(body, answer);
    return answer;
  };
}

interface Serving {
  readonly ask: Supervisor['ask'];
  readonly sockets: Set<Socket>;
}

/** Passes a client's frames on and the answers back, in the client's order; ids are the client's own. */
function serveClient(socket: Socket, { ask, sockets }: Serving): void {
  const decoder = new FrameDecoder();
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Uint8Array) => {
    try {
      for (const body of decoder.push(chunk)) void pass(body, socket, ask);
    } catch {
      // A length that no honest client sends: there is no next frame to find.
      socket.destroy();
    }
  });
}

async function pass(body: Uint8Array, socket: Socket, ask: Supervisor['ask']): Promise<void> {
  const answer = await askOrExplain(body, ask);
  if (!socket.destroyed) socket.write(encodeFrame(answer));
}

async function askOrExplain(body: Uint8Array, ask: Supervisor['ask']): Promise<Uint8Array> {
  try {
    return await ask(body);
  } catch (error) {
    const response: Response = { id: readId(body), ok: false, error: toRemoteError(error) };
    return encodeBody(response);
  }
}

async function listen(server: Server, { socketPath, port }: EnclaveListen): Promise<string> {
  if (socketPath !== undefined) await removeStaleSocket(socketPath);
  await new Promise<void>((listening, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const code =
        error.code === 'EADDRINUSE' ? 'ENCLAVE_ADDRESS_IN_USE' : 'ENCLAVE_ADDRESS_UNUSABLE';
      failed(new EnclaveHostError(code, `${socketPath ?? port}: ${error.code}`));
    });
    if (socketPath !== undefined) server.listen(socketPath, listening);
    else server.listen(port, '127.0.0.1', listening);
  });
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? `127.0.0.1:${bound.port}` : `${bound}`;
}

/** Removes what a host that was killed left behind. @throws {EnclaveHostError} ENCLAVE_ADDRESS_IN_USE: one that lives listens there */
async function removeStaleSocket(path: string): Promise<void> {
  const isAnswered = await new Promise<boolean>((resolve) => {
    const probe = createConnection(path);
    probe.on('connect', () => resolve(true));
    probe.on('error', () => resolve(false));
    probe.on('connect', () => probe.destroy());
  });
  if (isAnswered) throw new EnclaveHostError('ENCLAVE_ADDRESS_IN_USE', path);
  rmSync(path, { force: true });
}

async function close(
  server: Server,
  { supervisor, sockets }: { readonly supervisor: Supervisor; readonly sockets: Set<Socket> },
): Promise<void> {
  const closed = new Promise((done) => server.close(done));
  await supervisor.close();
  for (const socket of sockets) socket.destroySoon();
  await closed;
}
