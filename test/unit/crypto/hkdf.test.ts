import { expect, test } from 'vitest';
import { hkdfSha256, hmacSha256 } from '../../../src/crypto/hkdf.ts';
import { fromHex, toHex, utf8 } from '../../../src/shared/bytes.ts';

test('HKDF gives the first 32 bytes of RFC 5869 test case 1', () => {
  const okm = hkdfSha256(
    new Uint8Array(22).fill(0x0b),
    fromHex('0xf0f1f2f3f4f5f6f7f8f9'),
    fromHex('0x000102030405060708090a0b0c'),
  );
  expect(toHex(okm)).toBe('0x3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf');
});

test('HKDF without a salt gives the first 32 bytes of RFC 5869 test case 3', () => {
  const okm = hkdfSha256(new Uint8Array(22).fill(0x0b), new Uint8Array(0));
  expect(toHex(okm)).toBe('0x8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d');
});

test('HMAC gives RFC 4231 test cases 1 and 2', () => {
  expect(toHex(hmacSha256(new Uint8Array(20).fill(0x0b), utf8('Hi There')))).toBe(
    '0xb0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  );
  expect(toHex(hmacSha256(utf8('Jefe'), utf8('what do ya want for nothing?')))).toBe(
    '0x5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});
