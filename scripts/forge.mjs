// Where forge is. The npm launcher is passed by: it returns 0 even if tests fail.
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

/** Foundry's project folder. */
export const contractsFolder = join(root, 'contracts-evm');

/** The native binary of the npm package; on platforms without one, a `forge` from the PATH. */
export function forgeBinary() {
  const packaged = join(root, 'node_modules/@foundry-rs/forge-linux-amd64/bin/forge');
  if (existsSync(packaged)) return packaged;
  const outside = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'forge'))
    .find((path) => existsSync(path));
  if (outside) return outside;
  process.stderr.write(
    'forge is neither in node_modules nor on the PATH: run `npm install`, or install Foundry.\n',
  );
  return process.exit(1);
}
