import { describe, expect, it } from 'vitest';
import {
  verifyCheckpointAge,
  WEAK_SUBJECTIVITY_SEC,
} from '../../../src/light-client/weak-subjectivity.ts';
import { refusal } from '../../support/refusal.ts';

const made = 1_700_000_000n;

describe.each(['ethereum', 'polkadot'] as const)('a checkpoint of %s', (chain) => {
  const period = BigInt(WEAK_SUBJECTIVITY_SEC[chain]);

  it('is taken within the weak-subjectivity period, to the second', () => {
    expect(verifyCheckpointAge(chain, made, made + period)).toBe(period);
    expect(verifyCheckpointAge(chain, made, made)).toBe(0n);
  });

  it('is refused one second later, with its age', () => {
    expect(refusal(() => verifyCheckpointAge(chain, made, made + period + 1n))).toMatchObject({
      code: 'CHECKPOINT_TOO_OLD',
      disposition: 'halt',
      meta: { chain, ageSec: period + 1n },
    });
  });

  it('may be a little in the future, as clocks differ', () => {
    expect(verifyCheckpointAge(chain, made, made - 5n)).toBe(-5n);
  });
});

it('the periods are two weeks', () => {
  expect(WEAK_SUBJECTIVITY_SEC).toEqual({ ethereum: 1_209_600, polkadot: 1_209_600 });
});
