import { readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');

/** One source file with all that it needs, as a browser would load it. */
export interface BrowserBundle {
  /** Of the source file, from the root of the repository. */
  readonly path: string;
  /** A script that assigns the file's exports to the global `entry`. */
  readonly code: string;
  /** Minified. */
  readonly bytes: number;
}

/**
 * Bundles every source file of a folder by itself.
 *
 * @param folder from the root of the repository
 * @throws {Error} something in it needs Node, or a file to be read at run time
 */
export async function bundleForBrowser(folder: string): Promise<readonly BrowserBundle[]> {
  const entryPoints = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('node/'))
    .map((file) => join(root, folder, file));
  const { outputFiles } = await build({
    entryPoints,
    absWorkingDir: root,
    outbase: root,
    outdir: root,
    bundle: true,
    platform: 'browser',
    conditions: ['browser'],
    format: 'iife',
    globalName: 'entry',
    target: 'es2024',
    minify: true,
    write: false,
    logLevel: 'silent',
  });
  return outputFiles.map(({ path, text, contents }) => ({
    path: relative(root, path).replace(/\.js$/, '.ts'),
    code: text,
    bytes: contents.length,
  }));
}

/** What a browser gives to every script, as far as this repository's code may use it. Neither Node's nor the DOM. */
const WEB_GLOBALS = { TextEncoder, TextDecoder, crypto: globalThis.crypto };

/** Runs a bundle where there is no `process`, `Buffer`, `require` or module loader, and gives its exports. */
export function runInBrowser({ code }: BrowserBundle): Record<string, unknown> {
  const context = createContext({ ...WEB_GLOBALS });
  // CAST: the script assigns its exports to `entry`.
  return runInContext(`${code};entry`, context) as Record<string, unknown>;
}
