import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { FinalLogs, LogStore } from '../client/log-index.ts';
import type { Hex } from '../shared/bytes.ts';
import { hexOf } from '../shared/hex-schema.ts';

const hex = z
  .string()
  .regex(/^0x(?:[0-9a-f]{2})*$/)
  .transform((text) => text as Hex);

/** A line of the file: what one look at the chain has added. */
const lineSchema = z.strictObject({
  fromBlock: z.int().min(0),
  nextBlock: z.int().min(0),
  logs: z.array(
    z.strictObject({
      address: hexOf(20),
      topics: z.array(hexOf(32)).max(4),
      data: hex,
      blockNumber: z.int().min(0),
      blockHash: hexOf(32),
      logIndex: z.int().min(0),
      transactionHash: hexOf(32),
    }),
  ),
});

/** The folder for what can be read again: of this user, after the XDG Base Directory Specification. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const { XDG_CACHE_HOME: base } = env;
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'veilspan');
}

/**
 * Keeps logs of final blocks in a file, a line for each look at the chain; only what is public on the chains, nothing of who looked for
 * what. A file that cannot be read, or written, is as good as none.
 */
export function createLogCache(path: string): LogStore {
  const clear = async () => {
    await rm(path, { force: true }).catch(() => undefined);
  };
  return {
    load: async () => {
      try {
        return joinLines(await readFile(path, 'utf8'));
      } catch {
        await clear();
        return undefined;
      }
    },
    append: async (more) => {
      try {
        await mkdir(dirname(path), { recursive: true });
        await appendFile(path, `${JSON.stringify(more)}\n`);
      } catch {
        // A line that is missing or cut off would leave a hole.
        await clear();
      }
    },
    clear,
  };
}

/** What does not go on where the line before it ends was written by another process at the same time, and is there twice. */
function joinLines(text: string): FinalLogs | undefined {
  const [first, ...more] = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => lineSchema.parse(JSON.parse(line)));
  if (first === undefined) return undefined;
  let { nextBlock } = first;
  const logs = [...first.logs];
  for (const line of more) {
    if (line.fromBlock !== nextBlock) continue;
    logs.push(...line.logs);
    nextBlock = line.nextBlock;
  }
  return { fromBlock: first.fromBlock, nextBlock, logs };
}
