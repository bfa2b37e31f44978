import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPolkadotDevnet } from '../../src/devnet/polkadot/devnet.ts';
import { nativeNodeMissing } from '../../src/devnet/polkadot/native-binary.ts';
import { startNativeNodes } from '../../src/devnet/polkadot/native-nodes.ts';
import { RUNTIME_WASM } from '../support/polkadot-devnet.ts';
import { type Endpoint, type Outcome, runScenario } from './native-twin-support.ts';

const missing = nativeNodeMissing();
const SET_CHANGE_INTERVAL_BLOCKS = 5;

function startTypescript(): Promise<Endpoint> {
  return createPolkadotDevnet({
    wasm: RUNTIME_WASM,
    preset: 'local_testnet',
    slotMs: 500,
    setChangeIntervalBlocks: SET_CHANGE_INTERVAL_BLOCKS,
  });
}

function startNative(): Promise<Endpoint> {
  return startNativeNodes({
    wasm: RUNTIME_WASM,
    setChangeIntervalBlocks: SET_CHANGE_INTERVAL_BLOCKS,
  });
}

describe.skipIf(missing)(
  `the Polkadot chain and its native twin${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let chains: { readonly typescript: Endpoint; readonly native: Endpoint };

    beforeAll(async () => {
      const [typescript, native] = await Promise.all([startTypescript(), startNative()]);
      chains = { typescript, native };
    }, 90_000);
    afterAll(() => Promise.all([chains?.typescript.close(), chains?.native.close()]));

    it('prove the same scenario to the same light client, over a set change', async () => {
      const outcomes: Outcome[] = await Promise.all([
        runScenario(chains.typescript),
        runScenario(chains.native),
      ]);
      expect(outcomes[1]).toEqual(outcomes[0]);
      expect(outcomes[0]?.outbox.map(({ count }) => count)).toEqual([1n, 2n]);
    }, 120_000);
  },
);
