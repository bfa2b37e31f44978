import { describe, expect, it } from 'vitest';
import { forkAtSlot, verifyForkName } from '../../../../src/light-client/ethereum/forks.ts';
import { MAINNET, SEPOLIA } from '../../../../src/light-client/ethereum/networks.ts';
import { computeSyncCommitteePeriodAtSlot } from '../../../../src/light-client/ethereum/preset.ts';
import { WORLD } from '../../../support/ethereum-world.ts';
import { refusal } from '../../../support/refusal.ts';

const mainnet = { ...MAINNET, checkpointRoot: WORLD.checkpointRoot };
const sepolia = { ...SEPOLIA, checkpointRoot: WORLD.checkpointRoot };

describe('the fork table', () => {
  it.each([
    [194048 * 32, 'capella', [105, 54, 55], 'capella', 17],
    [269568 * 32 - 1, 'capella', [105, 54, 55], 'capella', 17],
    [269568 * 32, 'deneb', [105, 54, 55], 'deneb', 20],
    [364032 * 32 - 1, 'deneb', [105, 54, 55], 'deneb', 20],
    [364032 * 32, 'electra', [169, 86, 87], 'deneb', 21],
    [411392 * 32 - 1, 'electra', [169, 86, 87], 'deneb', 21],
    [411392 * 32, 'fulu', [169, 86, 87], 'deneb', 21],
    [500000 * 32, 'fulu', [169, 86, 87], 'deneb', 21],
  ])('has at mainnet slot %i the rules of %s', (slot, name, gindices, form, fields) => {
    const [finalized, current, next] = gindices;
    const fork = forkAtSlot(slot, mainnet);
    expect(fork.name).toBe(name);
    expect(fork.rules).toEqual({
      FINALIZED_ROOT_GINDEX: finalized,
      CURRENT_SYNC_COMMITTEE_GINDEX: current,
      NEXT_SYNC_COMMITTEE_GINDEX: next,
      EXECUTION_BLOCK_HASH_GINDEX: form === 'capella' ? 412 : 812,
      executionPayload: { EXECUTION_PAYLOAD_GINDEX: 25, header: form },
      executionHeaderFields: [fields],
    });
  });

  it('has the rules of Gloas, which shows a hash instead of an execution header', () => {
    expect(forkAtSlot(320, WORLD)).toMatchObject({ name: 'gloas', version: '0x07000001' });
    expect(forkAtSlot(320, WORLD).rules).toEqual({
      FINALIZED_ROOT_GINDEX: 735,
      CURRENT_SYNC_COMMITTEE_GINDEX: 2945,
      NEXT_SYNC_COMMITTEE_GINDEX: 2946,
      EXECUTION_BLOCK_HASH_GINDEX: 2856,
      executionPayload: undefined,
      executionHeaderFields: [21, 23],
    });
  });

  it('has its own versions on every network', () => {
    expect(forkAtSlot(272640 * 32, sepolia).version).toBe('0x90000075');
    expect(forkAtSlot(272640 * 32 - 1, sepolia).version).toBe('0x90000074');
    expect(forkAtSlot(353024 * 32, sepolia).version).toBe('0x90000076');
    expect(forkAtSlot(353024 * 32 - 1, sepolia).version).toBe('0x90000075');
  });

  it.each([
    [194048 * 32 - 1, 'bellatrix'],
    [144896 * 32 - 1, 'altair'],
    [74240 * 32 - 1, 'a slot before the fork table'],
    [0, 'a slot before the fork table'],
  ])('refuses mainnet slot %i', (slot, got) => {
    const { code, meta } = refusal(() => forkAtSlot(slot, mainnet));
    expect(code).toBe('ETHEREUM_FORK_UNSUPPORTED');
    expect(meta).toEqual({
      subject: `slot ${slot}, epoch ${Math.floor(slot / 32)}`,
      expected: 'one of capella, deneb, electra, fulu, gloas in the fork table',
      got,
    });
  });

  it('refuses every slot from a fork on that is configured but not supported', () => {
    expect(forkAtSlot(479, WORLD).name).toBe('gloas');
    for (const slot of [480, 481, Number.MAX_SAFE_INTEGER]) {
      expect(refusal(() => forkAtSlot(slot, WORLD)).meta).toMatchObject({ got: 'heze' });
    }
  });

  it('takes of several forks in one epoch the last', () => {
    const config = {
      ...WORLD,
      forks: WORLD.forks.slice(0, 3).map((fork) => ({ ...fork, epoch: 0 })),
    };
    expect(forkAtSlot(0, config).name).toBe('electra');
  });

  it('knows the versions by name that it has rules for', () => {
    verifyForkName('fulu', mainnet);
    verifyForkName('gloas', WORLD);
    for (const name of ['heze', 'bellatrix', 'phase0', '__proto__']) {
      expect(refusal(() => verifyForkName(name, WORLD)).code).toBe('ETHEREUM_FORK_UNSUPPORTED');
    }
  });
});

describe('sync committee periods', () => {
  it('have 8192 slots on mainnet and 64 in the minimal preset', () => {
    expect(
      [0, 8191, 8192, 7069376].map((slot) => computeSyncCommitteePeriodAtSlot(slot, mainnet)),
    ).toEqual([0, 0, 1, 862]);
    expect([63, 64, 128].map((slot) => computeSyncCommitteePeriodAtSlot(slot, WORLD))).toEqual([
      0, 1, 2,
    ]);
  });
});
