import { describe, expect, it } from 'vitest';
import { openAead, sealAead } from '../../../src/crypto/aead.ts';
import { fromHex, toHex, utf8 } from '../../../src/shared/bytes.ts';

// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
const KEY = fromHex('0x808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f');
const NONCE = fromHex('0x404142434445464748494a4b4c4d4e4f5051525354555657');
const CONTEXT = fromHex('0x50515253c0c1c2c3c4c5c6c7');
const PLAINTEXT = utf8(
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
);

const sealed = () => sealAead(KEY, PLAINTEXT, { nonce: NONCE, context: CONTEXT });

describe('authenticated encryption', () => {
  it('gives the tag of the published vector behind nonce and ciphertext', () => {
    expect(toHex(sealed().subarray(0, 24))).toBe(toHex(NONCE));
    expect(toHex(sealed().subarray(-16))).toBe('0xc0875924c1c7987947deafd8780acf49');
  });

  it('opens what it sealed', () => {
    expect(openAead(KEY, sealed(), CONTEXT)).toEqual(PLAINTEXT);
  });

  it('does not open when any byte, the key or the context differs', () => {
    for (const at of [0, 24, sealed().length - 1]) {
      const other = sealed();
      other[at] = (other[at] ?? 0) ^ 1;
      expect(openAead(KEY, other, CONTEXT)).toBeUndefined();
    }
    expect(openAead(KEY.toReversed(), sealed(), CONTEXT)).toBeUndefined();
    expect(openAead(KEY, sealed(), utf8('other'))).toBeUndefined();
  });

  it('does not open what is too short to have been sealed', () => {
    for (const length of [0, 10, 24, 39]) {
      expect(openAead(KEY, sealed().subarray(0, length), CONTEXT)).toBeUndefined();
    }
  });
});
