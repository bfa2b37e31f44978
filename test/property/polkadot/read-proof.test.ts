import { blake2b } from '@noble/hashes/blake2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  verifyReadProof,
  verifyReadProofs,
} from '../../../src/light-client/polkadot/verify-read-proof.ts';
import { fromHex, type Hex, toHex } from '../../../src/shared/bytes.ts';
import { BridgeError } from '../../../src/shared/errors.ts';
import { type Finding, naiveRead } from '../../reference/polkadot/naive-read-proof.ts';
import { buildTrie } from '../../reference/polkadot/trie-builder.ts';

// Keys over few distinct bytes, so that paths share prefixes and one key often begins another.
const byte = fc.constantFrom('00', '01', '0f', '10', 'a0', 'ff');
const key = fc.array(byte, { maxLength: 6 }).map((bytes) => bytes.join(''));
const longKey = fc
  .tuple(key, fc.constantFrom('', '33'.repeat(8), '33'.repeat(40), '33'.repeat(160)))
  .map(([a, b]) => a + b);
const value = fc
  .tuple(fc.constantFrom(0, 1, 20, 31, 32, 33, 34, 70, 300), fc.nat({ max: 255 }))
  .map(([length, fill]) => new Uint8Array(length).fill(fill));
const entries = fc.array(fc.tuple(longKey, value), { maxLength: 24 }).map((list) => new Map(list));
const version = fc.constantFrom<0 | 1>(0, 1);

/** What the verifier says, in the words of its twin. Malformed nodes are 'malformed'. */
function read(
  root: Uint8Array,
  wanted: string,
  nodes: readonly Uint8Array[],
): Finding | 'malformed' {
  try {
    const options = { unusedNodes: 'ignore' } as const;
    return verifyReadProof(toHex(root), fromHex(`0x${wanted}`), nodes, options) ?? 'absent';
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    return error.code === 'READ_PROOF_INCOMPLETE' ? 'unknown' : 'malformed';
  }
}

function plain(finding: Finding | 'malformed'): string {
  return typeof finding === 'string' ? finding : Buffer.from(finding).toString('hex');
}

describe('read proofs of tries built by the slow twin', () => {
  it('prove every value and every absence, alone and together, with no node left over', () => {
    fc.assert(
      fc.property(
        entries,
        version,
        fc.array(longKey, { minLength: 1, maxLength: 6 }),
        (map, v, others) => {
          const trie = buildTrie(map, v);
          const keys = [...new Set([...map.keys(), ...others])];
          for (const wanted of keys) {
            const found = verifyReadProof(
              toHex(trie.root),
              fromHex(`0x${wanted}`),
              trie.prove([wanted]),
            );
            expect(found).toEqual(map.get(wanted));
          }
          const together = verifyReadProofs(
            toHex(trie.root),
            keys.map((wanted) => fromHex(`0x${wanted}` as Hex)),
            trie.prove(keys),
          );
          expect(together).toEqual(keys.map((wanted) => map.get(wanted)));
        },
      ),
      { numRuns: 300, seed: 20_260_201 },
    );
  });

  it('say the same as the slow reader when nodes are missing', () => {
    const seen = { unknown: 0, known: 0 };
    fc.assert(
      fc.property(entries, version, longKey, fc.nat(), (map, v, other, drop) => {
        const trie = buildTrie(map, v);
        const keys = [...map.keys(), other];
        const all = trie.prove(keys);
        const nodes = all.filter((_, i) => i !== drop % (all.length + 1));
        for (const wanted of keys) {
          const found = read(trie.root, wanted, nodes);
          expect(plain(found)).toBe(plain(naiveRead(trie.root, wanted, nodes)));
          if (found !== 'unknown') expect(plain(found)).toBe(plain(map.get(wanted) ?? 'absent'));
          seen[found === 'unknown' ? 'unknown' : 'known']++;
        }
      }),
      { numRuns: 300, seed: 20_260_202 },
    );
    expect(Math.min(seen.unknown, seen.known)).toBeGreaterThan(100);
  });

  it('prove nothing else once any byte of any node is altered', () => {
    fc.assert(
      fc.property(
        entries,
        version,
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (map, v, i, at, flip) => {
          const trie = buildTrie(map, v);
          const keys = [...map.keys()];
          const nodes = trie.prove(keys).map((node) => Uint8Array.from(node));
          const node = nodes[i % nodes.length]!;
          node[at % node.length]! ^= flip;
          for (const wanted of keys) {
            const found = read(trie.root, wanted, nodes);
            expect(found === 'unknown' || plain(found) === plain(map.get(wanted)!)).toBe(true);
          }
        },
      ),
      { numRuns: 200, seed: 20_260_203 },
    );
  });
});

describe('nodes that anybody may write', () => {
  it('are decoded as the slow reader decodes them, or refused with it', () => {
    const seen = { malformed: 0, decoded: 0 };
    const altered = fc.record({
      map: entries,
      v: version,
      which: fc.nat(),
      at: fc.nat(),
      flip: fc.integer({ min: 1, max: 255 }),
      cut: fc.boolean(),
      wanted: longKey,
    });
    fc.assert(
      fc.property(altered, ({ map, v, which, at, flip, cut, wanted }) => {
        const nodes = buildTrie(map, v).prove([...map.keys()]);
        const node = Uint8Array.from(nodes[which % nodes.length]!);
        node[at % node.length]! ^= flip;
        const root = cut ? node.subarray(0, at % (node.length + 1)) : node;
        // The altered node is the root itself, so its bytes are reached whatever they are.
        const hash = blake2b(root, { dkLen: 32 });
        const set = [root, ...nodes.filter((other) => !Buffer.from(other).equals(root))];
        const found = read(hash, wanted, set);
        const twin = naiveOrMalformed(hash, wanted, set);
        // The twin decodes all it can reach, the verifier only the path of the key.
        if (twin !== 'malformed') expect(plain(found)).toBe(plain(twin));
        seen[twin === 'malformed' ? 'malformed' : 'decoded']++;
      }),
      { numRuns: 600, seed: 20_260_204 },
    );
    expect(Math.min(seen.malformed, seen.decoded)).toBeGreaterThan(50);
  });

  it('are refused or decoded, never a crash, however random', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), longKey, (bytes, wanted) => {
        const hash = blake2b(bytes, { dkLen: 32 });
        const found = read(hash, wanted, [bytes]);
        const twin = naiveOrMalformed(hash, wanted, [bytes]);
        if (twin !== 'malformed') expect(plain(found)).toBe(plain(twin));
      }),
      { numRuns: 1000, seed: 20_260_205 },
    );
  });
});

function naiveOrMalformed(root: Uint8Array, wanted: string, nodes: readonly Uint8Array[]) {
  try {
    return naiveRead(root, wanted, nodes);
  } catch {
    return 'malformed';
  }
}
