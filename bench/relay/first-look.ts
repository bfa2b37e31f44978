import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatCount, formatMs, printTable } from '../report.ts';
import { PROGRAM, type RelaySide } from './relay-world.ts';

/** What is looked at. */
export interface Sight {
  /** A user's configuration. */
  readonly client: string;
  /** As its id. */
  readonly transfer: string;
  readonly sides: readonly RelaySide[];
}

/** Prints what `veilspan status` of a transfer takes on the first look at the chains, and on the next, for which is kept what the first has read. */
export async function printLooks(sight: Sight): Promise<void> {
  const cache = mkdtempSync(join(tmpdir(), 'veilspan-look-'));
  try {
    const [first, next] = [await lookMs(sight, cache), await lookMs(sight, cache)];
    const heads = sight.sides.map(async ({ chain }) => {
      return `block ${formatCount((await chain.head()).number)} of ${chain.name}`;
    });
    printTable({
      title: '`veilspan status` of one transfer',
      columns: ['look', 'from its start to its end'],
      rows: [
        ['the first', formatMs(first)],
        ['the next', formatMs(next)],
      ],
      note: `A process each, with the relayer beside it; ${(await Promise.all(heads)).join(', ')}.`,
    });
  } finally {
    rmSync(cache, { recursive: true });
  }
}

async function lookMs({ client, transfer }: Sight, cache: string): Promise<number> {
  const fromMs = performance.now();
  const child = spawn(process.execPath, [PROGRAM, 'status', transfer, '--config', client], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, XDG_CACHE_HOME: cache },
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`veilspan status ended with ${code}`);
  return performance.now() - fromMs;
}
