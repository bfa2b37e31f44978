import {
  calculateStateRoot,
  decodeProof,
  destroyWorker,
} from '@acala-network/chopsticks-core/wasm-executor/index';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { EXTRINSICS_TRIE, STATE_TRIE } from '../../../../../devnet/polkadot/trie/encode-node.ts';
import { insert, type TrieNode } from '../../../../../devnet/polkadot/trie/node.ts';
import { createReadProof } from '../../../../../devnet/polkadot/trie/read-proof.ts';
import { nibbleAt } from '../../../../../src/light-client/polkadot/nibbles.ts';
import { decodeTrieNode } from '../../../../../src/light-client/polkadot/trie-node.ts';
import { verifyReadProof } from '../../../../../src/light-client/polkadot/verify-read-proof.ts';
import { fromHex, type Hex, toHex } from '../../../../../src/shared/bytes.ts';
import { readVectorJson, vectorsMissing } from '../../../../support/vectors.ts';

type Entry = readonly [Hex, Hex];

function build(entries: readonly Entry[]): TrieNode | undefined {
  return entries.reduce<TrieNode | undefined>(
    (trie, [key, value]) => insert(trie, key.slice(2), fromHex(value)),
    undefined,
  );
}

const bytes = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map(toHex);
const entryLists = fc.uniqueArray(
  fc.tuple(
    fc.oneof(
      bytes(1, 4),
      bytes(30, 40),
      bytes(1, 2).map((key): Hex => `0x${key.slice(2).padEnd(520, 'a')}`),
    ),
    fc.oneof(bytes(0, 3), bytes(30, 35), bytes(60, 80)),
  ),
  { minLength: 1, maxLength: 40, selector: ([key]) => key },
);

describe('the state trie of version 1', () => {
  afterAll(destroyWorker);

  it('has the root that smoldot computes, in both versions', async () => {
    await fc.assert(
      fc.asyncProperty(entryLists, async (entries) => {
        const trie = build(entries);
        const list = entries.map(([key, value]): [Hex, Hex] => [key, value]);
        expect(toHex(STATE_TRIE.computeRoot(trie))).toBe(await calculateStateRoot(list, 1));
        expect(toHex(EXTRINSICS_TRIE.computeRoot(trie))).toBe(await calculateStateRoot(list, 0));
      }),
      { numRuns: 40 },
    );
  });

  it('gives proofs that smoldot and the light client read back', async () => {
    await fc.assert(
      fc.asyncProperty(entryLists, bytes(1, 3), fc.nat(), async (entries, absent, pick) => {
        const trie = build(entries);
        const root = toHex(STATE_TRIE.computeRoot(trie));
        const [key, value] = entries[pick % entries.length] ?? ['0x', '0x'];
        const proof = createReadProof(trie, [key.slice(2)]);
        const decoded = await decodeProof(root, proof.map(toHex));
        expect(decoded[key]).toBe(value);
        const known = entries.find(([other]) => other === absent)?.[1];
        const read = verifyReadProof(
          root,
          fromHex(absent),
          createReadProof(trie, [absent.slice(2)]),
        );
        expect(read && toHex(read)).toBe(known);
      }),
      { numRuns: 40 },
    );
  });

  it('proves that an empty trie holds nothing', () => {
    const root = toHex(STATE_TRIE.computeRoot(undefined));
    expect(verifyReadProof(root, fromHex('0x12'), createReadProof(undefined, ['12']))).toBe(
      undefined,
    );
  });

  it.skipIf(vectorsMissing)(
    'encodes leaves as the recorded proofs of live chains hold them',
    () => {
      const proofs = ['trie/synthetic-child-trie-v1.json', 'trie/timestamp-now.json'].map(
        (path) => readVectorJson<{ proof: Hex[] }>(path).proof,
      );
      const { contract } = readVectorJson<{ contract: { childProof: { nodes: Hex[] } } }>(
        'substrate-node/revive-three-authorities.json',
      );
      const leaves = [...proofs, contract.childProof.nodes].flat().flatMap(readInlineLeaf);
      expect(leaves.length).toBeGreaterThan(5);
      for (const { node, recorded } of leaves) {
        expect(toHex(STATE_TRIE.encodeNode(node))).toBe(recorded);
      }
    },
  );
});

/** The node of recorded bytes, if it is a leaf whose value is inside it. */
function readInlineLeaf(recorded: Hex): { node: TrieNode; recorded: Hex }[] {
  if (((fromHex(recorded)[0] ?? 0) & 0xc0) !== 0x40) return [];
  const { partialKey, value } = decodeTrieNode(fromHex(recorded));
  if (value.kind !== 'inline') return [];
  const path = Array.from({ length: partialKey.count }, (_, i) =>
    nibbleAt(partialKey, i).toString(16),
  );
  return [{ node: { path: path.join(''), value: value.bytes, children: [] }, recorded }];
}
