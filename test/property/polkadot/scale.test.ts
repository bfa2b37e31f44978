import { compactFromU8a, compactToU8a } from '@polkadot/util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createScaleCursor,
  encodeCompact,
  expectEnd,
  readCompact,
} from '../../../src/codec/scale.ts';
import { BridgeError } from '../../../src/shared/errors.ts';

const u32 = fc.oneof(
  fc.nat({ max: 2 ** 16 }),
  fc.integer({ min: 2 ** 30 - 50, max: 2 ** 30 + 50 }),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
);

describe('compacts', () => {
  it('are written and read as @polkadot/util does', () => {
    fc.assert(
      fc.property(u32, (value) => {
        const bytes = encodeCompact(value);
        expect(bytes).toEqual(compactToU8a(value));
        expect(readCompact(createScaleCursor(bytes))).toBe(value);
      }),
      { seed: 20_260_301 },
    );
  });

  it('have one encoding each: what is read is what would be written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 6 }), (bytes) => {
        const value = readWhole(bytes);
        if (value === undefined) return;
        expect(encodeCompact(value)).toEqual(bytes);
        expect(compactFromU8a(bytes)[1].toNumber()).toBe(value);
      }),
      { numRuns: 2000, seed: 20_260_302 },
    );
  });
});

/** The value of bytes that are exactly one compact. */
function readWhole(bytes: Uint8Array): number | undefined {
  const cursor = createScaleCursor(bytes);
  try {
    const value = readCompact(cursor);
    expectEnd(cursor);
    return value;
  } catch (error) {
    if (error instanceof BridgeError) return undefined;
    throw error;
  }
}
