import { afterAll, beforeAll, expect, it } from 'vitest';
import { fetchGenesisCheckpoint } from '../../devnet/checkpoints.ts';
import type { PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import { initializePolkadotStore } from '../../src/light-client/polkadot/store.ts';
import { followOnce, openSubstrate } from '../support/follow-substrate.ts';
import { finalizedHeight, startManualChain } from '../support/polkadot-devnet.ts';

const OPTIONS = { name: 'polkadot', chainId: 420_420_499n, route: 'direct', pollMs: 20 } as const;
const BLOCKS = 30;
const SET_BLOCKS = 3;

let devnet: PolkadotDevnet;
beforeAll(async () => {
  devnet = await startManualChain({ setChangeIntervalBlocks: SET_BLOCKS });
  for (let i = 0; i < BLOCKS; i++) await devnet.produceBlock();
});
afterAll(() => devnet.close());

it('a light client that is many authority sets behind is taken over them without a look at most blocks', async () => {
  const config = { checkpoint: await fetchGenesisCheckpoint(devnet.httpUrl) };
  const { finality, close } = await openSubstrate({ ...OPTIONS, url: devnet.wsUrl });
  try {
    const { store } = await followOnce(finality, config, initializePolkadotStore(config));
    expect(store.finalized.number).toBe(await finalizedHeight(devnet));
    const sets = Number(store.authoritySet.setId);
    expect(sets).toBeGreaterThan(3);
    const calls = finality.calls();
    // Few blocks before the newest are looked into one by one.
    expect(calls.get('chain_getHeader')).toBeLessThan(BLOCKS);
    expect(calls.get('grandpa_proveFinality')).toBeLessThanOrEqual(sets);
  } finally {
    await close();
  }
});
