import { createMerkleProof, createMPT, verifyMerkleProof } from '@ethereumjs/mpt';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keccak256 } from '../../../src/crypto/hashes.ts';
import { verifyTrieProof } from '../../../src/crypto/merkle-patricia.ts';
import { toHex } from '../../../src/shared/bytes.ts';
import { BridgeError } from '../../../src/shared/errors.ts';
import { referenceTrie } from '../../reference/ethereum/trie.ts';
import { bytes } from './arbitraries.ts';

const CUTS = ['drop', 'double', 'swap'] as const;

type Entries = [key: Uint8Array, value: Uint8Array][];

const value = fc.uint8Array({ minLength: 1, maxLength: 40 });
const distinct = {
  selector: ([key]: readonly [Uint8Array, Uint8Array]) => toHex(key),
  maxLength: 24,
};

/** Keys of two bytes out of few values: long shared prefixes, branches with values, inline nodes. */
const shortKey = fc
  .array(fc.constantFrom(0x00, 0x01, 0x10, 0x11, 0xff), { minLength: 1, maxLength: 3 })
  .map((k) => Uint8Array.from(k));
const shortEntries: fc.Arbitrary<Entries> = fc.uniqueArray(fc.tuple(shortKey, value), distinct);

/** Keys as Ethereum's tries have them. */
const hashedKey = bytes(4).map(keccak256);
const hashedEntries: fc.Arbitrary<Entries> = fc.uniqueArray(fc.tuple(hashedKey, value), distinct);

async function oracle(entries: Entries) {
  const trie = await createMPT();
  for (const [key, entry] of entries) await trie.put(key, entry);
  return trie;
}

function lookup(entries: Entries, wanted: Uint8Array): Uint8Array | undefined {
  return entries.find(([key]) => toHex(key) === toHex(wanted))?.[1];
}

function verifyOrRefuse(root: Uint8Array, key: Uint8Array, proof: readonly Uint8Array[]) {
  try {
    return { value: verifyTrieProof(root, key, proof) };
  } catch (error) {
    if (error instanceof BridgeError) return 'refused';
    throw error;
  }
}

describe('trie proofs', () => {
  it('of short keys prove what is there and what is not, inline nodes and branch values included', async () => {
    await fc.assert(
      fc.asyncProperty(shortEntries, shortKey, async (entries, wanted) => {
        const { root, prove } = referenceTrie(entries);
        expect(root).toEqual((await oracle(entries)).root());
        for (const key of [wanted, ...entries.map(([known]) => known)]) {
          expect(verifyTrieProof(root, key, prove(key))).toEqual(lookup(entries, key));
        }
      }),
    );
  });

  it('of hashed keys are those that @ethereumjs/mpt makes, and say what it says', async () => {
    await fc.assert(
      fc.asyncProperty(hashedEntries, hashedKey, async (entries, wanted) => {
        const trie = await oracle(entries);
        const { root, prove } = referenceTrie(entries);
        expect(root).toEqual(trie.root());
        for (const key of [wanted, ...entries.map(([known]) => known).slice(0, 3)]) {
          const proof = await createMerkleProof(trie, key);
          if (entries.length > 0) expect(prove(key)).toEqual(proof);
          const ours = verifyTrieProof(root, key, proof);
          expect(ours).toEqual(lookup(entries, key));
          if (entries.length > 0)
            expect(ours ?? null).toEqual(await verifyMerkleProof(key, proof, { root }));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('are refused, or prove the same, after any change', () => {
    const change = fc.record({
      node: fc.nat(),
      at: fc.nat(),
      bits: fc.integer({ min: 1, max: 255 }),
    });
    fc.assert(
      fc.property(
        shortEntries,
        shortKey,
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (entries, wanted, changes) => {
          const { root, prove } = referenceTrie(entries);
          const proof = prove(wanted).map((node) => node.slice());
          for (const { node, at, bits } of changes) {
            const changed = proof[node % Math.max(1, proof.length)];
            if (changed) changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ bits;
          }
          const result = verifyOrRefuse(root, wanted, proof);
          if (result !== 'refused') expect(result.value).toEqual(lookup(entries, wanted));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are refused, or prove the same, when nodes are dropped, doubled or swapped', () => {
    const place = fc.nat();
    const cut = fc.record({ from: place, to: place, kind: fc.constantFrom(...CUTS) });
    fc.assert(
      fc.property(shortEntries, shortKey, cut, (entries, wanted, { from, to, kind }) => {
        const { root, prove } = referenceTrie(entries);
        const proof = prove(wanted);
        if (proof.length === 0) return;
        const changed = recut(proof, kind, { from: from % proof.length, to: to % proof.length });
        const result = verifyOrRefuse(root, wanted, changed);
        if (kind !== 'swap' || result === 'refused') expect(result).toBe('refused');
        else expect(result.value).toEqual(lookup(entries, wanted));
      }),
      { numRuns: 300 },
    );
  });
});

function recut(
  proof: readonly Uint8Array[],
  kind: (typeof CUTS)[number],
  { from, to }: { readonly from: number; readonly to: number },
): Uint8Array[] {
  const picked = proof.slice(from, from + 1);
  if (kind === 'drop') return proof.toSpliced(from, 1);
  if (kind === 'double') return proof.toSpliced(to, 0, ...picked);
  return proof.with(from, proof[to] ?? new Uint8Array()).with(to, picked[0] ?? new Uint8Array());
}
