import { expect, test } from 'vitest';
import type { FinalityRule, FinalitySource } from '../../../src/chains/shared/finality-source.ts';
import { fetchFinalityRules } from '../../../src/client/finality-rules.ts';
import { clientChain } from '../../support/client-chain.ts';

test('chains of one light client go by its rule, which is asked for once', async () => {
  const rule: FinalityRule = { kind: 'grandpa', blockMs: 6000, lagBlocks: 2 };
  let asked = 0;
  const source: Partial<FinalitySource> = {
    rule: async () => {
      asked += 1;
      return rule;
    },
  };
  const chains = [1n, 2n].map((id) => clientChain(id, { lightClient: 'relay' }));
  // CAST: only the rule is asked for.
  const finality = new Map([['relay', source as FinalitySource]]);
  const lonely = clientChain(3n, { lightClient: 'nobody' });
  const rules = await fetchFinalityRules({ chains: [...chains, lonely] }, { finality });
  expect([...rules]).toEqual([
    [1n, rule],
    [2n, rule],
  ]);
  expect(asked).toBe(1);
});
