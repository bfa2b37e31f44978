import { blake2b256 } from '../../src/crypto/hashes.ts';
import { concatBytes, type Hex, toHex } from '../../src/shared/bytes.ts';
import type { DevKey } from './authority-keys.ts';
import { encodeBytes, encodeCompact, littleEndian } from './compact.ts';
import { bytesOf } from './hex.ts';

/** What signatures of the runtime's extrinsics bind. KEEP IN SYNC: the runtime, whose wasm a test asks. */
export const RUNTIME_VERSION = { specVersion: 2, transactionVersion: 1 } as const;

/** Signs a call as an immortal extrinsic of version 4 without tip. */
export function signExtrinsic(
  signer: DevKey,
  { call, nonce, genesisHash }: { call: Uint8Array; nonce: number; genesisHash: Hex },
): Hex {
  // Era, nonce, tip, metadata hash mode: the extensions that are written out.
  const extra = concatBytes(
    Uint8Array.of(0),
    encodeCompact(nonce),
    encodeCompact(0),
    Uint8Array.of(0),
  );
  const implicit = concatBytes(
    littleEndian(BigInt(RUNTIME_VERSION.specVersion), 4),
    littleEndian(BigInt(RUNTIME_VERSION.transactionVersion), 4),
    bytesOf(genesisHash),
    bytesOf(genesisHash),
    Uint8Array.of(0),
  );
  const payload = concatBytes(call, extra, implicit);
  const signature = signer.sign(payload.length > 256 ? blake2b256(payload) : payload);
  return toHex(
    encodeBytes(
      concatBytes(
        // Signed, version 4; MultiAddress::Id; MultiSignature::Sr25519.
        Uint8Array.of(0x84, 0),
        bytesOf(signer.publicKey),
        Uint8Array.of(1),
        signature,
        extra,
        call,
      ),
    ),
  );
}
