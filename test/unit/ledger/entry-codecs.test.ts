import { describe, expect, test } from 'vitest';
import { bytesOfDigits } from '../../../src/ledger/encoding.ts';
import {
  ACCOUNT_VALUES,
  BATCH_VALUES,
  LEG_VALUES,
  OPENED_VALUES,
} from '../../../src/ledger/entry-codecs.ts';
import { fromHex } from '../../../src/shared/bytes.ts';
import {
  ACCOUNT,
  ACCOUNT_HEX,
  BATCH,
  BATCH_HEX,
  DUMMY,
  DUMMY_HEX,
  LEG,
  LEG_HEX,
  uint,
} from '../../support/ledger-sample.ts';
import { refusal } from '../../support/refusal.ts';

describe('the encoding of an entry', () => {
  test('is the documented bytes', () => {
    expect(ACCOUNT_VALUES.digits(ACCOUNT)).toBe(ACCOUNT_HEX);
    expect(LEG_VALUES.digits(LEG)).toBe(LEG_HEX);
    expect(LEG_VALUES.digits(DUMMY)).toBe(DUMMY_HEX);
    expect(BATCH_VALUES.digits(BATCH)).toBe(BATCH_HEX);
    expect(OPENED_VALUES.digits({ round: 2n })).toBe(uint(2, 8));
  });

  const [one, two] = ACCOUNT.balances;
  test.each([
    ['an account with an empty balance', { ...ACCOUNT, balances: [{ ...one!, amount: 0n }] }],
    ['an account with balances out of order', { ...ACCOUNT, balances: [two!, one!] }],
    ['an account with an asset twice', { ...ACCOUNT, balances: [one!, one!] }],
  ])('of %s is refused', (_, account) => {
    const bytes = bytesOfDigits(ACCOUNT_VALUES.digits(account));
    expect(refusal(() => ACCOUNT_VALUES.decode(bytes)).code).toBe('LEDGER_STATE_MALFORMED');
  });

  test.each<[string, number, string]>([
    ['neither payment nor dummy', 0, '02'],
    ['with a fourth crowd factor', 173, '03'],
    ['with a third end of patience', 190, '02'],
    ['that is a dummy and pays', 0, '00'],
  ])('of a leg %s is refused', (_, at, byte) => {
    const bytes = bytesOfDigits(LEG_VALUES.digits(LEG));
    bytes.set(fromHex(`0x${byte}`), at);
    expect(refusal(() => LEG_VALUES.decode(bytes)).code).toBe('LEDGER_STATE_MALFORMED');
  });

  test('of a batch with a fee of nothing is refused', () => {
    const bytes = bytesOfDigits(
      BATCH_VALUES.digits({ ...BATCH, fees: [{ ...BATCH.fees[0]!, amount: 0n }] }),
    );
    expect(refusal(() => BATCH_VALUES.decode(bytes)).code).toBe('LEDGER_STATE_MALFORMED');
  });

  test('of a batch that releases nothing, or too much, is refused', () => {
    const none = bytesOfDigits(BATCH_VALUES.digits({ ...BATCH, releases: [] }));
    expect(refusal(() => BATCH_VALUES.decode(none)).code).toBe('LEDGER_STATE_MALFORMED');
    const releases = Array.from({ length: 17 }, () => BATCH.releases[0]!);
    const many = bytesOfDigits(BATCH_VALUES.digits({ ...BATCH, releases }));
    expect(refusal(() => BATCH_VALUES.decode(many)).code).toBe('SCALE_COUNT_EXCEEDED');
  });

  test('does not write what does not fit', () => {
    const nonceBits = 1n << 64n;
    expect(refusal(() => ACCOUNT_VALUES.digits({ ...ACCOUNT, nonceBits })).code).toBe(
      'HEX_MALFORMED',
    );
    expect(refusal(() => LEG_VALUES.digits({ ...LEG, exitRound: -1n })).code).toBe('HEX_MALFORMED');
    expect(refusal(() => ACCOUNT_VALUES.digits({ ...ACCOUNT, root: '0x00' })).code).toBe(
      'HEX_MALFORMED',
    );
  });
});
