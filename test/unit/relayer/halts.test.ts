import { describe, expect, it } from 'vitest';
import { ChainError } from '../../../src/chains/shared/bridged-chain.ts';
import { type EnclaveLine, RelayerError } from '../../../src/relayer/bridge.ts';
import { requireNoHalt } from '../../../src/relayer/halts.ts';
import { Vitals } from '../../../src/relayer/vitals.ts';
import { refusal } from '../../support/refusal.ts';

const diverged = () => new RelayerError('RELAYER_STATE_DIVERGED', 'another secret');
const another = () => new ChainError('CHAIN_CLIENT_MISMATCH', { chain: 'beacon', what: 'another' });

/** A relayer with two enclaves, whose lanes have met this. */
function met(...failures: readonly (readonly [string, Error])[]) {
  const vitals = new Vitals();
  for (const [lane, failure] of failures) vitals.noteFailure(lane, failure);
  const enclaves = ['enclave-1', 'enclave-2'].map((name) => ({ name }) as EnclaveLine);
  return { vitals, enclaves: enclaves as [EnclaveLine, ...EnclaveLine[]] };
}

describe('a relayer', () => {
  it('goes on with the other enclave where one has lost its way, in however many lanes', () => {
    const one = met(
      ['confirm @ enclave-2', diverged()],
      ['follow beacon @ enclave-2', another()],
      ['commit', new RelayerError('RELAYER_STOPPING', 'not now')],
    );
    expect(() => requireNoHalt(one)).not.toThrow();
  });

  it('ends where that is so of each of them', () => {
    const both = met(['confirm @ enclave-2', diverged()], ['follow beacon @ enclave-1', another()]);
    expect(refusal(() => requireNoHalt(both))).toMatchObject({
      code: 'RELAYER_HALTED',
      meta: { why: 'CHAIN_CLIENT_MISMATCH' },
    });
  });
});
