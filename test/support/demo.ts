import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = resolve(import.meta.dirname, '../../src/cli/veilspan.mjs');

/** A demo that runs, watched line by line. */
export interface RunningDemo {
  readonly folder: string;
  /** All it has printed so far. */
  readonly lines: readonly string[];
  /** The first line that matches, printed already or to come. @throws when the demo ends without it */
  line(pattern: RegExp): Promise<string>;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
  /** Ends it if it still runs, and removes its folder. */
  close(): Promise<void>;
}

/** Starts `veilspan demo` as a user would. */
export function startDemo(args: readonly string[] = []): RunningDemo {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-e2e-'));
  const child = spawn(process.execPath, [PROGRAM, 'demo', '--folder', folder, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const watcher of watchers) watcher();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    notify();
  });
  let hasEnded = false;
  const ended = new Promise<number | null>((done) => {
    child.once('close', (code) => {
      hasEnded = true;
      notify();
      done(code);
    });
  });
  return {
    folder,
    lines,
    ended,
    line: (pattern) =>
      new Promise((found, failed) => {
        const look = () => {
          const line = lines.find((each) => pattern.test(each));
          if (line === undefined && !hasEnded) return;
          watchers.delete(look);
          if (line !== undefined) found(line);
          else failed(new Error(`the demo ended without ${pattern}:\n${lines.join('\n')}`));
        };
        watchers.add(look);
        look();
      }),
    close: () => closeDemo(child, ended, folder),
  };
}

async function closeDemo(
  child: ChildProcess,
  ended: Promise<number | null>,
  folder: string,
): Promise<void> {
  child.kill('SIGKILL');
  await ended;
  rmSync(folder, { recursive: true, force: true });
}

/** The process id that a line names, as in `(pid 123)`. */
export function pidIn(line: string): number {
  const pid = Number(/pid ([0-9]+)/.exec(line)?.[1]);
  if (!Number.isInteger(pid)) throw new Error(`no process id in: ${line}`);
  return pid;
}

/** The process id of the enclave itself, from what its host has logged. */
export function enclavePidOf(folder: string): number {
  const log = readFileSync(join(folder, 'enclave.log'), 'utf8');
  const pids = [...log.matchAll(/enclave ([0-9]+) answers/g)].map((match) => Number(match[1]));
  const last = pids.at(-1);
  if (last === undefined) throw new Error(`no enclave in: ${log}`);
  return last;
}
