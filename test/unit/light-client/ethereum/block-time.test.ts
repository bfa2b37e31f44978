import { describe, expect, it } from 'vitest';
import { computeBlockTimeSec } from '../../../../src/light-client/ethereum/block-time.ts';
import { ethereumLightClient } from '../../../../src/light-client/ethereum/light-client.ts';
import { SEPOLIA } from '../../../../src/light-client/ethereum/networks.ts';
import { makeSigners, makeStore, WORLD } from '../../../support/ethereum-world.ts';
import { refusal } from '../../../support/refusal.ts';

const { committee } = makeSigners(1);
const fulu = makeStore(160, committee);
const gloas = makeStore(328, committee);
const statedSec = fulu.finalizedHeader.execution.stated?.timestamp;
const DAY_SEC = 86_400n;
const GENESIS_SEC = BigInt(SEPOLIA.genesisTimeSec!);

describe('when a final block was made', () => {
  it('is what its execution header states', () => {
    expect(statedSec).toBeGreaterThan(0n);
    expect(computeBlockTimeSec(fulu.finalizedHeader, SEPOLIA)).toBe(statedSec);
  });

  it('follows from its slot where nothing states it, twelve seconds each', () => {
    expect(computeBlockTimeSec(gloas.finalizedHeader, SEPOLIA)).toBe(GENESIS_SEC + 12n * 328n);
  });

  it('is not known without the genesis, nor where slots are of any length', () => {
    const { genesisTimeSec: _, ...untimed } = SEPOLIA;
    expect(computeBlockTimeSec(gloas.finalizedHeader, untimed)).toBeUndefined();
    const devnet = { ...WORLD, genesisTimeSec: 1000 };
    expect(computeBlockTimeSec(gloas.finalizedHeader, devnet)).toBeUndefined();
  });
});

describe('the age of a checkpoint', () => {
  const config = { ...SEPOLIA, checkpointRoot: `0x${'00'.repeat(32)}` } as const;
  const ageAt = (nowSec: bigint, change: object = {}, store: typeof fulu | null = gloas) =>
    ethereumLightClient.checkpointAgeSec({ ...config, ...change }, store, nowSec);
  const made = GENESIS_SEC + 12n * 328n;

  it('counts from its slot, and within the period of the fork in force', () => {
    expect(ageAt(made + 14n * DAY_SEC)).toBe(14n * DAY_SEC);
    expect(refusal(() => ageAt(made + 14n * DAY_SEC + 1n)).code).toBe('CHECKPOINT_TOO_OLD');
    const inForce = { forks: config.forks.map((fork) => ({ ...fork, epoch: 0 })) };
    const late = made + 6n * DAY_SEC;
    expect(ageAt(late, inForce)).toBe(6n * DAY_SEC);
    expect(refusal(() => ageAt(late + 1n, inForce))).toMatchObject({
      code: 'CHECKPOINT_TOO_OLD',
      meta: { chain: 'ethereum', ageSec: 6n * DAY_SEC + 1n, periodSec: Number(6n * DAY_SEC) },
    });
  });

  it('is what the configuration states before the bootstrap, and unknown if it states nothing', () => {
    expect(ageAt(1000n, { checkpointTimestampSec: 400 }, null)).toBe(600n);
    expect(ageAt(1000n, {}, null)).toBeUndefined();
  });
});
