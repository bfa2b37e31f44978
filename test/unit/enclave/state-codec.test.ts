import { describe, expect, it } from 'vitest';
import { decodeDurableState, encodeDurableState } from '../../../src/enclave/state-codec.ts';
import { EnclaveWorld, testContext } from '../../support/enclave-world.ts';
import { refusal } from '../../support/refusal.ts';

describe('the sealed state', () => {
  it('has one encoding: a flag is 0 or 1', async () => {
    const { state, context } = new EnclaveWorld(await testContext());
    const bytes = encodeDurableState(state.durable, []);
    expect(decodeDurableState(bytes, context.config).references).toEqual([]);
    for (const flag of [2, 3, 0x81, 0xff]) {
      const changed = bytes.with(1, flag);
      expect(refusal(() => decodeDurableState(changed, context.config))).toMatchObject({
        code: 'SCALE_OUT_OF_RANGE',
        meta: { offset: 1 },
      });
    }
  });
});
