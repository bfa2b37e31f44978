// Plain JavaScript, as veilspan.mjs: it runs before anything else does.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The repository's folder. */
export const ROOT = join(import.meta.dirname, '../..');
/** The relayer's program in a few files (`scripts/build-relayer.mjs`), below {@link ROOT}. */
export const PREBUILT = 'dist/relayer';
/** Says what it was built from, inside {@link PREBUILT}: `{ files, digest }`. */
export const BUILT_FROM = 'built-from.json';

/**
 * What some files hold, as hexadecimal SHA-256.
 *
 * @param {string} root
 * @param {readonly string[]} files paths below `root`
 */
export function digestOf(root, files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const bytes = readFileSync(join(root, file));
    hash.update(`${file} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

/**
 * The URL of the program in a few files; undefined if it was not built, or from anything but the sources and the list of packages that are
 * there now. It does the same with some 40 MB less: nobody has to keep the text of 1,800 modules, nor what takes types out of them.
 */
export function findPrebuilt(root = ROOT) {
  try {
    const { files, digest } = JSON.parse(readFileSync(join(root, PREBUILT, BUILT_FROM), 'utf8'));
    if (digestOf(root, files) !== digest) return undefined;
    return pathToFileURL(join(root, PREBUILT, 'main.mjs')).href;
  } catch {
    return undefined;
  }
}
