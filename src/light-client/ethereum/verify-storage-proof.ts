import { decodeRlp, decodeRlpInteger } from '../../codec/rlp.ts';
import { keccak256 } from '../../crypto/hashes.ts';
import { verifyTrieProof } from '../../crypto/merkle-patricia.ts';
import { fromHex, type Hex } from '../../shared/bytes.ts';

/**
 * The word at a storage slot: 32 bytes in hex, zero if the proof shows that the slot is empty.
 *
 * SPEC: Yellow Paper 4.1: the storage trie maps Keccak-256 of the slot, 32 bytes big-endian, to RLP of
 * the word as an integer. `proof` is one `storageProof[].proof` of `eth_getProof` (EIP-1186).
 *
 * @param storageRoot 32 bytes, of a proven account
 * @param slot        32 bytes
 * @param proof       nodes from the root down (untrusted)
 * @throws {TrieProofError} the proof shows neither the word nor its absence
 * @throws {RlpError} a node or the word is not canonical
 */
export function verifyStorageProof(storageRoot: Hex, slot: Hex, proof: readonly Uint8Array[]): Hex {
  const key = keccak256(fromHex(slot, 32));
  const value = verifyTrieProof(fromHex(storageRoot, 32), key, proof);
  const word = value === undefined ? 0n : decodeRlpInteger(decodeRlp(value), 32);
  return `0x${word.toString(16).padStart(64, '0')}`;
}
