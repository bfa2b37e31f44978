import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of recorded chain data, absolute. */
export const vectorsFolder = resolve(
  process.env['VECTORS_DIR'] ?? join(import.meta.dirname, '../../../shared/vectors'),
);

/** Why the tests over recorded chain data cannot run here, or undefined if they can. */
export const vectorsMissing: string | undefined = existsSync(vectorsFolder)
  ? undefined
  : 'no recorded chain data: set VECTORS_DIR to the folder that holds it';

/** The bytes of a recorded file. */
export function readVector(path: string): Buffer {
  return readFileSync(join(vectorsFolder, path));
}

/** A recorded JSON file, parsed. */
export function readVectorJson<T>(path: string): T {
  return JSON.parse(readVector(path).toString('utf8')) as T;
}
