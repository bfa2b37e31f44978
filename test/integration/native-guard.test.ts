import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type NativeProcess, startNativeProcess } from '../../devnet/polkadot/native-process.ts';

const MODULE = join(import.meta.dirname, '../../devnet/polkadot/native-process.ts');
const started: NativeProcess[] = [];

afterEach(() => Promise.all(started.splice(0).map((running) => running.stop())));

/** Base paths of two processes in a folder of their own. */
function makeBasePaths(): { folder: string; basePaths: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-guard-test-'));
  const basePaths = ['one', 'two'].map((name) => join(folder, name));
  for (const path of basePaths) mkdirSync(path);
  return { folder, basePaths };
}

/** Stands in for a node: writes its process id into its base path and goes on. */
function standIn(basePath: string): string[] {
  return ['/bin/sh', '-c', 'echo $$ > "$0/pid"; exec sleep 600', basePath];
}

async function until(isThere: () => boolean): Promise<void> {
  while (!isThere()) await new Promise((resume) => setTimeout(resume, 20));
}

function pidIn(basePath: string): number | undefined {
  const file = join(basePath, 'pid');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text.endsWith('\n') ? Number(text) : undefined;
}

function isRunning(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the guard of a native node', { timeout: 20_000 }, () => {
  it('ends the node and removes its files when asked, and the folder with the last one', async () => {
    const { folder, basePaths } = makeBasePaths();
    for (const path of basePaths) started.push(startNativeProcess(path, standIn(path)));
    await until(() => basePaths.every((path) => pidIn(path) !== undefined));
    const pids = basePaths.map(pidIn);
    await started[0]?.stop();
    expect(pids.map(isRunning)).toEqual([false, true]);
    expect(basePaths.map((path) => existsSync(path))).toEqual([false, true]);
    await started[1]?.stop();
    expect(pids.map(isRunning)).toEqual([false, false]);
    expect(existsSync(folder)).toBe(false);
  });

  it('does the same when the process that started it is killed', async () => {
    const { folder, basePaths } = makeBasePaths();
    const starts = basePaths.map(
      (path) => `startNativeProcess(${JSON.stringify(path)}, ${JSON.stringify(standIn(path))});`,
    );
    const load = `const { startNativeProcess } = await import(${JSON.stringify(MODULE)});`;
    const script = [load, ...starts, 'setInterval(() => undefined, 1000);'].join('\n');
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: 'ignore',
    });
    await until(() => basePaths.every((path) => pidIn(path) !== undefined));
    const pids = basePaths.map(pidIn);
    expect(pids.map(isRunning)).toEqual([true, true]);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await until(() => !existsSync(folder));
    expect(pids.map(isRunning)).toEqual([false, false]);
  });

  it('tells what a node that ended by itself said last', async () => {
    const { folder, basePaths } = makeBasePaths();
    const [path = folder] = basePaths;
    const command = ['/bin/sh', '-c', 'echo "the port is taken" >&2; exit 3'];
    const running = startNativeProcess(path, command);
    await until(() => running.hasEnded());
    await until(() => running.lastWords() !== '');
    expect(running.lastWords()).toBe('the port is taken');
    expect(existsSync(path)).toBe(false);
    rmSync(folder, { recursive: true });
  });
});
