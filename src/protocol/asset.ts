import { fromBigEndian, fromHex, type Hex, toBigEndian, toHex } from '../shared/bytes.ts';

/**
 * An asset's name on every chain, 32 bytes: where it lives, then what it is there.
 * `uint96 originChainId ‖ address originToken`; the zero address is the chain's native coin.
 */
export type AssetId = Hex;

/** The native coin's token address. */
export const NATIVE_TOKEN: Hex = `0x${'00'.repeat(20)}`;

/** Names the asset `token` of chain `originChainId`. @throws {HexError} a part does not fit */
export function assetId(originChainId: bigint, token: Hex): AssetId {
  return toHex(new Uint8Array([...toBigEndian(originChainId, 12), ...fromHex(token, 20)]));
}

/** The chain on which the asset is locked rather than minted. @throws {HexError} not 32 bytes */
export function originChainId(asset: AssetId): bigint {
  return fromBigEndian(fromHex(asset, 32).subarray(0, 12));
}
