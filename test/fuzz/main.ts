import { mkdirSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { readScriptOptions } from '../support/script-options.ts';
import { vectorsMissing } from '../support/vectors.ts';
import { allTargets } from './all-targets.ts';
import { type Finding, inputOf, type TargetReport } from './campaign.ts';

// The runs are shared out evenly among the targets. A thread of its own runs them, so that one that hangs is seen and named.

const options = readScriptOptions({
  command: 'npm run fuzz',
  what: 'Gives verifiers changed inputs; what they take and should not, or what hangs, is written down. It ends with code 1 then.',
  options: {
    seed: {
      type: 'whole number',
      value: 'S',
      what: 'what all changes follow from; otherwise the time',
    },
    runs: { type: 'whole number', value: 'N', what: 'in all', default: 1_000_000 },
    minutes: { type: 'number', value: 'M', what: 'for how long at most', default: 60 },
    target: { type: 'text', value: 'NAME', what: 'only this one' },
    at: { type: 'whole number', value: 'I', what: 'repeats this run of the target alone, here' },
    findings: {
      type: 'text',
      value: 'FOLDER',
      what: 'keeps what is found',
      default: '.veilspan/fuzz',
    },
  },
});
const { seed = Date.now() % 2 ** 31 } = options;
/** A run that has not ended by then never will. */
const HANG_MS = 30_000;

const print = (line: string) => process.stdout.write(`${line}\n`);

if (vectorsMissing !== undefined) {
  print(vectorsMissing);
  process.exit(2);
}
const targets = (await allTargets()).filter(
  ({ name }) => !options.target || name === options.target,
);
if (targets.length === 0) {
  print(`expected the name of a target, got ${options.target}`);
  process.exit(2);
}
process.exitCode = options.at === undefined ? await campaign() : await repeat(options.at);

async function campaign(): Promise<number> {
  const runs = Math.ceil(options.runs / targets.length);
  const endMs = performance.now() + options.minutes * 60_000;
  print(`fuzz: seed ${seed}, ${runs} runs for each of ${targets.length} targets`);
  const reports: TargetReport[] = [];
  for (const [i, { name }] of targets.entries()) {
    const shareMs = (endMs - performance.now()) / (targets.length - i);
    const report = await attackInThread(name, { runs, forMs: shareMs });
    reports.push(report);
    printReport(report);
    for (const finding of report.findings) keep(finding);
  }
  return summarise(reports);
}

/** Attacks a target in a thread that is ended once it hangs. */
function attackInThread(
  target: string,
  { runs, forMs }: { readonly runs: number; readonly forMs: number },
): Promise<TargetReport> {
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { target, seed, runs, forMs, progress };
  const worker = new Worker(new URL('./attack-thread.ts', import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    let seen = -1;
    const watchdog = setInterval(() => {
      const index = Atomics.load(progress, 0);
      if (index !== seen || index === 0) {
        seen = index;
        return;
      }
      clearInterval(watchdog);
      const finding = { target, index: index - 1, what: `it hangs: no end within ${HANG_MS} ms` };
      void worker.terminate().then(() => resolve(hungReport(finding)));
    }, HANG_MS);
    worker.once('message', (report: TargetReport) => {
      clearInterval(watchdog);
      resolve(report);
    });
    worker.once('error', reject);
  });
}

function hungReport(finding: Finding): TargetReport {
  const { target, index } = finding;
  const counts = { runs: index, accepted: 0, slowestMs: HANG_MS, slowestIndex: index };
  return { target, ...counts, heapGrowthBytes: 0, refusals: new Map(), findings: [finding] };
}

function printReport(report: TargetReport): void {
  const { target, runs, accepted, slowestMs, slowestIndex, heapGrowthBytes, refusals } = report;
  const heap = `${(heapGrowthBytes / 2 ** 20).toFixed(1)} MiB`;
  const slowest = `${slowestMs.toFixed(1)} ms (run ${slowestIndex})`;
  print(`${target}: ${runs} runs, ${accepted} proved the same, slowest ${slowest}, heap ${heap}`);
  const codes = [...refusals].sort(([, a], [, b]) => b - a);
  print(`  refused: ${codes.map(([code, count]) => `${code} ${count}`).join(', ')}`);
}

/** Writes the input down, so that a test can be made of it. */
function keep({ target, index, what }: Finding): void {
  const found = targets.find(({ name }) => name === target);
  if (found === undefined) return;
  mkdirSync(options.findings, { recursive: true });
  const path = `${options.findings}/${target.replace('/', '-')}-${seed}-${index}.json`;
  const input = inputOf(found, seed, index).map((bytes) => bytes.toHex());
  writeFileSync(path, JSON.stringify({ target, seed, index, what, input }));
  print(`  FOUND: ${what}`);
  print(
    `  input in ${path}; repeat: npm run fuzz -- --seed ${seed} --target ${target} --at ${index}`,
  );
}

function summarise(reports: readonly TargetReport[]): number {
  const sum = (count: (report: TargetReport) => number) =>
    reports.reduce((total, report) => total + count(report), 0);
  const findings = sum((report) => report.findings.length);
  const accepted = sum((report) => report.accepted);
  const codes = new Set(reports.flatMap(({ refusals }) => [...refusals.keys()]));
  const slowest = Math.max(...reports.map(({ slowestMs }) => slowestMs)).toFixed(0);
  const heap = Math.max(...reports.map(({ heapGrowthBytes }) => heapGrowthBytes / 2 ** 20));
  print(
    `fuzz: seed ${seed}, ${sum(({ runs }) => runs)} mutations of ${reports.length} targets: ` +
      `${accepted} proved the same statement, the others were refused with ${codes.size} codes; ` +
      `slowest ${slowest} ms, largest heap growth ${heap.toFixed(1)} MiB, ${findings} findings`,
  );
  return findings === 0 ? 0 : 1;
}

async function repeat(index: number): Promise<number> {
  const [target] = targets;
  if (target === undefined) return 2;
  const nth = Math.floor(index / target.seeds.length);
  const input = inputOf(target, seed, index);
  const one = target.seeds[index % target.seeds.length];
  print(`run ${index} of ${target.name}, number ${nth} of its recorded input`);
  try {
    const proven = await one?.proves(input);
    print(`proves ${proven}`);
    return one?.mayProve(input).includes(proven ?? '') ? 0 : 1;
  } catch (error) {
    print(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return error instanceof Error && 'disposition' in error ? 0 : 1;
  }
}
