import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crashAt, crashPoints, REFERENCE } from './crash-points.ts';
import { drawSchedule } from './draw-schedule.ts';
import { Journals } from './journals.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { mutateModules } from './mutate-modules.ts';
import { type Result, runSchedule, type Schedule } from './run-schedule.ts';
import { Tally } from './tally.ts';

/** What is to be run. */
export interface ChaosOptions {
  /** Undefined for one that nobody knows before. */
  readonly seed: number | undefined;
  readonly minutes: number;
  readonly runs: number;
  readonly first: number;
  readonly schedule: number | undefined;
  readonly every: number;
  readonly crashes: boolean;
  readonly mutants: boolean;
  readonly real: boolean;
}

/** Schedules after which a campaign says how far it is. */
const TOLD_EVERY = 100;

const print = (line: string) => process.stdout.write(`${line}\n`);

/** Runs what the options ask for, and prints what it finds. @returns the exit code */
export async function runChaos(options: ChaosOptions): Promise<number> {
  const { seed = Date.now() % 2 ** 31, minutes } = options;
  const endsAt = process.hrtime.bigint() + BigInt(Math.round(minutes * 60)) * 1_000_000_000n;
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stopping.abort());
  }
  const isOver = () => stopping.signal.aborted || process.hrtime.bigint() > endsAt;
  const asked = { ...options, seed, isOver };
  return options.real ? await attackReal(asked) : await new ChaosRun(asked).run();
}

type Asked = ChaosOptions & { readonly seed: number; readonly isOver: () => boolean };

async function attackReal({ seed, first, schedule, runs, isOver }: Asked): Promise<number> {
  const { attackRealParts } = await import('./real-parts.ts');
  const tally = new Tally();
  const from = { first: schedule ?? first, schedules: schedule === undefined ? runs : 1 };
  const { done, broken } = await attackRealParts({ seed, ...from, tally, isOver, print });
  for (const what of broken) print(`FOUND by --real --seed ${seed}: ${what}`);
  for (const line of tally.lines()) print(line);
  print(`chaos: seed ${seed}, ${done} schedules with real parts, ${broken.length} findings`);
  return broken.length === 0 ? 0 : 1;
}

/** A schedule that finds nothing when it is run again has said why only once. @returns where it is kept */
function keepLog(log: readonly string[]): string {
  const path = join(mkdtempSync(join(tmpdir(), 'veilspan-chaos-')), 'relayers.log');
  writeFileSync(path, log.join(''));
  return path;
}

type RunSchedule = typeof import('./run-schedule.ts');

/** Schedules on simulated time, one after the other. */
class ChaosRun {
  readonly #options: Asked;
  readonly #journals = new Journals();
  readonly #tally = new Tally();
  #runs = 0;
  #findings = 0;
  #relayers = 0;

  constructor(options: Asked) {
    this.#options = options;
  }

  async run(): Promise<number> {
    const { mutants, schedule, crashes, seed } = this.#options;
    if (mutants) await this.#mutants();
    else if (schedule !== undefined) await this.#tell(schedule);
    else if (crashes) await this.#crashes();
    else await this.#campaign();
    for (const line of this.#tally.lines()) print(line);
    const did = `${this.#runs} schedules, ${this.#relayers} relayers`;
    print(`chaos: seed ${seed}, ${did}, ${this.#findings} of them found something`);
    await this.#journals.close();
    return this.#findings === 0 ? 0 : 1;
  }

  /** Runs one schedule and prints it if something is wrong. */
  async #attempt(schedule: Schedule, replay: string): Promise<Result> {
    const result = await runSchedule(this.#journals, schedule);
    this.#runs += 1;
    this.#relayers += result.relayers;
    this.#tally.add(result.tally);
    if (result.broken.length > 0) {
      this.#findings += 1;
      print(`FOUND by ${replay}`);
      for (const what of result.broken) print(`  ${what}`);
      print(`  what its relayers said is in ${keepLog(result.log)}`);
    }
    return result;
  }

  async #crashes(): Promise<void> {
    const { every, seed, isOver } = this.#options;
    const { calls } = await this.#attempt(REFERENCE, '--crashes');
    print(`chaos: the reference makes ${calls} calls`);
    for (const [call, isDone] of crashPoints(calls, { every, from: seed })) {
      if (isOver()) return;
      const when = isDone ? 'after' : 'before';
      await this.#attempt(crashAt(call, isDone), `a crash ${when} call ${call} of ${calls}`);
    }
  }

  async #campaign(): Promise<void> {
    const { seed, first, runs, isOver } = this.#options;
    for (let index = first; index < first + runs && !isOver(); index++) {
      await this.#attempt(drawSchedule(seed, index), `--seed ${seed} --schedule ${index}`);
      if (this.#runs % TOLD_EVERY !== 0) continue;
      print(`chaos: ${this.#runs} schedules, ${this.#findings} findings`);
    }
  }

  /** Runs one schedule and tells what happened in it. */
  async #tell(index: number): Promise<void> {
    const { seed } = this.#options;
    const schedule = drawSchedule(seed, index);
    for (const { atSec, what } of schedule.happenings) print(`${atSec} s: ${what}`);
    const replay = `--seed ${seed} --schedule ${index}`;
    const { log, seconds, calls } = await this.#attempt(schedule, replay);
    for (const line of log) print(line.trimEnd());
    print(`${seconds} s, ${calls} calls of the first relayer`);
  }

  /** Runs every mutant; one that is not found, or not by what it breaks, is a finding. */
  async #mutants(): Promise<void> {
    mutateModules(MUTANTS.map(({ edits }) => edits));
    for (let number = 0; number < MUTANTS.length; number += this.#options.every) {
      const { name, schedule, found } = MUTANTS[number] as Mutant;
      const module = (await import(`./run-schedule.ts?mutant=${number}`)) as RunSchedule;
      const { broken } = await module.runSchedule(this.#journals, schedule);
      this.#runs += 1;
      const isFound = found.every((part) => broken.some((sentence) => sentence.includes(part)));
      if (!isFound) this.#findings += 1;
      print(`${isFound ? 'found' : 'NOT FOUND'}: ${name}`);
      for (const what of broken) print(`  ${what}`);
    }
  }
}
