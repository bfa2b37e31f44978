import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BridgeError } from '../../src/shared/errors.ts';

const PACKED = resolve(import.meta.dirname, '../../../shared/bin/veilspan-node.xz');

/** Why no native node can be run here, or undefined if one can. */
export function nativeNodeMissing(): string | undefined {
  const given = process.env['VEILSPAN_NODE'];
  if (given) return existsSync(given) ? undefined : 'VEILSPAN_NODE names a file that is not there';
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return 'the packed node is for Linux x64: set VEILSPAN_NODE to a binary of this machine';
  if (existsSync(PACKED)) return undefined;
  return 'set VEILSPAN_NODE to the binary that substrate/build-node.sh builds';
}

/** Path of the native node, unpacked once per machine. @throws {NativeNodeError} there is none */
export function nativeNodePath(): string {
  const missing = nativeNodeMissing();
  if (missing) throw new NativeNodeError(missing);
  return process.env['VEILSPAN_NODE'] || unpack();
}

function unpack(): string {
  const version = createHash('sha256').update(readFileSync(PACKED)).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `veilspan-node-${version}`);
  const path = join(folder, 'veilspan-node');
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Under a name of its own until it is whole: another process may be unpacking it too.
  const unpacking = `${path}.${process.pid}`;
  const output = openSync(unpacking, 'w');
  try {
    execFileSync('xz', ['-dc', PACKED], { stdio: ['ignore', output, 'inherit'] });
  } catch (cause) {
    throw new NativeNodeError('xz could not unpack it; install xz-utils', { cause });
  } finally {
    closeSync(output);
  }
  chmodSync(unpacking, 0o755);
  renameSync(unpacking, path);
  return path;
}

export class NativeNodeError extends BridgeError<{ what: string }> {
  readonly code = 'DEVNET_NATIVE_NODE';
  readonly disposition = 'reject';
  constructor(what: string, options?: { cause?: unknown }) {
    super(`The native Polkadot node cannot run: ${what}.`, { what }, options);
  }
}
