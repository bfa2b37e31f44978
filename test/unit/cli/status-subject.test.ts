import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CommandLineError } from '../../../src/cli/command-line-error.ts';
import { subjectOf } from '../../../src/cli/status-subject.ts';

const DIGITS = 'ab'.repeat(32);
const SECRET = `0x${DIGITS}`;

describe('what status is asked about', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-subject-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is a transfer by its chain and index, or the file of an order, whatever secret is set', () => {
    const file = join(folder, 'order.json');
    writeFileSync(file, '{}');
    const env = { VEILSPAN_TAG_SECRET: SECRET };
    const ref = { chainId: 420n, index: 7n };
    expect(subjectOf({ text: '420:7' }, env)).toEqual({ kind: 'transfer', ref });
    expect(subjectOf({ text: file }, env)).toEqual({ kind: 'order', file });
  });

  test('is the tag secret of the environment if nothing is named', () => {
    const secret = Uint8Array.fromHex(DIGITS);
    for (const text of [SECRET, `0x${DIGITS.toUpperCase()}`]) {
      const subject = subjectOf({}, { VEILSPAN_TAG_SECRET: text });
      expect(subject).toEqual({ kind: 'tagSecret', secret });
    }
  });

  test('is a transaction or a tag where an option says so, for both look like a secret', () => {
    const deposit = SECRET;
    expect(subjectOf({ deposit }, {})).toEqual({ kind: 'deposit', transactionHash: SECRET });
    expect(subjectOf({ tag: SECRET }, {})).toEqual({ kind: 'tag', tag: SECRET });
    expect(() => subjectOf({ tag: '0x12' }, {})).toThrow(/--tag has to be/);
    expect(() => subjectOf({ text: '420:7', deposit }, {})).toThrow(/one thing/);
  });

  test('has to be named, or the secret set to one', () => {
    expect(() => subjectOf({}, {})).toThrow(/set VEILSPAN_TAG_SECRET/);
    expect(() => subjectOf({}, { VEILSPAN_TAG_SECRET: DIGITS })).toThrow(/0x and 64/);
    expect(() => subjectOf({ text: join(folder, 'nothing') }, {})).toThrow(CommandLineError);
  });

  test.each([SECRET, DIGITS, `0x${DIGITS.toUpperCase()}`])(
    'is never a secret among the arguments, and the refusal does not repeat it: %#',
    (text) => {
      const refused = () => subjectOf({ text }, {});
      expect(refused).toThrow(CommandLineError);
      expect(refused).toThrow(/set VEILSPAN_TAG_SECRET/);
      expect(refused).not.toThrow(new RegExp(DIGITS, 'i'));
    },
  );
});
