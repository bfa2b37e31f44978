import { describe, expect, test } from 'vitest';
import { emptyMap } from '../../../src/ledger/auth-map.ts';
import { BATCH_VALUES, LEG_VALUES, OPENED_VALUES } from '../../../src/ledger/entry-codecs.ts';
import type { LedgerState } from '../../../src/ledger/state.ts';
import { encodeFixed } from '../../../src/ledger/state-codec.ts';
import { applyDelta, encodeDelta } from '../../../src/ledger/state-delta.ts';
import { fromHex, toHex } from '../../../src/shared/bytes.ts';
import { ACCOUNT, ACCOUNT_HEX, STATE, whole, word } from '../../support/ledger-sample.ts';
import { refusal } from '../../support/refusal.ts';

describe('a delta', () => {
  const AFTER: LedgerState = {
    ...STATE,
    number: 6n,
    accounts: STATE.accounts.set(word('a1'), ACCOUNT),
    legs: STATE.legs.delete(word('1d')),
    batches: emptyMap(BATCH_VALUES),
    epochs: [{ epoch: 4n, firstRound: 40n, opened: emptyMap(OPENED_VALUES) }],
  };

  test('is the fixed part and what differs of every map', () => {
    const expected = [
      toHex(encodeFixed(AFTER)).slice(2),
      `04${'a1'.repeat(32)}014502${ACCOUNT_HEX}`,
      `04${'1d'.repeat(32)}00`,
      `04${'ba'.repeat(32)}00`,
      '00',
    ].join('');
    expect(toHex(encodeDelta(STATE, AFTER))).toBe(`0x${expected}`);
    expect(toHex(whole(applyDelta(STATE, encodeDelta(STATE, AFTER))))).toBe(toHex(whole(AFTER)));
  });

  test('leads nowhere from another state', () => {
    const other = { ...STATE, accounts: STATE.accounts.set(word('a2'), ACCOUNT) };
    const { code } = refusal(() => applyDelta(other, encodeDelta(STATE, AFTER)));
    expect(code).toBe('LEDGER_STATE_MALFORMED');
  });

  test('with anything left out, added or turned around leads nowhere', () => {
    const bytes = encodeDelta(STATE, AFTER);
    for (let length = encodeFixed(AFTER).length; length < bytes.length; length++) {
      expect(() => applyDelta(STATE, bytes.subarray(0, length))).toThrow();
    }
    const longer = new Uint8Array([...bytes, 0]);
    expect(refusal(() => applyDelta(STATE, longer)).code).toBe('SCALE_TRAILING_BYTES');
    const two = { ...STATE, legs: emptyMap(LEG_VALUES) };
    const delta = toHex(encodeDelta(STATE, two)).slice(2);
    const [low, high] = [`${'1d'.repeat(32)}00`, `${'1e'.repeat(32)}00`];
    expect(delta).toContain(low + high);
    const turned = fromHex(`0x${delta.replace(low + high, high + low)}`);
    expect(refusal(() => applyDelta(STATE, turned)).code).toBe('LEDGER_STATE_MALFORMED');
  });
});
