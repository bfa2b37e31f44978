import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BridgeError } from '../../shared/errors.ts';

const PACKED = resolve(import.meta.dirname, '../../../../shared/bin/veilspan-node.xz');

/** Why no native node can be run here, or undefined if one can. */
export function nativeNodeMissing(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return 'the node is built for Linux x64';
  if (process.env['VEILSPAN_NODE'] || existsSync(PACKED)) return undefined;
  return 'no native node: set VEILSPAN_NODE to the binary that substrate/build-node.sh builds';
}

/** Path of the native node, unpacked once per machine. @throws {NativeNodeError} there is none */
export function nativeNodePath(): string {
  const missing = nativeNodeMissing();
  if (missing) throw new NativeNodeError(missing);
  const given = process.env['VEILSPAN_NODE'];
  if (given) return given;
  const folder = join(tmpdir(), 'veilspan-node');
  const path = join(folder, 'veilspan-node');
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  // Under a name of its own until it is whole: another process may be unpacking it too.
  const unpacking = `${path}.${process.pid}`;
  execFileSync('xz', ['-dc', PACKED], { stdio: ['ignore', openSync(unpacking, 'w'), 'inherit'] });
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
