import { describe, expect, it } from 'vitest';
import { holdSubjectOf, laneOfId } from '../../../src/cli/hold-subject.ts';
import { clientChain } from '../../support/client-chain.ts';
import { refusal } from '../../support/refusal.ts';

const { registry: _, ...chain } = clientChain(7n, { name: 'ethereum' });
const CONFIG = { chains: [{ ...chain, signer: undefined as never }] };

describe('what is held', () => {
  it.each([
    ['batch/7/4', 'batch 7/4'],
    ['7:4', 'message 7/4'],
    ['message/7/4', 'message 7/4'],
    ['lane release ethereum', 'lane release ethereum'],
  ])('%s is %s', (text, subject) => {
    expect(holdSubjectOf(text)).toBe(subject);
  });

  it('is no release, which is in a batch, and nothing without a place', () => {
    for (const text of ['release/7/4', 'commit/4', 'x']) {
      expect(refusal(() => holdSubjectOf(text))).toMatchObject({ code: 'CONFIG_COMMAND_LINE' });
    }
  });
});

describe('the lane that is tried again', () => {
  it.each([
    ['*', '*'],
    ['release ethereum', 'release ethereum'],
    ['7/4', 'prove ethereum'],
    ['batch/7/4', 'release ethereum'],
    ['release/7/4', 'release ethereum'],
    ['commit/4', 'commit'],
  ])('of %s is %s', (text, lane) => {
    expect(laneOfId(text, CONFIG)).toBe(lane);
  });

  it('is of a chain that is configured', () => {
    expect(refusal(() => laneOfId('8/4', CONFIG))).toMatchObject({ code: 'CONFIG_COMMAND_LINE' });
  });
});
