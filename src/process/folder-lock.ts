import {
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { basename, dirname, resolve } from 'node:path';
import { BridgeError, type Disposition } from '../shared/errors.ts';

/** A folder that is this process's alone. */
export interface FolderLock {
  /** Lets another process have it; the end of this one does too, however it ends. */
  release(): Promise<void>;
}

const ATTEMPTS = 5;

/**
 * Takes a folder for this process alone.
 *
 * The lock is a socket beside the folder, `<folder>.lock`, that its holder listens on: the system closes it with the process, also one
 * that is killed, and containers that share a volume see each other through it. Whoever finds nobody behind it takes its place.
 *
 * @throws {FolderLockError} FOLDER_LOCKED: another process has it @throws {FolderLockError} FOLDER_UNUSABLE: no lock can be put there
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = `${resolve(folder)}.lock`;
  const place = openPlace(path);
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const server = await tryToTake(place);
      if (server !== undefined) {
        nameHolder(place);
        return { release: () => letGo(server, path) };
      }
      await removeIfStale(place, folder);
    }
  } finally {
    closeSync(place.directory);
  }
  throw new FolderLockError('FOLDER_LOCKED', { folder, what: 'others take it at the same time' });
}

interface Place {
  readonly directory: number;
  /** By the directory's descriptor: a socket's path must be short, a folder's may be long. */
  readonly at: (name: string) => string;
  readonly name: string;
}

function openPlace(path: string): Place {
  const parent = dirname(path);
  try {
    mkdirSync(parent, { recursive: true });
    const directory = openSync(parent, 'r');
    const at = (name: string) => `/proc/self/fd/${directory}/${name}`;
    return { directory, at, name: basename(path) };
  } catch (cause) {
    throw new FolderLockError('FOLDER_UNUSABLE', { folder: parent, what: codeOf(cause) });
  }
}

/** Who holds it, for people to read: a holder that is stopped or busy could not be asked. */
function nameFileOf({ name }: Pick<Place, 'name'>): string {
  return `${name}.pid`;
}

/** On a disk without room it stays unnamed, and is a lock all the same. */
function nameHolder(place: Place): void {
  try {
    writeFileSync(place.at(nameFileOf(place)), `${process.pid}`);
  } catch (error) {
    if (!['ENOSPC', 'EDQUOT'].includes(codeOf(error))) throw error;
  }
}

/** Listens under a name of its own first, so that what is found under the lock's name always answers. */
async function tryToTake({ at, name }: Place): Promise<Server | undefined> {
  const own = at(`${name}.${process.pid}`);
  const server = createServer((socket) => socket.destroy());
  // A lock keeps nobody from ending.
  server.unref();
  try {
    removeFile(own);
    await new Promise<void>((listening, failed) => {
      server.once('error', failed);
      server.listen(own, listening);
    });
    linkSync(own, at(name));
    return server;
  } catch (cause) {
    server.close();
    if (codeOf(cause) === 'EEXIST') return undefined;
    throw new FolderLockError('FOLDER_UNUSABLE', { folder: name, what: codeOf(cause) });
  } finally {
    removeFile(own);
  }
}

/** @throws {FolderLockError} FOLDER_LOCKED */
async function removeIfStale(place: Place, folder: string): Promise<void> {
  const path = place.at(place.name);
  const found = inodeOf(path);
  if (await isListenedOn(path)) {
    const what = `process ${readName(place.at(nameFileOf(place)))} has it`;
    throw new FolderLockError('FOLDER_LOCKED', { folder, what });
  }
  // Somebody else may have been quicker: only what did not answer is removed.
  if (found !== undefined && inodeOf(path) === found) removeFile(path);
}

/** The system takes a connection also for a process that is stopped. */
function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.on('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
  });
}

function readName(path: string): string {
  const unknown = 'of an unknown id';
  try {
    return readFileSync(path, 'utf8') || unknown;
  } catch {
    // It has only just taken it.
    return unknown;
  }
}

async function letGo(server: Server, path: string): Promise<void> {
  removeFile(path);
  removeFile(`${path}.pid`);
  await new Promise((closed) => server.close(closed));
}

function inodeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ino;
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
}

const DISPOSITIONS = { FOLDER_LOCKED: 'reject', FOLDER_UNUSABLE: 'reject' } as const;

const SENTENCES = {
  FOLDER_LOCKED: 'is in use; stop the other process, or give this one a folder of its own',
  FOLDER_UNUSABLE: 'cannot be used; give a folder that can be written on a disk with room',
} as const;

/** A folder that this process cannot have. */
export class FolderLockError extends BridgeError<{ folder: string; what: string }> {
  readonly code: keyof typeof DISPOSITIONS;
  readonly disposition: Disposition;
  constructor(code: keyof typeof DISPOSITIONS, meta: { folder: string; what: string }) {
    super(`The folder ${meta.folder} ${SENTENCES[code]} (${meta.what}).`, meta);
    this.code = code;
    this.disposition = DISPOSITIONS[code];
  }
}
