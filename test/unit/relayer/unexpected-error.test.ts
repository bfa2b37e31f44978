import { DrizzleQueryError } from 'drizzle-orm/errors';
import { describe, expect, it } from 'vitest';
import { traceUnexpected, UnexpectedError } from '../../../src/relayer/unexpected-error.ts';

const SECRET = '0x5ec4e7';
const refused = Object.assign(new Error(`invalid input syntax: "${SECRET}"`), { code: '22P02' });
const failed = new DrizzleQueryError('insert into messages …', [SECRET, 17n], refused);

describe('a statement of the journal that fails', () => {
  it('is told of by the database’s code, without any of its values', () => {
    const told = new UnexpectedError(failed);
    const said = JSON.stringify([told.message, told.meta, told.stack, traceUnexpected(failed)]);
    expect(said).toContain('22P02');
    expect(said).not.toContain(SECRET);
    expect(said).not.toContain('insert');
  });

  it('says where it comes from', () => {
    expect(traceUnexpected(failed)).toContain('unexpected-error.test.ts');
    expect(traceUnexpected(new TypeError('x'))).toMatch(/^TypeError: x\n\s+at /);
    expect(traceUnexpected('text')).toBe('text');
  });
});
