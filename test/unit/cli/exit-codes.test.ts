import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { EXIT, exitCodeOf } from '../../../src/cli/exit-codes.ts';

const ERRORS = new URL('../../../docs/errors.md', import.meta.url);
/** What a relayer whose journal, queue or address is not as it should be ends with; a lease is lost later. */
const AT_START = /`((?:CONFIG|FOLDER|JOURNAL|QUEUE)_(?!LEASE)[A-Z_]+|STATUS_ADDRESS_[A-Z]+)`/g;

it('an error of the start has an exit code of its own, and no plain failure', () => {
  const codes = [...readFileSync(ERRORS, 'utf8').matchAll(AT_START)].map(([, code]) => code ?? '');
  expect(codes).toContain('JOURNAL_FULL');
  expect(codes.filter((code) => exitCodeOf(code) === EXIT.failed)).toEqual([]);
});
