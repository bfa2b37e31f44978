import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cacheFolder, createLogCache } from '../../../src/cli/log-cache.ts';
import { depositLog } from '../../support/bridge-logs.ts';

const folder = mkdtempSync(join(tmpdir(), 'veilspan-cache-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const fresh = () => join(folder, 'some', `${files++}.jsonl`);
const [FIRST, SECOND] = [
  { fromBlock: 0, nextBlock: 5, logs: [depositLog(0n, 4)] },
  { fromBlock: 5, nextBlock: 9, logs: [depositLog(1n, 7)] },
];

describe('a cache of logs', () => {
  test('gives back what was put in, in one piece', async () => {
    const path = fresh();
    expect(await createLogCache(path).load()).toBeUndefined();
    await createLogCache(path).append(FIRST);
    await createLogCache(path).append(SECOND);
    const logs = [...FIRST.logs, ...SECOND.logs];
    expect(await createLogCache(path).load()).toEqual({ fromBlock: 0, nextBlock: 9, logs });
  });

  test('takes what two processes wrote at once only once', async () => {
    const path = fresh();
    for (const part of [FIRST, FIRST, SECOND, SECOND]) await createLogCache(path).append(part);
    expect((await createLogCache(path).load())?.logs).toHaveLength(2);
  });

  test.each([
    ['cut off', (text: string) => text.slice(0, -20)],
    ['of another program', () => 'hello\n'],
    ['of another form', (text: string) => text.replace('blockHash', 'hash')],
  ])('that is %s is dropped', async (_, spoil) => {
    const path = fresh();
    await createLogCache(path).append(FIRST);
    writeFileSync(path, spoil(readFileSync(path, 'utf8')));
    expect(await createLogCache(path).load()).toBeUndefined();
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });

  test('that cannot be written is none, and no error', async () => {
    const path = fresh();
    await createLogCache(path).append(FIRST);
    appendFileSync(path, '');
    await createLogCache(join(path, 'below-a-file')).append(FIRST);
    expect(await createLogCache(join(path, 'below-a-file')).load()).toBeUndefined();
  });

  test('is in the folder that the desktop names for such', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/somewhere' })).toBe('/somewhere/veilspan');
    expect(cacheFolder({})).toMatch(/\.cache.veilspan$/);
  });
});
