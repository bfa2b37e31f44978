import { describe, expect, it } from 'vitest';
import { computeOffer, isEnough } from '../../../../src/chains/ethereum/fees.ts';
import { DEFAULT_CEILINGS } from '../../../../src/chains/shared/fee-ceilings.ts';
import { requireAffordable } from '../../../../src/chains/shared/require-affordable.ts';

const GWEI = 10n ** 9n;
const market = (baseFeeWei: bigint, tipWei = GWEI) => ({ head: 9, baseFeeWei, tipWei });
const ceilings = { ...DEFAULT_CEILINGS, feePerGasWei: 100n * GWEI, tipPerGasWei: 3n * GWEI };
const tooDear = expect.objectContaining({ code: 'CHAIN_FEE_ABOVE_CEILING', disposition: 'retry' });

describe('an offer for gas', () => {
  it('is the market’s tip, and leaves room for the base fee to double', () => {
    expect(computeOffer('x', market(10n * GWEI), { ceilings })).toEqual({
      maxFeePerGas: 21n * GWEI,
      maxPriorityFeePerGas: GWEI,
    });
  });

  it('stops at the ceilings, however much is asked for', () => {
    expect(computeOffer('x', market(90n * GWEI, 10n ** 30n), { ceilings })).toEqual({
      maxFeePerGas: 100n * GWEI,
      maxPriorityFeePerGas: 3n * GWEI,
    });
  });

  it('is not made where no block would take what the ceilings allow', () => {
    expect(() => computeOffer('x', market(99n * GWEI), { ceilings })).not.toThrow();
    expect(() => computeOffer('x', market(100n * GWEI), { ceilings })).toThrow(tooDear);
  });

  it('for the place of another is an eighth above it in both, or the market’s if that is more', () => {
    const replaced = { maxFeePerGas: 40n * GWEI, maxPriorityFeePerGas: 2n * GWEI };
    const raised = computeOffer('x', market(10n * GWEI), { ceilings, replaced });
    expect(raised.maxFeePerGas).toBe(45n * GWEI + 1n);
    expect(raised.maxPriorityFeePerGas).toBe((9n * GWEI) / 4n + 1n);
    const dearer = computeOffer('x', market(30n * GWEI), { ceilings, replaced });
    expect(dearer.maxFeePerGas).toBe(61n * GWEI);
  });

  it('for the place of another that is at a ceiling is not made', () => {
    for (const replaced of [
      { maxFeePerGas: 99n * GWEI, maxPriorityFeePerGas: GWEI },
      { maxFeePerGas: GWEI, maxPriorityFeePerGas: 3n * GWEI },
    ]) {
      expect(() => computeOffer('x', market(GWEI), { ceilings, replaced })).toThrow(tooDear);
    }
  });

  it('never passes the ceilings in any number of rounds', () => {
    let replaced = computeOffer('x', market(GWEI), { ceilings });
    const rounds = () => {
      for (let round = 0; round < 50; round++) {
        replaced = computeOffer('x', market(GWEI), { ceilings, replaced });
      }
    };
    expect(rounds).toThrow(tooDear);
    expect(replaced.maxFeePerGas).toBeLessThanOrEqual(ceilings.feePerGasWei);
    expect(replaced.maxPriorityFeePerGas).toBeLessThanOrEqual(ceilings.tipPerGasWei);
  });

  it('is enough while the next block takes it, and a node that wants more than the ceiling does not make it less', () => {
    const offer = { maxFeePerGas: 21n * GWEI, maxPriorityFeePerGas: 3n * GWEI };
    expect(isEnough(offer, market(18n * GWEI, 10n ** 30n), ceilings)).toBe(true);
    expect(isEnough(offer, market(20n * GWEI, 10n ** 30n), ceilings)).toBe(false);
    expect(isEnough({ ...offer, maxPriorityFeePerGas: 1n }, market(1n), ceilings)).toBe(false);
  });

  it('is held to what a transaction may cost as a whole', () => {
    const { transactionWei } = ceilings;
    expect(() => requireAffordable('x', transactionWei, ceilings)).not.toThrow();
    expect(() => requireAffordable('x', transactionWei + 1n, ceilings)).toThrow(tooDear);
  });
});
