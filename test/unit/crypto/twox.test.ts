import { describe, expect, it } from 'vitest';
import { xxhashAsU8a } from '#polkadot/util-crypto';
import { twox64 } from '../../../src/crypto/twox.ts';

describe('twox64', () => {
  it('agrees with @polkadot/util-crypto for every length up to four stripes', () => {
    for (let length = 0; length <= 130; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length * 11) & 255);
      expect(twox64(bytes)).toEqual(xxhashAsU8a(bytes, 64));
    }
  });

  it('hashes a view, not what lies around it', () => {
    const bytes = Uint8Array.from({ length: 80 }, (_, i) => i);
    expect(twox64(bytes.subarray(7, 60))).toEqual(twox64(bytes.slice(7, 60)));
  });
});
