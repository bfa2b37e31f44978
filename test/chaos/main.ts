import { parseArgs } from 'node:util';
import { crashAt, crashPoints, REFERENCE } from './crash-points.ts';
import { drawSchedule } from './draw-schedule.ts';
import { Journals } from './journals.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { mutateModules } from './mutate-modules.ts';
import { type Result, runSchedule, type Schedule } from './run-schedule.ts';
import { Tally } from './tally.ts';

// npm run chaos -- [--seed S] [--minutes M] [--runs N] [--first I] [--schedule I] [--crashes [--every K]] [--mutants [--every K]] [--real]
// Simulated chains and enclaves around the real lanes and the real journal; time is simulated too. Without --crashes schedules are drawn
// from the seed, one after the other; with --schedule one of them runs alone and tells its story. With --crashes a relayer is ended at
// every K-th of the calls that the reference makes, once before it is carried out and once after. With --mutants relayers that are
// broken on purpose are run, every K-th of them, each of which has to be found. With --real everything is the
// real thing, relayers are processes, and schedules (about a minute each) follow one another in worlds of different shapes. --first I begins
// a campaign at that schedule. One that is told to stop (SIGINT, SIGTERM) ends its schedule and says what was done.

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    minutes: { type: 'string', default: '10' },
    runs: { type: 'string', default: '10000' },
    first: { type: 'string', default: '0' },
    schedule: { type: 'string' },
    crashes: { type: 'boolean', default: false },
    every: { type: 'string', default: '1' },
    mutants: { type: 'boolean', default: false },
    real: { type: 'boolean', default: false },
  },
});
const seed = Number(options.seed);
const endsAt = process.hrtime.bigint() + BigInt(Number(options.minutes) * 60) * 1_000_000_000n;
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Schedules after which a campaign says how far it is. */
const TOLD_EVERY = 100;

let isStopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    isStopped = true;
  });
}
const isOver = () => isStopped || process.hrtime.bigint() > endsAt;

const tally = new Tally();

if (options.real) {
  const { attackRealParts } = await import('./real-parts.ts');
  const { done, broken } = await attackRealParts({
    seed,
    first: Number(options.schedule ?? options.first),
    schedules: options.schedule === undefined ? Number(options.runs) : 1,
    tally,
    isOver,
    print,
  });
  for (const what of broken) print(`FOUND by --real --seed ${seed}: ${what}`);
  for (const line of tally.lines()) print(line);
  print(`chaos: seed ${seed}, ${done} schedules with real parts, ${broken.length} findings`);
  process.exit(broken.length === 0 ? 0 : 1);
}

const journals = new Journals();
let runs = 0;
let findings = 0;
let relayers = 0;

/** Runs one schedule and prints it if something is wrong. */
async function attempt(schedule: Schedule, replay: string): Promise<Result> {
  const result = await runSchedule(journals, schedule);
  runs += 1;
  relayers += result.relayers;
  tally.add(result.tally);
  if (result.broken.length > 0) {
    findings += 1;
    print(`FOUND by ${replay}`);
    for (const what of result.broken) print(`  ${what}`);
  }
  return result;
}

async function crashes(): Promise<void> {
  const { calls } = await attempt(REFERENCE, '--crashes');
  print(`chaos: the reference makes ${calls} calls`);
  for (const [call, isDone] of crashPoints(calls, { every: Number(options.every), from: seed })) {
    if (isOver()) return;
    const when = isDone ? 'after' : 'before';
    await attempt(crashAt(call, isDone), `a crash ${when} call ${call} of ${calls}`);
  }
}

async function campaign(): Promise<void> {
  const first = Number(options.first);
  for (let index = first; index < first + Number(options.runs) && !isOver(); index++) {
    await attempt(drawSchedule(seed, index), `--seed ${seed} --schedule ${index}`);
    if (runs % TOLD_EVERY === 0) print(`chaos: ${runs} schedules, ${findings} findings`);
  }
}

/** Runs one schedule and tells what happened in it. */
async function tell(index: number): Promise<void> {
  const schedule = drawSchedule(seed, index);
  for (const { atSec, what } of schedule.happenings) print(`${atSec} s: ${what}`);
  const { log, seconds, calls } = await attempt(schedule, `--seed ${seed} --schedule ${index}`);
  for (const line of log) print(line.trimEnd());
  print(`${seconds} s, ${calls} calls of the first relayer`);
}

/** Runs every mutant; one that is not found, or not by what it breaks, is a finding. */
async function mutants(): Promise<void> {
  mutateModules(MUTANTS.map(({ edits }) => edits));
  for (let number = 0; number < MUTANTS.length; number += Number(options.every)) {
    const { name, schedule, found } = MUTANTS[number] as Mutant;
    const module = (await import(`./run-schedule.ts?mutant=${number}`)) as RunSchedule;
    const { broken } = await module.runSchedule(journals, schedule);
    runs += 1;
    const isFound = found.every((part) => broken.some((sentence) => sentence.includes(part)));
    if (!isFound) findings += 1;
    print(`${isFound ? 'found' : 'NOT FOUND'}: ${name}`);
    for (const what of broken) print(`  ${what}`);
  }
}

type RunSchedule = typeof import('./run-schedule.ts');

if (options.mutants) await mutants();
else if (options.schedule !== undefined) await tell(Number(options.schedule));
else if (options.crashes) await crashes();
else await campaign();
for (const line of tally.lines()) print(line);
print(
  `chaos: seed ${seed}, ${runs} schedules, ${relayers} relayers, ${findings} of them found something`,
);
await journals.close();
process.exit(findings === 0 ? 0 : 1);
