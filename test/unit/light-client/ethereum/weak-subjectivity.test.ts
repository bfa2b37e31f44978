import { describe, expect, it } from 'vitest';
import { HOODI, MAINNET, SEPOLIA } from '../../../../src/light-client/ethereum/networks.ts';
import { computeWeakSubjectivitySec } from '../../../../src/light-client/ethereum/weak-subjectivity.ts';
import { verifyCheckpointAge } from '../../../../src/light-client/weak-subjectivity.ts';
import { WORLD } from '../../../support/ethereum-world.ts';
import { refusal } from '../../../support/refusal.ts';

const DAY_SEC = 86_400;
const GLOAS_ON_SEPOLIA_SEC = 1_791_294_816n;

describe('the weak-subjectivity period of Ethereum', () => {
  it('is two weeks until Gloas and six days from its first second on', () => {
    expect(computeWeakSubjectivitySec(SEPOLIA, GLOAS_ON_SEPOLIA_SEC - 1n)).toBe(14 * DAY_SEC);
    expect(computeWeakSubjectivitySec(SEPOLIA, GLOAS_ON_SEPOLIA_SEC)).toBe(6 * DAY_SEC);
  });

  it('stays two weeks where Gloas has no date', () => {
    for (const network of [MAINNET, HOODI]) {
      expect(computeWeakSubjectivitySec(network, 4_000_000_000n)).toBe(14 * DAY_SEC);
    }
  });

  it('is the short one of the table where nobody says when slot 0 was', () => {
    expect(computeWeakSubjectivitySec(WORLD, 0n)).toBe(6 * DAY_SEC);
    const forks = WORLD.forks.filter(({ name }) => name !== 'gloas' && name !== 'heze');
    expect(computeWeakSubjectivitySec({ ...WORLD, forks }, 0n)).toBe(14 * DAY_SEC);
  });

  it('counts slots of six seconds in the minimal preset', () => {
    const network = { ...WORLD, genesisTimeSec: 1000 };
    const startSec = 1000n + 40n * 8n * 6n;
    expect(computeWeakSubjectivitySec(network, startSec - 1n)).toBe(14 * DAY_SEC);
    expect(computeWeakSubjectivitySec(network, startSec)).toBe(6 * DAY_SEC);
  });

  it('is short in every fork after Gloas, as in a table that leaves it out', () => {
    const forks = WORLD.forks.filter(({ name }) => name !== 'gloas');
    expect(computeWeakSubjectivitySec({ ...WORLD, forks }, 0n)).toBe(6 * DAY_SEC);
  });

  it('decides on the age of a checkpoint', () => {
    const periodSec = computeWeakSubjectivitySec(SEPOLIA, GLOAS_ON_SEPOLIA_SEC);
    const made = GLOAS_ON_SEPOLIA_SEC - BigInt(periodSec);
    const age = (nowSec: bigint) => verifyCheckpointAge('ethereum', made, nowSec, { periodSec });
    expect(age(GLOAS_ON_SEPOLIA_SEC)).toBe(BigInt(periodSec));
    expect(refusal(() => age(GLOAS_ON_SEPOLIA_SEC + 1n))).toMatchObject({
      code: 'CHECKPOINT_TOO_OLD',
      meta: { chain: 'ethereum', ageSec: BigInt(periodSec) + 1n, periodSec },
    });
  });
});
