import { describe, expect, it } from 'vitest';
import type { BeaconApi } from '../../../../src/chains/ethereum/beacon-api.ts';
import { createEthereumFinality } from '../../../../src/chains/ethereum/finality-source.ts';
import type { LightClientStatus } from '../../../../src/protocol/enclave-commands.ts';

// What is sent, and in which order, is in test/unit/relayer/prove/advance.test.ts.

const HELD = `0x${'4e'.repeat(32)}` as const;

const status = (changed: Partial<Extract<LightClientStatus, { kind: 'ethereum' }>> = {}) => ({
  client: 'mainnet',
  kind: 'ethereum' as const,
  held: HELD,
  committee: 3n,
  checkpointRoot: HELD,
  finalizedSlot: 200n,
  knowsNextSyncCommittee: true,
  ...changed,
});

function sourceAt(finalizedSlot: number | undefined) {
  return createEthereumFinality('mainnet', {
    times: async () => ({ slotsPerEpoch: 8, slotsPerPeriod: 64, slotMs: 250 }),
    finalityUpdate: async () =>
      finalizedSlot === undefined
        ? undefined
        : { finalizedSlot, attestedSlot: 0, finalizedBlockHash: HELD, json: {} },
  } as Partial<BeaconApi> as BeaconApi);
}

describe('an Ethereum light client', () => {
  it('is due until it has started, whatever the beacon says', async () => {
    expect(await sourceAt(undefined).isDue(status({ held: null }))).toBe(true);
  });

  it.each([
    ['nothing is final', undefined, false],
    ['the same period is', 255, false],
    ['the next period is', 256, true],
  ])('is due by committees, if at all, when %s', async (_, finalizedSlot, isDue) => {
    expect(await sourceAt(finalizedSlot).isDue(status())).toBe(isDue);
  });

  it('takes as long to finality as the network’s own slots say', async () => {
    expect(await sourceAt(undefined).rule()).toEqual({
      kind: 'casper',
      slotsPerEpoch: 8,
      slotMs: 250,
    });
  });
});
