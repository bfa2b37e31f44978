import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../support/doc-references.ts';

const ROOT = join(import.meta.dirname, '../../..');
const rows = textOf('docs/faults.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| situation '))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );

describe('each fault of docs/faults.md', () => {
  it('is told of with its report, what is done, what comes of it and a test', () => {
    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter((cells) => cells.length !== 5)).toEqual([]);
    expect(new Set(rows.map(([, , , outcome]) => outcome))).toEqual(
      new Set(['passes', 'alarm', 'ends']),
    );
    const reports = rows.flatMap(([, reported = '']) => reported.split(', ')).filter(Boolean);
    expect(reports.filter((one) => !/^[\w.-]+\/[\w.-]+#\d+$/.test(one))).toEqual([]);
  });

  it('is shown by a test that exists', () => {
    const tests = rows.map((cells) => cells.at(-1) ?? '');
    const isThere = (cell: string) => {
      const [, path = ''] = /^`(test\/[\w/-]+\.test\.ts)`$/.exec(cell) ?? [];
      return path !== '' && existsSync(join(ROOT, path));
    };
    expect(tests.filter((cell) => !isThere(cell))).toEqual([]);
  });
});
