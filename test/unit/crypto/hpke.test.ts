import { describe, expect, test } from 'vitest';
import * as platform from '../../../src/crypto/hpke.ts';
import * as browser from '../../../src/crypto/noble/hpke.ts';
import * as node from '../../../src/crypto/node/hpke.ts';
import { concatBytes, fromHex, toHex, utf8 } from '../../../src/shared/bytes.ts';

// RFC 9180 appendix A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode, sequence number 0.
const RFC = {
  info: fromHex('0x4f6465206f6e2061204772656369616e2055726e'),
  ikmE: fromHex('0x909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b'),
  enc: fromHex('0x1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a'),
  ikmR: fromHex('0x1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df'),
  pkRm: fromHex('0x4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a'),
  pt: fromHex('0x4265617574792069732074727574682c20747275746820626561757479'),
  aad: fromHex('0x436f756e742d30'),
  ct: fromHex(
    '0x1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28',
  ),
};
const SEALED = concatBytes(RFC.enc, RFC.ct);

const PLATFORMS = [
  ['node', node],
  ['browser', browser],
] as const;

describe.each(PLATFORMS)('HPKE on %s', (_, { hpkePublicKey, openHpke, sealHpke }) => {
  test('derives the key pair of RFC 9180 A.2.1', async () => {
    expect(toHex(await hpkePublicKey(RFC.ikmR))).toBe(toHex(RFC.pkRm));
  });

  test('seals to the ciphertext of RFC 9180 A.2.1', async () => {
    const sealed = await sealHpke({ publicKey: RFC.pkRm, ephemeralIkm: RFC.ikmE }, RFC.pt, RFC);
    expect(toHex(sealed)).toBe(toHex(SEALED));
  });

  test('opens the ciphertext of RFC 9180 A.2.1', async () => {
    expect(await openHpke(RFC.ikmR, SEALED, RFC)).toEqual(RFC.pt);
  });

  describe('answers undefined', () => {
    test('for another secret, info or associated data', async () => {
      expect(await openHpke(RFC.ikmE, SEALED, RFC)).toBeUndefined();
      expect(await openHpke(RFC.ikmR, SEALED, { ...RFC, info: utf8('other') })).toBeUndefined();
      expect(await openHpke(RFC.ikmR, SEALED, { ...RFC, aad: utf8('other') })).toBeUndefined();
    });

    test('for each byte flipped', async () => {
      for (let at = 0; at < SEALED.length; at++) {
        const tampered = SEALED.map((byte, i) => (i === at ? byte ^ 1 : byte));
        expect(await openHpke(RFC.ikmR, tampered, RFC), `byte ${at}`).toBeUndefined();
      }
    });

    test('for bytes cut off anywhere', async () => {
      for (const length of [0, 1, 31, 32, 33, 47, 48, SEALED.length - 1]) {
        const cut = SEALED.subarray(0, length);
        expect(await openHpke(RFC.ikmR, cut, RFC), `${length} bytes`).toBeUndefined();
      }
    });

    test('for an encapsulated key of small order, whose shared secret anyone knows', async () => {
      for (const first of [0, 1]) {
        const enc = new Uint8Array(32);
        enc[0] = first;
        expect(await openHpke(RFC.ikmR, concatBytes(enc, RFC.ct), RFC)).toBeUndefined();
      }
    });
  });

  test('refuses to seal to a key of small order', async () => {
    const keys = { publicKey: new Uint8Array(32), ephemeralIkm: RFC.ikmE };
    await expect(sealHpke(keys, RFC.pt, RFC)).rejects.toThrow();
  });
});

test('what runs here is the one of node', async () => {
  expect(await platform.openHpke(RFC.ikmR, SEALED, RFC)).toEqual(RFC.pt);
  expect(toHex(await platform.hpkePublicKey(RFC.ikmR))).toBe(toHex(RFC.pkRm));
  const keys = { publicKey: RFC.pkRm, ephemeralIkm: RFC.ikmE };
  expect(await platform.sealHpke(keys, RFC.pt, RFC)).toEqual(SEALED);
});

describe('both platforms', () => {
  const filled = (length: number, seed: number) =>
    Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 7) & 255);

  test('derive the same key pairs and seal to the same bytes, for any length', async () => {
    for (let i = 0; i < 40; i++) {
      const secret = filled(32 + (i % 3), i);
      const publicKey = await node.hpkePublicKey(secret);
      expect(await browser.hpkePublicKey(secret)).toEqual(publicKey);
      const keys = { publicKey, ephemeralIkm: filled(32, i + 100) };
      const context = { info: filled(i, i), aad: filled(3 * i, i + 1) };
      const sealed = await node.sealHpke(keys, filled(29 * i, i), context);
      expect(await browser.sealHpke(keys, filled(29 * i, i), context)).toEqual(sealed);
      expect(await browser.openHpke(secret, sealed, context)).toEqual(filled(29 * i, i));
      expect(await node.openHpke(secret, sealed, context)).toEqual(filled(29 * i, i));
    }
  });

  test('open with a key that was encapsulated with its top bit set, or unreduced, alike', async () => {
    const enc = (hex: string) => concatBytes(fromHex(`0x${hex}`), RFC.ct);
    const p = `ed${'ff'.repeat(30)}7f`;
    const encodings = [
      p,
      `ee${p.slice(2)}`,
      `ec${p.slice(2)}`,
      'ff'.repeat(32),
      `09${'00'.repeat(30)}80`,
    ];
    for (const sealed of encodings.map(enc)) {
      expect(await node.openHpke(RFC.ikmR, sealed, RFC)).toBeUndefined();
      expect(await browser.openHpke(RFC.ikmR, sealed, RFC)).toBeUndefined();
    }
  });
});
