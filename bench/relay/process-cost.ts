import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** What a process and the machine have taken up to an instant. */
export interface ProcessCost {
  /** Processor time of the process, all its threads, user and system. */
  readonly cpuMs: number;
  /** Processor time of the whole machine that nobody used. */
  readonly idleMs: number;
  readonly residentBytes: number;
  readonly peakBytes: number;
  readonly atMs: number;
}

/** Linux counts in ticks of a hundredth of a second, whatever its own clock's are. */
const TICK_MS = 10;
/** Places of `utime` and `stime` behind the name in `/proc/<pid>/stat`. SPEC: proc(5). */
const [UTIME, STIME] = [11, 12];

/** Reads what a process has taken so far. */
export function costOf(pid: number): ProcessCost {
  const of = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
  const stat = of('stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = of('status');
  const bytes = (key: string) =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
  const idle = readFileSync('/proc/stat', 'utf8').split(/\s+/)[4];
  return {
    cpuMs: (Number(fields[UTIME]) + Number(fields[STIME])) * TICK_MS,
    idleMs: Number(idle) * TICK_MS,
    residentBytes: bytes('VmRSS'),
    peakBytes: bytes('VmHWM'),
    atMs: performance.now(),
  };
}

/** Share of one processor that a process has had between two instants, and share of the machine that was idle. */
export function sharesOf(before: ProcessCost, after: ProcessCost) {
  const tookMs = after.atMs - before.atMs;
  return {
    ofProcessor: (after.cpuMs - before.cpuMs) / tookMs,
    idle: (after.idleMs - before.idleMs) / (tookMs * availableParallelism()),
  };
}
