import { createHmac } from 'node:crypto';
import { concat, keccak256, toUtf8Bytes } from 'ethers';
import { describe, expect, test } from 'vitest';
import { encodeFixed } from '../../../src/ledger/state-codec.ts';
import { blindingOf, stateId } from '../../../src/ledger/state-id.ts';
import { fromHex, type Hex, toHex } from '../../../src/shared/bytes.ts';
import { ACCOUNT, STATE, word } from '../../support/ledger-sample.ts';

describe('the state id', () => {
  const secret = new Uint8Array(32).fill(0x77);
  const blinding = blindingOf(secret, 29n);

  test('hashes fixed part and blinding', () => {
    expect(stateId(STATE, blinding)).toBe(keccak256(concat([encodeFixed(STATE), blinding])));
  });

  test('differs by fixed part, by any entry, and by blinding', () => {
    const accounts = STATE.accounts.set(word('a0'), { ...ACCOUNT, nonceBits: 7n });
    const ids = [
      stateId(STATE, blinding),
      stateId({ ...STATE, number: 6n }, blinding),
      stateId({ ...STATE, accounts }, blinding),
      stateId(STATE, blindingOf(secret, 30n)),
      stateId(STATE, blindingOf(new Uint8Array(32), 29n)),
    ];
    expect(new Set(ids).size).toBe(5);
  });

  test('is blinded by an HMAC under the ledger secret of the published label and the round', () => {
    const message = concat([toUtf8Bytes('veilspan/state-blinding/v1'), '0x000000000000001d']);
    const expected = createHmac('sha256', secret)
      .update(fromHex(message as Hex))
      .digest('hex');
    expect(toHex(blinding)).toBe(`0x${expected}`);
  });
});
