import { delimiter } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AnvilMissingError, resolveAnvilBinary } from '../../../../devnet/ethereum/anvil-binary.ts';

describe('resolveAnvilBinary', () => {
  it.runIf(process.platform === 'linux')('finds a native binary, never the npm launcher', () => {
    expect(resolveAnvilBinary()).toMatch(/anvil$/);
    expect(resolveAnvilBinary()).not.toMatch(/\.bin/);
  });

  it('says what to install if there is none', () => {
    const error = new AnvilMissingError({ searched: 3 });
    expect(error).toMatchObject({ code: 'DEVNET_ANVIL_MISSING', meta: { searched: 3 } });
    expect(error.message).toContain('@foundry-rs/anvil');
    expect(() => resolveAnvilBinary(['/nowhere', '/no/where'].join(delimiter), [])).toThrow(
      expect.objectContaining({ code: 'DEVNET_ANVIL_MISSING', meta: { searched: 2 } }),
    );
  });
});
