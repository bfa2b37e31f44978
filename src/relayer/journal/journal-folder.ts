import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { BridgeError, type Disposition } from '../../shared/errors.ts';

/** What tells that a folder holds a database. */
const MARK = 'PG_VERSION';

/** What a disk must have free: more than one transaction ever writes. */
const LEAST_FREE_BYTES = 64 * 2 ** 20;

/** It takes seconds. */
const FIRST_START_MS = 300_000;

/**
 * Holds a folder to what an embedded database needs of it: that it can be written in, and that its disk has room.
 *
 * @throws {JournalFolderError} JOURNAL_UNWRITABLE, JOURNAL_FULL
 */
export function requireUsable(folder: string): void {
  const probe = join(folder, 'probe');
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(probe, 'can be written');
    rmSync(probe);
  } catch (cause) {
    const what = codeOf(cause);
    const isFull = what === 'ENOSPC' || what === 'EDQUOT';
    throw new JournalFolderError(isFull ? 'JOURNAL_FULL' : 'JOURNAL_UNWRITABLE', { folder, what });
  }
  requireRoom(folder);
}

/**
 * Holds a folder's disk to {@link LEAST_FREE_BYTES}. An embedded database that finds its disk full does not fail: it never comes back, and
 * the whole process with it.
 *
 * @throws {JournalFolderError} JOURNAL_FULL
 */
export function requireRoom(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free >= LEAST_FREE_BYTES) return;
  const what = `${free} bytes are free, ${LEAST_FREE_BYTES} are needed`;
  throw new JournalFolderError('JOURNAL_FULL', { folder, what });
}

/**
 * Makes an embedded database's files where there are none yet, in a process of its own: what that takes, some 400 MB, is not given back
 * before a process ends. Killed at any moment it leaves a folder without a database, in which it begins anew.
 *
 * @throws {JournalFolderError} JOURNAL_FULL, JOURNAL_UNMADE: that process did not come to its end
 */
export async function makeDatabase(folder: string): Promise<void> {
  if (existsSync(join(folder, MARK))) return;
  const fresh = join(folder, 'new');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  // Beside this one, by whatever ending this one has: the program may be built (`scripts/build-relayer.mjs`).
  const script = join(import.meta.dirname, `first-start${extname(import.meta.filename)}`);
  try {
    const bounds = { timeout: FIRST_START_MS, killSignal: 'SIGKILL' } as const;
    await promisify(execFile)(process.execPath, [script, fresh], bounds);
  } catch (cause) {
    // It also ends because there is no room, of which what it has made takes a part.
    const what = endOf(cause);
    try {
      requireRoom(folder);
    } finally {
      rmSync(fresh, { recursive: true });
    }
    throw new JournalFolderError('JOURNAL_UNMADE', { folder, what });
  }
  const names = readdirSync(fresh).filter((name) => name !== MARK);
  for (const name of [...names, MARK]) {
    rmSync(join(folder, name), { recursive: true, force: true });
    renameSync(join(fresh, name), join(folder, name));
  }
  rmSync(fresh, { recursive: true });
}

/** Files of an embedded database. */
const DATABASE_FILE =
  /^(PG_VERSION|base|global|new|pg_\w+(\.conf)?|postgresql(\.auto)?\.conf|postmaster\.\w+)$/;

/** Takes an embedded database out of its folder, and nothing else that somebody may have put there. */
export function removeDatabase(folder: string): void {
  const names = readdirSync(folder).filter((name) => DATABASE_FILE.test(name));
  for (const name of names) rmSync(join(folder, name), { recursive: true });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
}

/** How a process has ended that did not end well. */
function endOf(error: unknown): string {
  const signal = error instanceof Error && 'signal' in error ? error.signal : undefined;
  return signal ? `its process was ended by ${signal}` : `its process ended with ${codeOf(error)}`;
}

const DISPOSITIONS = {
  JOURNAL_UNWRITABLE: 'halt',
  JOURNAL_FULL: 'retry',
  JOURNAL_UNMADE: 'retry',
  JOURNAL_CORRUPT: 'halt',
} as const satisfies Record<string, Disposition>;

const SENTENCES = {
  JOURNAL_UNWRITABLE: 'cannot be written',
  JOURNAL_FULL: 'has no room: make some, nothing is lost',
  JOURNAL_UNMADE: 'could not be made, which takes 400 MB of memory for some seconds',
  JOURNAL_CORRUPT:
    'is damaged, or another version made it: move it away or run `veilspan relayer rebuild`, and all that the chains show is read again',
} as const;

/** The folder of the embedded database is not, or is no longer, one that it can work in. */
export class JournalFolderError extends BridgeError<{ folder: string; what: string }> {
  readonly code: keyof typeof DISPOSITIONS;
  readonly disposition: Disposition;
  constructor(code: keyof typeof DISPOSITIONS, meta: { folder: string; what: string }) {
    super(`The journal in ${meta.folder} ${SENTENCES[code]} (${meta.what}).`, meta);
    this.code = code;
    this.disposition = DISPOSITIONS[code];
  }
}
