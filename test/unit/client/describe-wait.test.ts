import { describe, expect, test } from 'vitest';
import { describeWait, type WaitTexts } from '../../../src/client/describe-wait.ts';

// 2026-01-01 00:00:00 UTC.
const START_SEC = 1_767_225_600n;
const WAIT: WaitTexts = {
  way: 'pooled',
  schedule: { startSec: START_SEC, roundSec: 300n },
  lagSec: 60n,
  nowSec: START_SEC + 3_000n,
  pools: { leastRoots: 8, meanStayRounds: 96 },
  crowd: 1,
  notBefore: 20n,
  patience: 2_324n,
  afterPatience: 'return',
};

test('what leaves at once is told its wait, and nothing of pools', () => {
  for (const way of ['direct', 'transparent'] as const) {
    expect(describeWait({ ...WAIT, way })).toEqual([
      'expected wait about 5 min, and the time both chains need to be final',
    ]);
  }
});

describe('what leaves by pools', () => {
  test.each([
    [1, 8],
    [2, 16],
    [4, 32],
  ] as const)('with a crowd of %i waits for %i depositors', (crowd, depositors) => {
    const [expected] = describeWait({ ...WAIT, crowd });
    expect(expected).toContain(`expected wait about 8 h, or until ${depositors} depositors`);
  });

  test('is told when its patience ends, which is when the last round ends in which it may leave', () => {
    const [, patience] = describeWait(WAIT);
    expect(patience).toBe(
      'what has not left by 2026-01-09 01:40:00 UTC goes back into your account',
    );
  });

  test('is told that it waits on where that was asked for', () => {
    const [, patience] = describeWait({ ...WAIT, afterPatience: 'wait' });
    expect(patience).toMatch(/^what has not left by 2026-01-09 01:40:00 UTC waits on/);
  });
});
