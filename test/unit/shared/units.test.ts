import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatUnits, parseUnits } from '../../../src/shared/units.ts';

test('amounts are written without zeros at the end and with their sign', () => {
  expect(formatUnits(0n, 18)).toBe('0');
  expect(formatUnits(1n, 18)).toBe('0.000000000000000001');
  expect(formatUnits(-1_500n, 3)).toBe('-1.5');
  expect(formatUnits(120n, 0)).toBe('120');
});

test('an amount that is written can be read back', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 1n << 128n }),
      fc.integer({ min: 0, max: 30 }),
      (amount, decimals) => {
        expect(parseUnits(formatUnits(amount, decimals), decimals)).toBe(amount);
      },
    ),
  );
});

test.each(['', '-1', '1.', '.5', '1e3', '0x10', '1.2345', '1 000'])(
  'the amount "%s" is refused at three decimals',
  (text) => {
    expect(parseUnits(text, 3)).toBeUndefined();
  },
);
