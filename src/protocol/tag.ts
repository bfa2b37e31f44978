import { addressWord, uintWord } from '../codec/abi.ts';
import { keccak256 } from '../crypto/hashes.ts';
import { concatBytes, type Hex, toHex, utf8 } from '../shared/bytes.ts';

const SEALED_LABEL = utf8('veilspan/tag/v1');
const PUBLIC_LABEL = utf8('veilspan/public-tag/v1');

/** Stands in the place of a payout's index in the tag of a refund, which is always public. */
export const REFUND_PAYOUT_INDEX = 255;

/**
 * The tag of what a leg of a sealed order pays, 32 bytes: only who knows the secret can find the release.
 *
 * @param tagSecret 32 bytes, from the order
 * @param legIndex  0 … 5
 */
export function payoutTag(tagSecret: Uint8Array, legIndex: number): Hex {
  return toHex(keccak256(concatBytes(SEALED_LABEL, tagSecret, Uint8Array.of(legIndex))));
}

/**
 * The tag of a payout that hides nothing, 32 bytes: of a transparent transfer, or any refund. Anyone can compute it from the deposit.
 *
 * @param gateway     the gateway that took the deposit, 20 bytes
 * @param index       the message's place in that gateway's outbox
 * @param payoutIndex 0, or {@link REFUND_PAYOUT_INDEX}
 */
export function publicTag(chainId: bigint, gateway: Hex, index: bigint, payoutIndex: number): Hex {
  return toHex(
    keccak256(
      concatBytes(
        PUBLIC_LABEL,
        uintWord(chainId),
        addressWord(gateway),
        uintWord(index),
        uintWord(BigInt(payoutIndex)),
      ),
    ),
  );
}
