import { describe, expect, it } from 'vitest';
import { parseSubjectId } from '../../../../src/relayer/operate/subject-id.ts';
import { refusal } from '../../../support/refusal.ts';

const HASH = `0x${'aB'.repeat(32)}`;

describe('what an operator names', () => {
  it.each([
    ['31337/4', 'message 31337/4'],
    ['31337:4', 'message 31337/4'],
    ['message/31337/4', 'message 31337/4'],
    ['message 31337/4', 'message 31337/4'],
    ['release/420420499/7', 'release 420420499/7'],
    ['batch/420420499/0', 'batch 420420499/0'],
    ['batch 420420499/0', 'batch 420420499/0'],
    ['commit/12', 'commit 12'],
    ['007/4', 'message 7/4'],
  ])('%s is %s', (text, subject) => {
    expect(parseSubjectId(text)).toEqual({ kind: 'subject', subject });
  });

  it('is a transaction or a tag where it is 32 bytes', () => {
    expect(parseSubjectId(HASH)).toEqual({ kind: 'hash', hash: HASH.toLowerCase() });
  });

  it.each(['', 'commit', 'batch/1', '1/2/3', 'lane commit', '0x12', `${HASH}00`])(
    'is none of ours: %j',
    (text) => {
      expect(refusal(() => parseSubjectId(text))).toMatchObject({ code: 'CONFIG_SUBJECT_ID' });
    },
  );
});
