import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What tells that a folder holds a database. */
const MARK = 'PG_VERSION';

/**
 * Makes an embedded database's files where there are none yet, in a process of its own: what that takes, some 400 MB, is not given back
 * before a process ends. Killed at any moment it leaves a folder without a database, in which it begins anew.
 */
export async function makeFolder(folder: string): Promise<void> {
  if (existsSync(join(folder, MARK))) return;
  const fresh = join(folder, 'new');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const script = fileURLToPath(new URL('./first-start.ts', import.meta.url));
  await promisify(execFile)(process.execPath, [script, fresh]);
  const names = readdirSync(fresh).filter((name) => name !== MARK);
  for (const name of [...names, MARK]) {
    rmSync(join(folder, name), { recursive: true, force: true });
    renameSync(join(fresh, name), join(folder, name));
  }
  rmSync(fresh, { recursive: true });
}
