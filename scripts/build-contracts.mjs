#!/usr/bin/env node
// Compiles contracts-evm into contracts-evm/out. Run by npm's `prepare`; unchanged sources cost a second.
import { spawnSync } from 'node:child_process';
import { contractsFolder, forgeBinary } from './forge.mjs';

const startMs = Date.now();
const { status, stdout, stderr, error } = spawnSync(forgeBinary(), ['build', '--skip', 'test'], {
  cwd: contractsFolder,
  encoding: 'utf8',
});
if (status !== 0) {
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}`);
  process.exit(status ?? 1);
}
process.stdout.write(`contracts: built in ${((Date.now() - startMs) / 1000).toFixed(1)} s\n`);
