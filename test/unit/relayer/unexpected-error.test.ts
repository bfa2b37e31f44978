import { describe, expect, it } from 'vitest';
import { traceUnexpected, UnexpectedError } from '../../../src/relayer/unexpected-error.ts';

const SECRET = '0x5ec4e7';

/** As libraries throw: with what they were given in the message and in members. */
function libraryError(name: string, code?: string): Error {
  const error = new Error(`could not do it (transaction={"data":"${SECRET}"})`);
  return Object.assign(error, { name, code, transaction: { data: SECRET }, params: [SECRET] });
}

describe('an error that nobody foresaw', () => {
  it.each([
    ['of a library', libraryError('Error', 'CALL_EXCEPTION'), 'Error CALL_EXCEPTION'],
    ['of a library without a code', libraryError('Special'), 'Special'],
    ['that quotes what cannot be read', libraryError('SyntaxError'), 'SyntaxError'],
    ['that is none', SECRET, 'no error but a string'],
  ])('%s is told of without what it was given', (_, error, expected) => {
    const told = new UnexpectedError(error);
    expect(told.meta).toEqual({ what: expected });
    const said = JSON.stringify([told.message, told.meta, told.stack, traceUnexpected(error)]);
    expect(said).not.toContain(SECRET);
  });

  it('says what is wrong with the code', () => {
    const { meta } = new UnexpectedError(new TypeError('x is undefined'));
    expect(meta).toEqual({ what: 'TypeError: x is undefined' });
  });

  it('says where it comes from', () => {
    expect(traceUnexpected(libraryError('Error'))).toContain('unexpected-error.test.ts');
    expect(traceUnexpected(new TypeError('x'))).toMatch(/^TypeError: x\n\s+at /);
  });
});
