import { describe, expect, test } from 'vitest';
import { beneficiaryAddress } from '../../../src/ledger/beneficiary.ts';
import { transition } from '../../../src/ledger/transition.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { addressOf, BENEFICIARY, GENESIS, LEDGER_SECRET } from '../../support/ledger.ts';
import { refusal } from '../../support/refusal.ts';

const padded = (address: Hex): Hex => `0x${'00'.repeat(12)}${address.slice(2)}`;

describe('a beneficiary', () => {
  test('is the address in the low 20 bytes', () => {
    expect(beneficiaryAddress(padded(BENEFICIARY), GENESIS.chains)).toBe(BENEFICIARY);
  });

  test.each<[string, Hex]>([
    ['zero', padded(addressOf(0))],
    ['more than an address', `0x${'00'.repeat(11)}01${BENEFICIARY.slice(2)}`],
    ['an account of 32 bytes', `0x${'be'.repeat(32)}`],
    ['the gateway of one of the chains', padded(addressOf(0xa2))],
  ])('that is %s is refused, and nothing halts', (_, beneficiary) => {
    const input = { messages: [], beneficiary, ledgerSecret: LEDGER_SECRET };
    const { code, disposition, meta } = refusal(() => transition(GENESIS, input));
    expect(code).toBe('LEDGER_BENEFICIARY_INVALID');
    expect(disposition).toBe('reject');
    expect(meta).toEqual({ beneficiary });
  });

  test('of 20 bytes is refused', () => {
    expect(refusal(() => beneficiaryAddress(BENEFICIARY, [])).code).toBe('HEX_MALFORMED');
  });
});
