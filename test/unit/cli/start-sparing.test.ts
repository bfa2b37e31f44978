import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const MODULE = join(import.meta.dirname, '../../../src/cli/start-sparing.mjs');
const SCRIPT = `
  const { startSparing } = await import(${JSON.stringify(MODULE)});
  console.log('begun');
  startSparing();
  const { pid, argv, execArgv, env } = process;
  console.log(JSON.stringify({ pid, argv, execArgv, env }));`;

async function run(env: Readonly<Record<string, string>>) {
  const flags = ['--stack-trace-limit=7', '--input-type=module', '-e', SCRIPT];
  const running = promisify(execFile)(process.execPath, [...flags, '--', 'relayer', 'run'], {
    env: { PATH: process.env['PATH'], KEPT: 'as it was', ...env },
  });
  const { stdout, stderr } = await running;
  const lines = stdout.trim().split('\n');
  return { pid: running.child.pid, lines, said: JSON.parse(lines.at(-1) ?? ''), stderr };
}

describe.runIf(process.platform === 'linux')(
  'starting with an allocator that gives memory back',
  () => {
    it('begins the process anew once, as the same process with the same arguments and environment', async () => {
      const { pid, lines, said, stderr } = await run({});
      expect(lines.filter((line) => line === 'begun')).toHaveLength(2);
      expect(said.pid).toBe(pid);
      expect(said.argv.slice(1)).toEqual(['relayer', 'run']);
      expect(said.execArgv).toContain('--stack-trace-limit=7');
      expect(said.env).toMatchObject({ KEPT: 'as it was', MALLOC_ARENA_MAX: '1' });
      expect(stderr).toBe('');
    });

    it('leaves what an operator has set as it is', async () => {
      const { said } = await run({ MALLOC_ARENA_MAX: '4' });
      expect(said.env).toMatchObject({ MALLOC_ARENA_MAX: '4', MALLOC_TRIM_THRESHOLD_: '65536' });
    });

    it('begins nothing anew where all of it is set', async () => {
      const set = {
        MALLOC_ARENA_MAX: '4',
        MALLOC_TRIM_THRESHOLD_: '1',
        MALLOC_MMAP_THRESHOLD_: '1',
      };
      const { lines } = await run(set);
      expect(lines.filter((line) => line === 'begun')).toHaveLength(1);
    });
  },
);
