import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from '../../../src/process/folder-lock.ts';
import { asyncRefusal } from '../../support/async-refusal.ts';

const SOURCE = resolve(import.meta.dirname, '../../../src/process/folder-lock.ts');

describe('a folder that is to be one process’s alone', () => {
  let root: string;
  let folder: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'veilspan-lock-'));
    // Longer than a socket's path may be.
    folder = join(root, 'a'.repeat(120), 'journal');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is refused to a second one, with the id of the first, until that lets go', async () => {
    const first = await lockFolder(folder);
    expect(await asyncRefusal(lockFolder(folder))).toMatchObject({
      code: 'FOLDER_LOCKED',
      meta: { folder, what: `process ${process.pid} has it` },
    });
    await first.release();
    const second = await lockFolder(folder);
    await second.release();
    expect(existsSync(`${folder}.lock`)).toBe(false);
  });

  it('is taken over from a process that was killed, and not from one that is only stopped', async () => {
    const script = `const { lockFolder } = await import(${JSON.stringify(SOURCE)});
      await lockFolder(${JSON.stringify(folder)});
      setInterval(() => undefined, 1000);
      console.log('locked');`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script]);
    await once(holder.stdout, 'data');
    holder.kill('SIGSTOP');
    expect(await asyncRefusal(lockFolder(folder))).toMatchObject({ code: 'FOLDER_LOCKED' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(existsSync(`${folder}.lock`)).toBe(true);
    const lock = await lockFolder(folder);
    await lock.release();
  });

  it('is had by one of many that come at the same time', async () => {
    const settled = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
    const taken = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(taken).toHaveLength(1);
    await taken[0]?.release();
  });

  it('is had on a disk without room too, where its holder cannot be named', async () => {
    mkdirSync(join(root, 'a'.repeat(120)));
    // Whatever is written there fails as on a full disk.
    symlinkSync('/dev/full', `${folder}.lock.pid`);
    const lock = await lockFolder(folder);
    unlinkSync(`${folder}.lock.pid`);
    writeFileSync(`${folder}.lock.pid`, '');
    expect(await asyncRefusal(lockFolder(folder))).toMatchObject({
      meta: { what: 'process of an unknown id has it' },
    });
    await lock.release();
  });

  it('cannot be had where nothing can be written', async () => {
    writeFileSync(join(root, 'file'), '');
    expect(await asyncRefusal(lockFolder(join(root, 'file', 'journal')))).toMatchObject({
      code: 'FOLDER_UNUSABLE',
      disposition: 'reject',
    });
  });
});
