import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockFolder } from '../../../../src/process/folder-lock.ts';
import { onceFree } from '../../../../src/relayer/operate/open-desk.ts';

describe('a journal that another process has', () => {
  it('is waited for, and opened when that one lets it go', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'veilspan-free-'));
    const other = await lockFolder(folder);
    let tries = 0;
    const opening = onceFree(async () => {
      tries += 1;
      if (tries === 2) await other.release();
      return await lockFolder(folder);
    });
    const own = await opening;
    expect(tries).toBeGreaterThan(1);
    await own.release();
    rmSync(folder, { recursive: true });
  });

  it('is not waited for longer than an operator would, nor for any other reason', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'veilspan-free-'));
    const other = await lockFolder(folder);
    const taken = onceFree(() => lockFolder(folder), 10);
    await expect(taken).rejects.toMatchObject({ code: 'FOLDER_LOCKED' });
    await other.release();
    let tries = 0;
    const broken = onceFree(async () => {
      tries += 1;
      throw new RangeError('damaged');
    });
    await expect(broken).rejects.toThrow('damaged');
    expect(tries).toBe(1);
    rmSync(folder, { recursive: true });
  });
});
