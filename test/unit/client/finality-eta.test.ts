import { expect, test } from 'vitest';
import type { FinalityRule } from '../../../src/chains/shared/finality-source.ts';
import { finalityEtaMs } from '../../../src/client/finality-eta.ts';

const CASPER: FinalityRule = { kind: 'casper', slotsPerEpoch: 8, slotMs: 1000 };
const GRANDPA: FinalityRule = { kind: 'grandpa', blockMs: 2000, lagBlocks: 2 };

test('a slot is final when the checkpoint after it is two epochs old and signed for', () => {
  // The checkpoint of epoch 2 (slot 16) is final in the block of slot 32, which slot 33 signs.
  expect(finalityEtaMs(CASPER, 9, 10)).toBe(23_000);
  expect(finalityEtaMs(CASPER, 16, 16)).toBe(17_000);
  expect(finalityEtaMs(CASPER, 17, 17)).toBe(24_000);
});

test('a block of GRANDPA is final a few blocks later', () => {
  expect(finalityEtaMs(GRANDPA, 100, 100)).toBe(4000);
  expect(finalityEtaMs(GRANDPA, 100, 101)).toBe(2000);
});

test('what should be final by now is expected at once', () => {
  expect(finalityEtaMs(CASPER, 9, 90)).toBe(0);
  expect(finalityEtaMs(GRANDPA, 100, 200)).toBe(0);
});
