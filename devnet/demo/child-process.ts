import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';

/** A process of the bridge, started again whenever it ends before it is told to. */
export interface BridgeProcess {
  readonly name: string;
  /** Of the one that runs now. */
  readonly pid: number | undefined;
  /** Has `listener` told how often it has ended, each time that it ends before it is told to. */
  onEnd(listener: (times: number) => void): void;
  stop(): Promise<void>;
}

const PROGRAM = join(import.meta.dirname, '../../src/cli/veilspan.mjs');
const RESTART_DELAY_MS = 500;

/** Starts `veilspan <args>`; what it prints goes to `<folder>/<name>.log`. */
export function startBridgeProcess(
  name: string,
  args: readonly string[],
  options: { readonly folder: string; readonly onRestart: (line: string) => void },
): BridgeProcess {
  const log = createWriteStream(join(options.folder, `${name}.log`), { flags: 'a' });
  const listeners: ((times: number) => void)[] = [];
  let ends = 0;
  let isStopping = false;
  let child: ChildProcess;
  const start = () => {
    child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    child.once('exit', (code, signal) => {
      if (isStopping) return;
      ends++;
      for (const listener of listeners) listener(ends);
      options.onRestart(`${name} ended (${signal ?? `exit code ${code}`}); starting it again`);
      setTimeout(() => isStopping || start(), RESTART_DELAY_MS);
    });
  };
  start();
  const killWithParent = () => child.kill('SIGKILL');
  process.once('exit', killWithParent);
  return {
    name,
    get pid() {
      return child.pid;
    },
    onEnd: (listener) => {
      listeners.push(listener);
    },
    stop: async () => {
      isStopping = true;
      process.removeListener('exit', killWithParent);
      await endOf(child);
      log.end();
    },
  };
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(impatience);
}
