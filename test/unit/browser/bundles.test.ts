import { aggregateSignatures, SecretKey } from '@chainsafe/blst';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../../src/shared/bytes.ts';
import {
  type BrowserBundle,
  bundleForBrowser,
  runInBrowser,
} from '../../support/browser-bundle.ts';

// What a browser is to check with the same code as an enclave, and the most bytes that a single file of it may need.
const FOLDERS = [
  ['src/shared', 85_000],
  ['src/codec', 4_000],
  ['src/crypto', 85_000],
  ['src/protocol', 175_000],
  ['src/light-client', 275_000],
] as const;

describe.each(FOLDERS)('every file of %s', (folder, mostBytes) => {
  it('runs in a browser, by itself and without anything of Node', async () => {
    const bundles = await bundleForBrowser(folder);
    expect(bundles.length).toBeGreaterThan(3);
    for (const bundle of bundles) {
      expect(() => runInBrowser(bundle), bundle.path).not.toThrow();
      expect(bundle.bytes, bundle.path).toBeLessThan(mostBytes);
    }
  });
});

describe('cryptography in a browser', async () => {
  const bundles = await bundleForBrowser('src/crypto');
  const message = new Uint8Array(32).fill(7);

  it('is that of JavaScript, and says what that of Node says: SHA-256', () => {
    const { sha256 } = run(bundles, 'src/crypto/hashes.ts');
    expect(toHex(Uint8Array.from(sha256?.(new Uint8Array(0)) as Uint8Array))).toBe(
      '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  it('is that of JavaScript, and says what that of Node says: ed25519', () => {
    const { importEd25519Key, verifyEd25519 } = run(bundles, 'src/crypto/ed25519.ts');
    // RFC 8032 §7.1, test 2.
    const key = importEd25519Key?.(
      fromHex('0x3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'),
    );
    const signature = fromHex(
      '0x92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );
    expect(verifyEd25519?.(key, Uint8Array.of(0x72), signature)).toBe(true);
    expect(verifyEd25519?.(key, Uint8Array.of(0x73), signature)).toBe(false);
  });

  it('is that of JavaScript, and says what that of Node says: BLS', () => {
    const { decodeBlsPublicKeys, fastAggregateVerify } = run(bundles, 'src/crypto/bls.ts');
    const secrets = [1, 2].map((seed) => SecretKey.fromKeygen(new Uint8Array(32).fill(seed)));
    const encoded = concatBytes(...secrets.map((secret) => secret.toPublicKey().toBytes()));
    const signature = aggregateSignatures(secrets.map((secret) => secret.sign(message))).toBytes();
    const keys = decodeBlsPublicKeys?.(encoded);
    expect(fastAggregateVerify?.(keys, message, Uint8Array.from(signature))).toBe(true);
    expect(fastAggregateVerify?.(keys, new Uint8Array(32), Uint8Array.from(signature))).toBe(false);
  });
});

type Exports = Readonly<Record<string, ((...args: readonly unknown[]) => unknown) | undefined>>;

function run(bundles: readonly BrowserBundle[], path: string): Exports {
  const bundle = bundles.find((candidate) => candidate.path === path);
  if (bundle === undefined) throw new Error(`no bundle of ${path}`);
  // CAST: the modules asked for export functions; the tests call them by name.
  return runInBrowser(bundle) as Exports;
}
