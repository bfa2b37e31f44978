import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

// Holds the rules table of docs/light-clients.md, section Ethereum, against the tree, both ways.

const ROOT = resolve(import.meta.dirname, '../../../..');
const FOLDER = 'src/light-client/ethereum';
/** Files that hold no rule: data shapes and errors, what puts the rules together, and words for people. */
const RULELESS = ['light-client-error.ts', 'types.ts', 'light-client.ts', 'evidence.ts'];

/** Where a test file is, by the prefix of its name in the table. */
const TEST_FOLDERS: Readonly<Record<string, string>> = {
  'vectors/': 'test/vectors/ethereum',
  'property/': 'test/property/ethereum',
  'crypto/': 'test/unit/crypto',
  'codec/': 'test/unit/codec',
  'light-client/': 'test/unit/light-client',
};

interface Row {
  readonly rule: string;
  readonly file: string;
  readonly tests: readonly string[];
}

function readRows(): Row[] {
  const text = readFileSync(join(ROOT, 'docs/light-clients.md'), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith('Ethereum\n')) ?? '';
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
  const prefix = Object.keys(TEST_FOLDERS).find((known) => file.startsWith(known)) ?? '';
  const folder = TEST_FOLDERS[prefix] ?? 'test/unit/light-client/ethereum';
  return { path: join(ROOT, folder, `${file.slice(prefix.length)}.test.ts`), name };
}

const rows = readRows();

describe('the rules table of docs/light-clients.md, section Ethereum', () => {
  it('has rules', () => {
    expect(rows.length).toBeGreaterThan(50);
  });

  it.each(rows.map((row) => [row.rule, row] as const))('names what exists: %s', (_, row) => {
    expect(existsSync(join(ROOT, row.file)), row.file).toBe(true);
    expect(row.tests).toHaveLength(2);
    for (const { path, name } of row.tests.map(parseTest)) {
      expect(name).not.toBe('');
      expect(readFileSync(path, 'utf8'), path).toContain(`'${name}'`);
    }
  });

  it('leaves out no file of the light client', () => {
    const listed = new Set(rows.map(({ file }) => file));
    const files = readdirSync(join(ROOT, FOLDER)).filter((file) => !RULELESS.includes(file));
    expect(files.filter((file) => !listed.has(join(FOLDER, file)))).toEqual([]);
  });

  it('leaves out no test file', () => {
    const named = new Set(rows.flatMap(({ tests }) => tests.map((cell) => parseTest(cell).path)));
    // The twins are named in the text, and this file is the table's own.
    for (const path of ['unit/light-client/ethereum/rules-table', 'property/ethereum/update']) {
      named.add(join(ROOT, 'test', `${path}.test.ts`));
    }
    const folders = [
      'test/unit/light-client/ethereum',
      'test/vectors/ethereum',
      'test/property/ethereum',
    ];
    const files = folders.flatMap((folder) =>
      readdirSync(join(ROOT, folder)).map((file) => join(ROOT, folder, file)),
    );
    expect(files.filter((file) => file.endsWith('.test.ts') && !named.has(file))).toEqual([]);
  });
});
