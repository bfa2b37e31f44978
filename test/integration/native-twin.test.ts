import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import { nativeNodeMissing } from '../../devnet/polkadot/native-binary.ts';
import { startNativeNodes } from '../../devnet/polkadot/native-nodes.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { ask, RUNTIME_WASM } from '../support/polkadot-devnet.ts';
import {
  answerTo,
  finalBlock,
  REQUIRED_METHODS,
  refusals,
  SHAPED_REQUESTS,
  shapeOf,
  timelessRequests,
} from './native-rpc-support.ts';
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
      expect(outcomes[0]?.outbox).toEqual([1n, 2n]);
    }, 120_000);

    it('name the methods that clients need', async () => {
      for (const chain of [chains.typescript, chains.native]) {
        const { methods } = await ask<{ methods: string[] }>(chain, 'rpc_methods');
        expect(methods).toEqual(expect.arrayContaining([...REQUIRED_METHODS]));
      }
    });

    it('give the same answers about their common genesis, and the same error codes', async () => {
      const genesis = await ask<Hex>(chains.native, 'chain_getBlockHash', 0);
      for (const request of timelessRequests(genesis)) {
        const [ours, native] = [
          await answerTo(chains.typescript, request),
          await answerTo(chains.native, request),
        ];
        expect({ request, answer: ours }).toEqual({ request, answer: native });
      }
    });

    it('give answers of the same shape about what differs', async () => {
      for (const request of SHAPED_REQUESTS) {
        const [ours, native] = [
          await answerTo(chains.typescript, request),
          await answerTo(chains.native, request),
        ];
        expect({ request, shape: shapeOf(ours) }).toEqual({ request, shape: shapeOf(native) });
      }
      const blocks = [await finalBlock(chains.typescript), await finalBlock(chains.native)];
      expect(shapeOf(blocks[0])).toEqual(shapeOf(blocks[1]));
      expect(shapeOf(blocks[1])).toMatchObject({ justifications: [[['number']]] });
    });

    it('refuse the same extrinsics for the same reasons', async () => {
      const native = await refusals(chains.native);
      expect(await refusals(chains.typescript)).toEqual(native);
      expect(native).toMatchObject({
        outdated: { code: 1010, data: 'Transaction is outdated' },
        forged: { code: 1010, data: 'Transaction has a bad signature' },
      });
    });
  },
);
