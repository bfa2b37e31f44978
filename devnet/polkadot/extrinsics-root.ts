import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { encodeCompact } from './compact.ts';
import { bytesOf } from './hex.ts';
import { EXTRINSICS_TRIE } from './trie/encode-node.ts';
import { insert, type TrieNode } from './trie/node.ts';

/** The root of the trie from each extrinsic's compact index to its bytes. */
export function computeExtrinsicsRoot(extrinsics: readonly Hex[]): Hex {
  const root = extrinsics.reduce<TrieNode | undefined>(
    (trie, extrinsic, index) =>
      insert(trie, toHex(encodeCompact(index)).slice(2), bytesOf(extrinsic)),
    undefined,
  );
  return toHex(EXTRINSICS_TRIE.computeRoot(root));
}
