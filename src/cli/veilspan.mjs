#!/usr/bin/env node
// Plain JavaScript on purpose: an older Node must be able to read this far to say what is wrong.
const NEEDED_MAJOR = 26;

if (Number.parseInt(process.versions.node, 10) < NEEDED_MAJOR) {
  process.stderr.write(
    `veilspan needs Node ${NEEDED_MAJOR} and this is ${process.versions.node}. ` +
      'Start it with `npx veilspan` or `npm run veilspan --` inside the project: they use the pinned one.\n',
  );
  process.exit(2);
}
if (process.argv[2] === 'relayer' && process.argv[3] === 'run') {
  const { startSparing } = await import('./start-sparing.mjs');
  startSparing();
  const { findPrebuilt } = await import('./prebuilt.mjs');
  await import(findPrebuilt() ?? './main.ts');
} else {
  const { keepCompiled } = await import('./keep-compiled.mjs');
  keepCompiled();
  await import('./main.ts');
}
