import { concatBytes, type Hex } from '../../src/shared/bytes.ts';
import { computeNextNonce } from './account-nonce.ts';
import { DEV_URIS, deriveAccountKey, deriveGrandpaKey } from './authority-keys.ts';
import type { Authority } from './authority-set.ts';
import type { Chain } from './chain.ts';
import { encodeCompact, littleEndian } from './compact.ts';
import { bytesOf } from './hex.ts';
import { signExtrinsic } from './sign-extrinsic.ts';

/** Call 0 of pallet 7 (`Sudo.sudo`) around call 0 of pallet 3 (`DevValidators.schedule_change`). */
const SUDO_SCHEDULE_CHANGE = Uint8Array.of(7, 0, 3, 0);

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
