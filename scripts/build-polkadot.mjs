// Bundles what the project takes of @polkadot into dist/polkadot/, a file for each entry and what they share beside them.
// Loaded from its packages it is a thousand small files, and Node reads a package.json of 188 KB again for each of those of
// @polkadot/types: three seconds of a processor for every process that speaks to a Substrate chain, and half of one from here.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { inFiles } from './bundling.mjs';

const root = resolve(import.meta.dirname, '..');
const out = join(root, 'dist', 'polkadot');
const { imports } = createRequire(import.meta.url)('../package.json');
const PREFIX = '#polkadot/';

/** By the names under which package.json has them. */
const entryPoints = Object.fromEntries(
  Object.entries(imports)
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([name, { default: from }]) => [name.slice(PREFIX.length), from]),
);

await build({
  entryPoints,
  absWorkingDir: root,
  outdir: `${out}.new`,
  minifySyntax: true,
  ...inFiles('requireForPolkadot'),
});
// The devnet is a package of its own, for which a conditional import cannot lead here.
for (const [name, from] of Object.entries(entryPoints)) {
  writeFileSync(join(`${out}.new`, `${name}.d.mts`), `export * from '${from}';\n`);
}
rmSync(out, { recursive: true, force: true });
renameSync(`${out}.new`, out);
