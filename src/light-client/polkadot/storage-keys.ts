import { encodeU32 } from '../../codec/scale.ts';
import { blake2b256 } from '../../crypto/hashes.ts';
import { twox64 } from '../../crypto/twox.ts';
import { concatBytes, fromHex, type Hex, utf8 } from '../../shared/bytes.ts';

// A storage map's prefix is twox128(pallet) ‖ twox128(item). The prefixes are constants; a test computes them.

/** twox128("Revive") ‖ twox128("AccountInfoOf"). */
const REVIVE_ACCOUNT_INFO_OF = fromHex(
  '0x735f040a5d490f1107ad9c56f5ca00d2ae37ff0591fdbbcd9c2406df7147a9dc',
);

/** twox128("Paras") ‖ twox128("Heads"). */
const PARAS_HEADS = fromHex('0xcd710b30bd2eab0352ddcc26417aa1941b3c252fcb29d88eff4f3de5de4476c3');

/** `Timestamp.Now`: twox128("Timestamp") ‖ twox128("Now"). */
export const TIMESTAMP_NOW_KEY = fromHex(
  '0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb',
);

const CHILD_STORAGE_DEFAULT = utf8(':child_storage:default:');

/** `Revive.AccountInfoOf(address)`, hasher Identity. SPEC: docs/light-client-rules.md C.3 "pallet-revive". */
export function accountInfoKey(address: Hex): Uint8Array {
  return concatBytes(REVIVE_ACCOUNT_INFO_OF, fromHex(address, 20));
}

/** `Paras.Heads(paraId)` of the relay chain, hasher Twox64Concat. SPEC: docs/light-client-rules.md C.3 "Parachain hop". */
export function parachainHeadKey(paraId: number): Uint8Array {
  const id = encodeU32(paraId);
  return concatBytes(PARAS_HEADS, twox64(id), id);
}

/** Where the main trie keeps the root of a contract's child trie. */
export function childRootKey(trieId: Hex): Uint8Array {
  return concatBytes(CHILD_STORAGE_DEFAULT, fromHex(trieId, 32));
}

/** Where a contract's child trie keeps a 32-byte storage slot: `Key::Fix(slot)`. */
export function slotKey(slot: Hex): Uint8Array {
  return blake2b256(fromHex(slot, 32));
}
