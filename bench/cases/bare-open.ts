import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
} from 'node:crypto';
import { DEPOSIT_ORDER_BYTES } from '../../src/protocol/deposit-order.ts';

/** What no opening can do without, over ready keys: one key agreement, one derivation and one decryption of as many bytes as an order has. */
export function bareOpening(): () => unknown {
  const raw = (fill: number) => new Uint8Array(32).fill(fill);
  const [privateKey, other] = [1, 2].map((fill) =>
    createPrivateKey({ key: raw(fill), format: 'raw-private', asymmetricKeyType: 'x25519' }),
  );
  if (privateKey === undefined || other === undefined) throw new Error('no keys');
  const publicKey = createPublicKey(other);
  const [salt, info, nonce, aad] = [new Uint8Array(0), raw(3), new Uint8Array(12), raw(4)];
  const length = { authTagLength: 16 };
  const derive = () =>
    new Uint8Array(hkdfSync('sha256', diffieHellman({ privateKey, publicKey }), salt, info, 32));
  const cipher = createCipheriv('chacha20-poly1305', derive(), nonce, length);
  cipher.setAAD(aad, { plaintextLength: DEPOSIT_ORDER_BYTES });
  const ciphertext = cipher.update(new Uint8Array(DEPOSIT_ORDER_BYTES));
  cipher.final();
  const tag = cipher.getAuthTag();
  return () => {
    const decipher = createDecipheriv('chacha20-poly1305', derive(), nonce, length);
    decipher.setAAD(aad, { plaintextLength: DEPOSIT_ORDER_BYTES });
    decipher.setAuthTag(tag);
    const plaintext = decipher.update(ciphertext);
    decipher.final();
    return plaintext;
  };
}
