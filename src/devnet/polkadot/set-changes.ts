import { blake2b256 } from '../../crypto/hashes.ts';
import { concatBytes, type Hex } from '../../shared/bytes.ts';
import { computeNextNonce } from './account-nonce.ts';
import { DEV_URIS, type DevKey, deriveAccountKey, deriveGrandpaKey } from './authority-keys.ts';
import type { Authority } from './authority-set.ts';
import type { Chain } from './chain.ts';
import { encodeBytes, encodeCompact, littleEndian } from './compact.ts';
import { bytesOf, hexOf } from './hex.ts';

/** Call 0 of pallet 7 (`Sudo.sudo`) around call 0 of pallet 3 (`DevValidators.schedule_change`). */
const SUDO_SCHEDULE_CHANGE = Uint8Array.of(7, 0, 3, 0);
/** The runtime's `spec_version` and `transaction_version`. */
const SPEC_VERSION = littleEndian(1n, 4);
const TRANSACTION_VERSION = littleEndian(1n, 4);

/**
 * The authorities of a set: as many as at genesis and with their weights, the names moving on by
 * one with every set.
 */
export function rotateAuthorities(
  genesis: readonly Authority[],
  setId: number,
): readonly Authority[] {
  return genesis.map(({ weight }, index) => {
    const uri = DEV_URIS[(index + setId) % DEV_URIS.length] ?? DEV_URIS[0];
    return { id: deriveGrandpaKey(uri).publicKey, weight };
  });
}

/** Signs, as sudo, the hand-over to `authorities` at the end of the block that includes it. */
export function signSetChange(
  chain: Chain,
  { sudoUri, authorities }: { sudoUri: string; authorities: readonly Authority[] },
): Hex {
  const signer = deriveAccountKey(sudoUri);
  const call = concatBytes(
    SUDO_SCHEDULE_CHANGE,
    encodeCompact(authorities.length),
    ...authorities.map(({ id, weight }) => concatBytes(bytesOf(id), littleEndian(weight, 8))),
    littleEndian(0n, 4),
  );
  return signExtrinsic(signer, {
    call,
    nonce: computeNextNonce(chain, signer.publicKey),
    genesisHash: chain.tree.genesis.hash,
  });
}

/** An immortal extrinsic of version 4 without tip. */
function signExtrinsic(
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
    SPEC_VERSION,
    TRANSACTION_VERSION,
    bytesOf(genesisHash),
    bytesOf(genesisHash),
    Uint8Array.of(0),
  );
  const payload = concatBytes(call, extra, implicit);
  const signature = signer.sign(payload.length > 256 ? blake2b256(payload) : payload);
  return hexOf(
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
