import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createScaleCursor,
  encodeCompact,
  expectEnd,
  readCompact,
} from '../../../src/codec/scale.ts';
import { BridgeError } from '../../../src/shared/errors.ts';
import { registry } from '../../support/polkadot-registry.ts';

const u32 = fc.oneof(
  fc.nat({ max: 2 ** 16 }),
  fc.integer({ min: 2 ** 30 - 50, max: 2 ** 30 + 50 }),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
);

/** The oracle. */
const compactOf = (from: number | Uint8Array) => registry.createType('Compact<u32>', from);

describe('compacts', () => {
  it('are written and read as @polkadot/types does', () => {
    fc.assert(
      fc.property(u32, (value) => {
        const bytes = encodeCompact(value);
        expect(bytes).toEqual(compactOf(value).toU8a());
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
        expect(compactOf(bytes).toNumber()).toBe(value);
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
