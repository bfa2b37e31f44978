import { beforeAll, describe, expect, it } from 'vitest';
import { cryptoWaitReady, sr25519PairFromSeed, sr25519Sign } from '#polkadot/util-crypto';
import { verifySr25519 } from '../../../src/crypto/sr25519.ts';
import { concatBytes, fromHex, utf8 } from '../../../src/shared/bytes.ts';

// The signer is the one of Polkadot's wallets: schnorrkel, compiled to WebAssembly.
const MESSAGE = utf8('<Bytes>a message</Bytes>');
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

describe('an sr25519 signature', () => {
  let pair: ReturnType<typeof sr25519PairFromSeed>;
  let signature: Uint8Array;
  beforeAll(async () => {
    await cryptoWaitReady();
    pair = sr25519PairFromSeed(new Uint8Array(32).fill(5));
    signature = Uint8Array.from(sr25519Sign(MESSAGE, pair));
  });

  it('holds for the message and key it was made with, and for no other', () => {
    const other = sr25519PairFromSeed(new Uint8Array(32).fill(6)).publicKey;
    expect(verifySr25519(pair.publicKey, MESSAGE, signature)).toBe(true);
    expect(verifySr25519(pair.publicKey, utf8('another message'), signature)).toBe(false);
    expect(verifySr25519(other, MESSAGE, signature)).toBe(false);
  });

  it('does not hold with any byte changed', () => {
    for (let at = 0; at < 64; at++) {
      const changed = signature.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(verifySr25519(pair.publicKey, MESSAGE, changed), `byte ${at}`).toBe(false);
    }
  });

  it('does not hold without the mark of schnorrkel, or with an unreduced scalar', () => {
    const unmarked = signature.map((byte, i) => (i === 63 ? byte & 0x7f : byte));
    expect(verifySr25519(pair.publicKey, MESSAGE, unmarked)).toBe(false);
    const s = unmarked.slice(32).reverse().toHex();
    const sum = BigInt(`0x${s}`) + ORDER;
    const unreduced = fromHex(`0x${sum.toString(16).padStart(64, '0')}`).reverse();
    unreduced[31] = (unreduced[31] ?? 0) | 0x80;
    expect(sum >> 255n).toBe(0n);
    const changed = concatBytes(signature.subarray(0, 32), unreduced);
    expect(verifySr25519(pair.publicKey, MESSAGE, changed)).toBe(false);
  });

  it('is never one of another length, or under what is no key, nor under the identity', () => {
    for (const bytes of [
      new Uint8Array(0),
      signature.subarray(1),
      concatBytes(signature, MESSAGE),
    ]) {
      expect(verifySr25519(pair.publicKey, MESSAGE, bytes)).toBe(false);
    }
    for (const key of [new Uint8Array(31), new Uint8Array(32), new Uint8Array(32).fill(255)]) {
      expect(verifySr25519(key, MESSAGE, signature)).toBe(false);
    }
  });
});
