import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { MUTANTS } from '../chaos/mutants.ts';

// All of them: npm run chaos -- --mutants
const EVERY = 4;

describe('the checks of the chaos runs', () => {
  it('find relayers and gateways that are broken on purpose', async () => {
    const args = ['test/chaos/main.ts', '--mutants', '--every', `${EVERY}`];
    const run = promisify(execFile)(process.execPath, args);
    const { stdout } = await run.catch((failure: { readonly stdout: string }) => failure);
    expect(stdout.split('\n').filter((line) => line.startsWith('NOT FOUND'))).toEqual([]);
    const found = stdout.split('\n').filter((line) => line.startsWith('found: '));
    expect(found).toHaveLength(Math.ceil(MUTANTS.length / EVERY));
  });
});
