import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatMiB, formatMs, print, printTable } from '../report.ts';

const PROGRAM = join(import.meta.dirname, '../../src/cli/veilspan.mjs');
const SAMPLE_MS = 250;

/** The parts of the demo, by what their command line says; the first that matches. */
const PARTS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['anvil', /anvil/],
  ['beacon', /beacon-process/],
  ['relayer', /veilspan\.mjs\0relayer/],
  ['enclave host', /veilspan\.mjs\0enclave/],
  ['enclave', /--permission/],
  ['demo, with the Polkadot chain', /veilspan\.mjs\0demo/],
];

/** Runs the demo as a user does, and watches the memory of all its processes. */
export async function benchDemo(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-bench-'));
  const startMs = performance.now();
  const child = spawn(process.execPath, [PROGRAM, 'demo', '--folder', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const peaks = new Map<string, number>();
  const sampler = setInterval(() => sample(child.pid ?? 0, peaks), SAMPLE_MS);
  const exitCode = await new Promise<number | null>((done) => child.once('close', done));
  clearInterval(sampler);
  const wallMs = performance.now() - startMs;
  rmSync(folder, { recursive: true, force: true });
  printTable({
    title: 'Demo',
    columns: ['what', 'figure'],
    rows: [
      ['wall time', formatMs(wallMs)],
      ['exit code', `${exitCode}`],
      ...PARTS.map(([name]) => [`peak memory: ${name}`, formatPeak(peaks.get(name))]),
      ['peak memory: sum', formatPeak([...peaks.values()].reduce((sum, peak) => sum + peak, 0))],
    ],
    note: 'One run. Peak memory is VmHWM of `/proc`, read every 250 ms.',
  });
  if (exitCode !== 0) print('\nThe demo failed: its figures are of a run that did not end well.');
}

function formatPeak(bytes: number | undefined): string {
  return bytes === undefined ? 'not seen' : formatMiB(bytes);
}

function sample(root: number, peaks: Map<string, number>): void {
  for (const pid of descendantsOf(root)) {
    const command = readProc(pid, 'cmdline');
    const part = PARTS.find(([, pattern]) => pattern.test(command))?.[0];
    const kib = Number(/^VmHWM:\s+(\d+) kB/m.exec(readProc(pid, 'status'))?.[1] ?? 0);
    if (part !== undefined && kib > 0) {
      peaks.set(part, Math.max(peaks.get(part) ?? 0, kib * 1024));
    }
  }
}

/** A process and all that it has started, directly or not. */
function descendantsOf(root: number): number[] {
  const children = Map.groupBy(
    readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)),
    // The parent's id stands behind the command in parentheses and the state.
    (pid) =>
      Number(
        readProc(Number(pid), 'stat')
          .replace(/^.*\) \S+ /s, '')
          .split(' ')[0],
      ),
  );
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []).map(Number));
  return found;
}

/** A file about a process; empty if the process has ended. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
