import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MODULE = join(import.meta.dirname, '../../../src/cli/prebuilt.mjs');
// CAST: plain JavaScript, as the program's first file.
const { findPrebuilt, digestOf, PREBUILT, BUILT_FROM } = (await import(MODULE)) as {
  readonly findPrebuilt: (root: string) => string | undefined;
  readonly digestOf: (root: string, files: readonly string[]) => string;
  readonly PREBUILT: string;
  readonly BUILT_FROM: string;
};

const FILES = ['package-lock.json', 'src/main.ts', 'src/other.ts'];

describe("the relayer's program in a few files", () => {
  let root: string;
  const write = (file: string, text: string) => writeFileSync(join(root, file), text);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'veilspan-prebuilt-'));
    mkdirSync(join(root, 'src'));
    mkdirSync(join(root, PREBUILT), { recursive: true });
    for (const file of FILES) write(file, `what is in ${file}`);
    write(
      join(PREBUILT, BUILT_FROM),
      JSON.stringify({ files: FILES, digest: digestOf(root, FILES) }),
    );
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is used where it was built from what is there', () => {
    const main = join(root, PREBUILT, 'main.mjs');
    expect(findPrebuilt(root)).toBe(pathToFileURL(main).href);
  });

  it.each(FILES)('is not used once %s is another', (file) => {
    write(file, 'something else');
    expect(findPrebuilt(root)).toBeUndefined();
  });

  it('is not used once a source is gone', () => {
    rmSync(join(root, 'src/other.ts'));
    expect(findPrebuilt(root)).toBeUndefined();
  });

  it('is not used once text has moved from one file into the next', () => {
    write('src/main.ts', 'what is in ');
    write('src/other.ts', 'src/main.tswhat is in src/other.ts');
    expect(findPrebuilt(root)).toBeUndefined();
  });

  it('is not used where it was not built, or not to its end', () => {
    rmSync(join(root, PREBUILT, BUILT_FROM));
    expect(findPrebuilt(root)).toBeUndefined();
    write(join(PREBUILT, BUILT_FROM), '{"files":["src/ma');
    expect(findPrebuilt(root)).toBeUndefined();
  });
});
