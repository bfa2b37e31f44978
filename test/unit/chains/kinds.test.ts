import { describe, expect, it } from 'vitest';
import { loadAdapter } from '../../../src/chains/kinds.ts';
import type { FinalitySource } from '../../../src/chains/shared/finality-source.ts';
import { asyncRefusal } from '../../support/async-refusal.ts';

const NOWHERE = 'http://127.0.0.1:9';
const options = { name: 'moonbeam', chainId: 1n, url: NOWHERE, pollMs: 50 };

describe('a kind of chain', () => {
  it('that there is not is refused by its name', async () => {
    expect(await asyncRefusal(loadAdapter('cosmos'))).toMatchObject({
      code: 'CHAIN_KIND_UNKNOWN',
      disposition: 'reject',
      meta: { chain: 'cosmos' },
    });
  });

  it('takes no source of finality that another kind has opened', async () => {
    const ethereum = await loadAdapter('ethereum');
    const grandpa = { kind: 'substrate' } as FinalitySource;
    const opening = ethereum.openChain({ ...options, route: 'direct' }, grandpa);
    expect(await asyncRefusal(opening)).toMatchObject({
      code: 'CHAIN_MISMATCH',
      meta: { chain: 'moonbeam' },
    });
  });

  it('may know no relay chains', async () => {
    const ethereum = await loadAdapter('ethereum');
    const beacon = await ethereum.openFinality({ client: 'mainnet', url: NOWHERE });
    const opening = ethereum.openChain({ ...options, route: { paraId: 1000 } }, beacon);
    expect(await asyncRefusal(opening)).toMatchObject({
      code: 'CHAIN_MISMATCH',
      meta: { chain: 'moonbeam' },
    });
  });
});
