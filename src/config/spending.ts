import { z } from 'zod';
import { hexOf } from '../shared/hex-schema.ts';

// What a relayer's account may give out for a chain, and what it must get for it.

/** An amount of a chain's coin in 18 decimals, as JSON holds it: text, since its numbers are too small. */
const wei = z
  .string()
  .regex(/^[0-9]{1,30}$/, 'must be a whole number of wei in decimal digits, as text')
  .transform((digits) => BigInt(digits));

/** The most that an account pays in fees, whatever its node says. */
export const spendingSchema = z.strictObject({
  feePerGasWei: wei
    .prefault('500000000000')
    .describe('wei for a unit of gas at most, base fee and tip together; where there is gas'),
  tipPerGasWei: wei
    .prefault('20000000000')
    .describe(
      'wei for a unit of gas at most that whoever makes the block gets; where there is gas',
    ),
  tipWei: wei
    .prefault('100000000000000000')
    .describe(
      'wei, in 18 decimals, that whoever makes the block gets for a transaction at most; where there is no gas',
    ),
  transactionWei: wei
    .prefault('5000000000000000000')
    .describe('wei, in 18 decimals, that one transaction may cost at most'),
  dayWei: wei
    .prefault('50000000000000000000')
    .describe(
      'wei, in 18 decimals, of fees within 24 hours at most, counted as soon as they are signed for',
    ),
  leastBalanceWei: wei
    .prefault('0')
    .describe('wei, in 18 decimals: with less than this on an account the relayer says so'),
});

/** What the releases that wait for a chain must be worth. */
export const profitSchema = z.strictObject({
  minimumWei: wei
    .prefault('0')
    .describe(
      'wei, in 18 decimals, that the fees of all that waits must leave when sending it is paid',
    ),
  prices: z
    .record(hexOf(32), wei)
    .describe(
      'by asset id: what 10^18 of its smallest units are worth in wei of the coin of this chain; what is not listed counts for nothing',
    ),
});
