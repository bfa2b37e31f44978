import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { BridgeError } from '../../src/shared/errors.ts';

const PACKAGE = '@foundry-rs/anvil-linux-amd64';

/**
 * The native anvil: from the optional npm package, else from the PATH.
 *
 * @throws {AnvilMissingError} neither place has it
 */
export function resolveAnvilBinary(
  pathVariable: string = process.env['PATH'] ?? '',
  packaged: readonly string[] = packagedBinary(),
): string {
  const candidates = [...packaged, ...pathVariable.split(delimiter).map(inFolder)];
  const found = candidates.find(isExecutable);
  if (found === undefined) throw new AnvilMissingError({ searched: candidates.length });
  return found;
}

function inFolder(folder: string): string {
  return join(folder, 'anvil');
}

function packagedBinary(): string[] {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
    return [join(dirname(manifest), 'bin', 'anvil')];
  } catch {
    // An optional dependency: npm leaves it out on other platforms, and the PATH decides.
    return [];
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    // The npm launcher of the same name is a script around the binary; it is no help without it.
    return !file.includes(join('node_modules', '.bin'));
  } catch {
    return false;
  }
}

export class AnvilMissingError extends BridgeError<{ searched: number }> {
  readonly code = 'DEVNET_ANVIL_MISSING';
  readonly disposition = 'halt';
  constructor(meta: { searched: number }) {
    super(
      `No anvil binary among ${meta.searched} places; expected the npm package ${PACKAGE} or anvil on the PATH. Run npm install, or install Foundry.`,
      meta,
    );
  }
}
