import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Has Node keep what it compiles of the program, in `veilspan/compiled` of the user's cache folder: reading it anew is more than half of what a
 * short command takes. Where that folder cannot be written nothing is kept.
 *
 * SECURITY: by itself Node keeps it in the folder for everybody's temporary files, where others could leave code of theirs.
 */
export function keepCompiled() {
  const { XDG_CACHE_HOME: base } = process.env;
  enableCompileCache(join(base || join(homedir(), '.cache'), 'veilspan', 'compiled'));
}
