import { dirname, join } from 'node:path';

/** What a process that runs as an enclave may touch. */
export interface EnclaveFiles {
  /** The one file of code; the BLS addon lies beside it. */
  readonly bundle: string;
  /** The enclave's own folder: its configuration and its sealed records. */
  readonly folder: string;
}

/** The BLS addon that the build puts beside the bundle. */
export function addonOf(bundle: string): string {
  return join(dirname(bundle), 'blst.node');
}

/**
 * The flags of node under which an enclave runs: no network, no child process, no worker, no file but its own.
 *
 * SECURITY: an addon is native code and outside the permission model; the only one that can be read is the one that
 * the measurement covers. Evaluation of text as code is off.
 */
export function enclaveFlags({ bundle, folder }: EnclaveFiles): readonly string[] {
  return [
    '--permission',
    '--allow-addons',
    `--allow-fs-read=${bundle}`,
    `--allow-fs-read=${addonOf(bundle)}`,
    `--allow-fs-read=${folder}`,
    `--allow-fs-write=${folder}`,
    '--disallow-code-generation-from-strings',
    '--no-global-search-paths',
    '--disable-warning=PERM0001',
    '--disable-warning=SecurityWarning',
  ];
}
