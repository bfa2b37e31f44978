import { describe, expect, it } from 'vitest';
import { devnetConfigSchema } from '../../../devnet/config.ts';

describe('the configuration of the local world', () => {
  it.each([999, 250, 1500])(
    'refuses slots of %i ms, with which the chains would not share a clock',
    (slotMs) => {
      const { error } = devnetConfigSchema.safeParse({ slotMs });
      expect(error?.issues[0]?.path).toEqual(['slotMs']);
    },
  );

  it('takes slots of whole seconds', () => {
    expect(devnetConfigSchema.parse({ slotMs: 2000 }).slotMs).toBe(2000);
  });
});
