import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Serial } from '../../../src/relayer/serial.ts';

const PROGRAM = join(import.meta.dirname, '../../../src/cli/veilspan.mjs');
const CLOCK = join(import.meta.dirname, 'stepped-clock.ts');
const RESTART_MS = 500;
/** Whatever hangs: what supervisors wait before they kill. */
export const STOP_MS = 10_000;

/** How a process has ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether nobody told it to. */
  readonly isOwn: boolean;
}

/** `veilspan <args>` as a process that is started again whenever it ends, as a supervisor does it. */
export class Supervised {
  readonly name: string;
  readonly #args: readonly string[];
  readonly #logFile: string;
  readonly #clockFile: string;
  /** What is done to the process is done one after the other. */
  readonly #turns = new Serial();
  #child: ChildProcess | undefined;
  #isWanted = false;
  #isToldToEnd = false;
  #ended: Promise<void> = Promise.resolve();
  /** All ends so far. */
  readonly ends: End[] = [];
  /** The longest that it has taken to end after it was asked to, in milliseconds. */
  longestStopMs = 0;

  constructor(name: string, args: readonly string[], folder: string) {
    this.name = name;
    this.#args = args;
    this.#logFile = join(folder, `${name}.log`);
    this.#clockFile = join(folder, `${name}.clock`);
    process.once('exit', () => this.#child?.kill('SIGKILL'));
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** All that it has printed. */
  log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  start(): void {
    this.#isWanted = true;
    this.#isToldToEnd = false;
    const output = openSync(this.#logFile, 'a');
    const child = spawn(process.execPath, ['--import', CLOCK, PROGRAM, ...this.#args], {
      stdio: ['ignore', output, output],
      env: { ...process.env, CHAOS_CLOCK: this.#clockFile },
    });
    this.#child = child;
    this.#ended = new Promise((ended) => {
      child.once('exit', (code, signal) => {
        this.ends.push({ code, signal, isOwn: !this.#isToldToEnd });
        ended();
        if (this.#isWanted) setTimeout(() => this.#isWanted && this.start(), RESTART_MS);
      });
    });
  }

  /** Kills it; it is started again. */
  async kill(): Promise<void> {
    await this.#turns.run(async () => {
      this.#isToldToEnd = true;
      this.#child?.kill('SIGKILL');
      await this.#ended;
    });
  }

  /** It does nothing for so long. */
  async freeze(forMs: number): Promise<void> {
    await this.#turns.run(async () => {
      this.#child?.kill('SIGSTOP');
      await sleep(forMs);
      this.#child?.kill('SIGCONT');
    });
  }

  /** Its wall clock, and that of whoever runs in its place later, is ahead of the machine's by so much. */
  setClock(aheadMs: number): void {
    writeFileSync(this.#clockFile, `${aheadMs}`);
  }

  /** Asks it to end, has `work` done while it does not run, and starts it again. */
  async pause(work: () => Promise<void> = async () => undefined): Promise<void> {
    await this.#turns.run(async () => {
      await this.#stop();
      try {
        await work();
      } finally {
        this.start();
      }
    });
  }

  /** Asks it to end, for good. */
  async stop(): Promise<void> {
    await this.#turns.run(() => this.#stop());
  }

  async #stop(): Promise<void> {
    this.#isWanted = false;
    this.#isToldToEnd = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const askedAtMs = performance.now();
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), 2 * STOP_MS);
    await this.#ended;
    clearTimeout(impatience);
    this.longestStopMs = Math.max(this.longestStopMs, performance.now() - askedAtMs);
  }
}

/** Runs `veilspan <args>` to its end. @returns its exit code */
export async function runCommand(args: readonly string[]): Promise<number | null> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: 'ignore' });
  return await new Promise((ended) => child.once('exit', ended));
}
