// Bundles the enclave into dist/: enclave.mjs, all of its code in one file, and blst.node, the BLS addon beside it.
// The same sources and packages give the same bytes: the enclave's measurement is made of their hashes.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { FOR_NODE } from './bundling.mjs';

const root = resolve(import.meta.dirname, '..');
const out = resolve(process.argv[2] ?? join(root, 'dist'));
const require = createRequire(join(root, 'package.json'));

/** The package picks its addon at run time from several folders; the enclave may read one file, beside its bundle. */
const blstBesideBundle = {
  name: 'blst-beside-bundle',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@chainsafe\/blst$/ }, () => ({ path: 'blst', namespace: 'blst' }));
    onLoad({ filter: /.*/, namespace: 'blst' }, () => ({
      contents: [
        `import { createRequire } from 'node:module';`,
        `const addon = createRequire(import.meta.url)('./blst.node');`,
        `export const { ${Object.keys(require('@chainsafe/blst')).sort().join(', ')} } = addon;`,
      ].join('\n'),
      loader: 'js',
      resolveDir: root,
    }));
  },
};

function findAddon() {
  require('@chainsafe/blst');
  const loaded = Object.keys(require.cache).find(
    (file) => file.endsWith('.node') && file.includes('blst'),
  );
  if (loaded === undefined) throw new Error('No BLS addon for this platform; run npm install.');
  return loaded;
}

const result = await build({
  entryPoints: [join(root, 'src/enclave/main.ts')],
  absWorkingDir: root,
  ...FOR_NODE,
  write: false,
  plugins: [blstBesideBundle],
  banner: { js: '// Built by scripts/build-enclave.mjs from src/enclave/main.ts.' },
});

mkdirSync(out, { recursive: true });
copyFileSync(findAddon(), join(out, 'blst.node.new'));
renameSync(join(out, 'blst.node.new'), join(out, 'blst.node'));
writeFileSync(join(out, 'enclave.mjs.new'), result.outputFiles[0].contents);
renameSync(join(out, 'enclave.mjs.new'), join(out, 'enclave.mjs'));
for (const file of ['enclave.mjs', 'blst.node']) {
  const bytes = readFileSync(join(out, file));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  process.stdout.write(`${file}  ${bytes.length} bytes  sha256 ${sha256}\n`);
}
