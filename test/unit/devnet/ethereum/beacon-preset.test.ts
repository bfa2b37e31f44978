import { expect, it, vi } from 'vitest';
import { createGenesisState } from '../../../../devnet/ethereum/beacon-state.ts';
import type { ExecutionBlock } from '../../../../devnet/ethereum/execution-client.ts';

vi.hoisted(() => {
  // The SSZ types take their preset from here when they load.
  process.env['LODESTAR_PRESET'] = 'mainnet';
});

it('refuses to build states in a process of another preset', () => {
  expect(() =>
    createGenesisState({ genesisTimeSec: 0, version: new Uint8Array(4) }, [], {} as ExecutionBlock),
  ).toThrow(
    expect.objectContaining({ code: 'DEVNET_BEACON_PRESET', meta: { committeeSize: 512 } }),
  );
});
