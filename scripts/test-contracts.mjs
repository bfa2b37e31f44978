#!/usr/bin/env node
// Runs the Solidity tests (gas snapshots included), the format check and the linter; exits 1 if one of them fails.
// After a wanted change of gas: node scripts/test-contracts.mjs --update-gas
import { spawnSync } from 'node:child_process';
import { contractsFolder, forgeBinary } from './forge.mjs';

const gasFlags = process.argv.includes('--update-gas')
  ? ['--gas-snapshot-check=false', '--gas-snapshot-emit=true']
  : [];
const forge = forgeBinary();
const failed = [
  ['test', ...gasFlags],
  ['fmt', '--check'],
  ['lint', 'src', '--deny', 'warnings'],
].filter((args) => spawnSync(forge, args, { cwd: contractsFolder, stdio: 'inherit' }).status !== 0);

for (const [command] of failed) process.stderr.write(`forge ${command} failed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
