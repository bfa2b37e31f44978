import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readScriptOptions } from '../test/support/script-options.ts';
import { type Growing, measureWhole, type Whole } from './relay/whole-memory.ts';
import { formatMiB, printTable } from './report.ts';

// What a relayer with its embedded default keeps resident: a whole one that works in the local world, with transfers that wait and batches that it
// carries meanwhile, as many as four minutes are enough for; and its parts step by step, each table a process of its own.

const STEPS = fileURLToPath(new URL('./cases/relayer-memory.ts', import.meta.url));

interface Step {
  readonly what: string;
  readonly residentMiB: number;
  readonly peakMiB: number;
}

const { pending, batches, log } = readScriptOptions({
  command: 'npm run bench:memory',
  what: 'Measures what a relayer keeps resident.',
  options: {
    pending: { type: 'whole number', value: 'N', what: 'transfers that wait', default: 10_000 },
    batches: { type: 'whole number', value: 'N', what: 'carried meanwhile', default: 300 },
    log: { type: 'text', value: 'FILE', what: "keeps the whole one's log" },
  },
});
/** 300 MB. */
const GOAL_BYTES = 300e6;

printWhole(await measureWhole({ pending, batches, log }));
const folder = mkdtempSync(join(tmpdir(), 'veilspan-memory-'));
try {
  printSteps('First start, 10,000 pending transfers, and one batch after another', 'relayer');
  printSteps('The same folder once more', 'relayer');
  printSteps("With PGlite's own settings, one for the journal and one for the queue", 'defaults');
} finally {
  rmSync(folder, { recursive: true });
}

function printWhole({ standings, growth }: Whole): void {
  const most = Math.max(...standings.map(({ peakBytes }) => peakBytes));
  const verdict = most < GOAL_BYTES ? 'met' : 'missed';
  printTable({
    title: 'A whole relayer',
    columns: ['when there are', 'resident', 'peak so far'],
    rows: standings.map(({ what, residentBytes, peakBytes }) => [
      what,
      formatMiB(residentBytes),
      formatMiB(peakBytes),
    ]),
    note:
      `Goal: ${formatMiB(GOAL_BYTES)} (300 MB) at the peak: ${verdict}. ` +
      `Growth from batch to batch, over ${growth.at(-1)?.batches ?? 0}: ${formatSlope(growth)}.`,
  });
}

function formatSlope(growth: readonly Growing[]): string {
  const isOne = growth.every(({ batches }) => batches === growth[0]?.batches);
  return isOne ? 'not measured' : `${(slope(growth) / 1024).toFixed(1)} KiB`;
}

/** Bytes that each batch adds, by least squares. */
function slope(growth: readonly Growing[]): number {
  const mean = (of: (one: Growing) => number) =>
    growth.reduce((sum, one) => sum + of(one), 0) / growth.length;
  const batch = mean((one) => one.batches);
  const bytes = mean((one) => one.residentBytes);
  const both = mean((one) => (one.batches - batch) * (one.residentBytes - bytes));
  return both / mean((one) => (one.batches - batch) ** 2);
}

function printSteps(title: string, kind: 'relayer' | 'defaults'): void {
  const { stdout, status } = spawnSync(process.execPath, [STEPS, kind, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the measured process ended with ${status}`);
  const steps = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Step);
  printTable({
    title,
    columns: ['after', 'resident', 'peak so far'],
    rows: steps.map(({ what, residentMiB, peakMiB }) => [
      what,
      `${residentMiB} MiB`,
      `${peakMiB} MiB`,
    ]),
  });
}
