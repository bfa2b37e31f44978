import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { systemFailureOf } from '../../../src/cli/system-failure.ts';

function failureOf(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('what the system refuses a command', () => {
  it.each([
    [
      'that is there',
      () => writeFileSync(import.meta.filename, '', { flag: 'wx' }),
      /is there already/,
    ],
    [
      'that is not there',
      () => readFileSync('/nowhere/at-all'),
      /open \/nowhere\/at-all: it is not there/,
    ],
    ['that is a folder', () => readFileSync(import.meta.dirname), /it is a folder/],
  ])('is one sentence, with what to do, for a file %s', (_, work, sentence) => {
    expect(systemFailureOf(failureOf(work))).toMatchObject({
      code: 'CONFIG_SYSTEM_REFUSES',
      message: expect.stringMatching(sentence),
    });
  });

  it('names the address that nothing listens at', async () => {
    const error = await new Promise((failed) => connect(1, '127.0.0.1').once('error', failed));
    expect(systemFailureOf(error)?.message).toBe(
      'The system refuses to connect 127.0.0.1:1: nothing listens there.',
    );
  });

  it('is no defect of ours: that is told as it is', () => {
    expect(systemFailureOf(new TypeError('x is undefined'))).toBeUndefined();
    expect(systemFailureOf('text')).toBeUndefined();
  });
});
