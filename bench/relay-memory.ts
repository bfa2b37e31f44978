import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printTable } from './report.ts';

// What a relayer with its embedded default keeps resident, step by step: each column a process of its own.

const STEPS = fileURLToPath(new URL('./cases/relayer-memory.ts', import.meta.url));

interface Step {
  readonly what: string;
  readonly residentMiB: number;
  readonly peakMiB: number;
}

const folder = mkdtempSync(join(tmpdir(), 'veilspan-memory-'));
try {
  printSteps('First start, 10,000 pending transfers, and one batch after another', 'relayer');
  printSteps('The same folder once more', 'relayer');
  printSteps("With PGlite's own settings, one for the journal and one for the queue", 'defaults');
} finally {
  rmSync(folder, { recursive: true });
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
