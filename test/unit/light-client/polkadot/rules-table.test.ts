import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

// Holds the rules table of docs/light-clients.md against the tree, both ways.

const ROOT = resolve(import.meta.dirname, '../../../..');
const FOLDER = 'src/light-client/polkadot';
/** Files that hold no rule: data shapes and errors, what puts the rules together, and words for people. */
const RULELESS = ['grandpa-error.ts', 'light-client.ts', 'evidence.ts'];

interface Row {
  readonly rule: string;
  readonly file: string;
  readonly tests: readonly string[];
}

function readRows(): Row[] {
  const text = readFileSync(join(ROOT, 'docs/light-clients.md'), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith('Polkadot\n')) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| rule'))
    .map((line) => {
      const [, rule = '', , file = '', ...tests] = line.split('|').map((cell) => cell.trim());
      const path = file.replaceAll('`', '');
      return {
        rule,
        file: path.includes('/') ? path : join(FOLDER, path),
        tests: tests.slice(0, 2),
      };
    });
}

/** A cell "`file` test name" as the test file's path and the name. */
function parseTest(cell: string): { path: string; name: string } {
  const [, file = '', name = ''] = /^`([^`]+)` (.+)$/.exec(cell) ?? [];
  const folder = file.startsWith('vectors/')
    ? 'test/vectors/polkadot'
    : 'test/unit/light-client/polkadot';
  return { path: join(ROOT, folder, `${file.replace('vectors/', '')}.test.ts`), name };
}

const rows = readRows();

describe('the rules table of docs/light-clients.md, section Polkadot', () => {
  it('has rules', () => {
    expect(rows.length).toBeGreaterThan(40);
  });

  it.each(rows.map((row) => [row.rule, row] as const))('names what exists: %s', (_, row) => {
    expect(existsSync(join(ROOT, row.file)), row.file).toBe(true);
    expect(row.tests).toHaveLength(2);
    for (const { path, name } of row.tests.map(parseTest)) {
      expect(name).not.toBe('');
      const source = readFileSync(path, 'utf8');
      const quoted = [`'${name}'`, `"${name}"`].some((literal) => source.includes(literal));
      expect(quoted, `${path}: ${name}`).toBe(true);
    }
  });

  it('leaves out no file of the light client', () => {
    const listed = new Set(rows.map(({ file }) => file));
    const files = readdirSync(join(ROOT, FOLDER)).filter((file) => !RULELESS.includes(file));
    expect(files.filter((file) => !listed.has(join(FOLDER, file)))).toEqual([]);
  });
});
