import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { declaredCodes } from '../../support/error-codes.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');
const ROW = /^\| <a id="([a-z0-9_]+)"><\/a>`([A-Z0-9_]+)` \| (\w+) \| (.+?) \| (.+?) \|$/;
const rows = page.split('\n').flatMap((line) => {
  const [match, anchor, code, disposition, meaning, advice] = ROW.exec(line) ?? [];
  return match ? [{ anchor, code: code!, disposition, meaning, advice }] : [];
});
const declared = declaredCodes();
const sorted = (codes: Iterable<string>) => [...new Set(codes)].sort();

describe('the page of errors', () => {
  it('lists every code that the source throws, and no other', () => {
    expect(declared.length).toBeGreaterThan(100);
    expect(sorted(rows.map(({ code }) => code))).toEqual(sorted(declared.map(({ code }) => code)));
  });

  it('has one row for each, which its code in lower case leads to', () => {
    expect(rows.map(({ code }) => code)).toEqual([...new Set(rows.map(({ code }) => code))]);
    expect(rows.map(({ anchor }) => anchor)).toEqual(rows.map(({ code }) => code.toLowerCase()));
    expect(page.match(/<a id=/g)).toHaveLength(rows.length);
  });

  it('gives the disposition that the source gives', () => {
    const literal = declared.filter(({ disposition }) => disposition !== undefined);
    const documented = new Map(rows.map(({ code, disposition }) => [code, disposition]));
    expect(literal.length).toBeGreaterThan(declared.length * 0.9);
    for (const { code, disposition, file } of literal) {
      expect({ code, disposition: documented.get(code), file }).toEqual({
        code,
        disposition,
        file,
      });
    }
    for (const { disposition } of rows) expect(['retry', 'reject', 'halt']).toContain(disposition);
  });

  it('knows each code of one class only', () => {
    const codes = declared.map(({ code }) => code);
    expect(codes.filter((code, i) => codes.indexOf(code) !== i)).toEqual([]);
  });
});
