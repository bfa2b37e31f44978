// Bundles the program of `veilspan relayer run` into dist/relayer/: the sources' types and comments, and the code of packages that it does not
// use, are not in it. src/cli/prebuilt.mjs says when it is used.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { BUILT_FROM, digestOf, PREBUILT, ROOT } from '../src/cli/prebuilt.mjs';
import { inFiles } from './bundling.mjs';

const startMs = Date.now();
const out = join(ROOT, PREBUILT);
const cli = join(ROOT, 'src/cli');
const command = join(cli, 'commands/relayer.ts');

/** What other commands run is loaded from where it is. */
const otherCommands = {
  name: 'other-commands',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ kind, importer, resolveDir, path }) => {
      const isOthers = importer.startsWith(`${cli}/`) && importer !== command;
      if (kind !== 'dynamic-import' || !isOthers) return undefined;
      return { path: relative(out, resolve(resolveDir, path)), external: true };
    });
  },
};

const { metafile, outputFiles } = await build({
  entryPoints: {
    main: join(ROOT, 'src/cli/main.ts'),
    'first-start': join(ROOT, 'src/relayer/journal/first-start.ts'),
  },
  absWorkingDir: ROOT,
  outdir: out,
  // Names stay, so that an error's trace says where it was.
  ...inFiles('requireForRelayer'),
  lineLimit: 200,
  external: [
    // They read files that lie beside them.
    '@electric-sql/pglite',
    '@chainsafe/blst',
    // They may be installed, for other uses.
    '@veilspan/devnet',
    'bufferutil',
    'utf-8-validate',
    'pg-native',
  ],
  plugins: [otherCommands],
  metafile: true,
  write: false,
});

const sources = Object.keys(metafile.inputs).filter((file) => !file.includes('node_modules/'));
const scripts = ['scripts/build-relayer.mjs', 'scripts/bundling.mjs'];
const files = [...sources, ...scripts, 'package.json', 'package-lock.json'].sort();
const fresh = `${out}-${process.pid}`;
mkdirSync(fresh, { recursive: true });
for (const { path, contents } of outputFiles) {
  writeFileSync(join(fresh, relative(out, path)), contents);
}
writeFileSync(join(fresh, BUILT_FROM), JSON.stringify({ files, digest: digestOf(ROOT, files) }));
rmSync(out, { recursive: true, force: true });
renameSync(fresh, out);
process.stdout.write(
  `relayer: ${outputFiles.length} files, built in ${((Date.now() - startMs) / 1000).toFixed(1)} s\n`,
);
