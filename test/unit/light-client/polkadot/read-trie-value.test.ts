import { describe, expect, it } from 'vitest';
import { blake2b256 } from '../../../../src/crypto/hashes.ts';
import { MAX_PROOF_BYTES, MAX_PROOF_NODES } from '../../../../src/light-client/polkadot/limits.ts';
import { ReadProofError } from '../../../../src/light-client/polkadot/proof-map.ts';
import {
  type ReadProofOptions,
  verifyReadProof,
  verifyReadProofs,
} from '../../../../src/light-client/polkadot/verify-read-proof.ts';
import { concatBytes, fromHex, toHex } from '../../../../src/shared/bytes.ts';
import { buildTrie } from '../../../reference/polkadot/trie-builder.ts';
import { refusal } from '../../../support/refusal.ts';

const value = (length: number, fill: number) => new Uint8Array(length).fill(fill);
const long = value(40, 0x11);
const entries = new Map([
  ['a0', value(3, 1)],
  ['a0b1', long],
  ['a0b2c3d4', value(32, 3)],
  ['a0b2c3d5', value(33, 4)],
  ['ffff00', value(100, 5)],
  ['ffff01', new Uint8Array(0)],
]);
const tries = [
  [0, buildTrie(entries, 0)],
  [1, buildTrie(entries, 1)],
] as const;
const v1 = buildTrie(entries, 1);
const all = v1.prove([...entries.keys()]);

function read(
  trie: { root: Uint8Array },
  key: string,
  nodes: readonly Uint8Array[],
  options: ReadProofOptions = {},
) {
  return verifyReadProof(toHex(trie.root), fromHex(`0x${key}`), nodes, options);
}

/** A trie of one node, given in hex, and of what it points at. */
function single(node: string, ...rest: readonly Uint8Array[]) {
  const bytes = fromHex(`0x${node}`);
  return { root: blake2b256(bytes), nodes: [bytes, ...rest] };
}

describe.each(tries)('in a trie of state version %i', (version, trie) => {
  it.each([...entries])('the value at %s is proven', (key, expected) => {
    expect(read(trie, key, trie.prove([key]))).toEqual(expected);
  });

  it.each([
    ['the key ends inside a partial key', 'ff'],
    ['the key ends at a branch without a value', 'a0b2'],
    ['the key is empty', ''],
    ['the key leaves a partial key', 'a0b2c4'],
    ['the branch has no such child', 'a0b3'],
    ['a leaf is reached before the key ends', 'ffff0100'],
    ['the first nibble leads nowhere', '00'],
  ])('absence is proven when %s', (_, key) => {
    expect(read(trie, key, trie.prove([key]))).toBeUndefined();
  });

  it('absence is proven by a partial key that goes on with zeros where the key ends', () => {
    const zeros = buildTrie(
      new Map([
        ['ab0000', long],
        ['ab0010', long],
      ]),
      version,
    );
    expect(read(zeros, 'ab', zeros.prove(['ab']))).toBeUndefined();
  });

  it('a missing node is never absence', () => {
    for (const key of [...entries.keys(), 'a0b3', 'ff', 'a0b2c4']) {
      const nodes = trie.prove([key]);
      for (const [i] of nodes.entries()) {
        const partial = nodes.filter((_, j) => j !== i);
        expect(refusal(() => read(trie, key, partial))).toMatchObject({
          code: 'READ_PROOF_INCOMPLETE',
          disposition: 'reject',
        });
      }
    }
  });

  it('the order of the nodes does not matter', () => {
    const nodes = trie.prove(['a0b2c3d4']);
    expect(read(trie, 'a0b2c3d4', nodes.toReversed())).toEqual(value(32, 3));
  });

  it('several keys are read from one set of nodes', () => {
    const keys = ['a0b1', 'ffff00', 'a0b3'];
    const values = verifyReadProofs(
      toHex(trie.root),
      keys.map((key) => fromHex(`0x${key}`)),
      trie.prove(keys),
    );
    expect(values).toEqual([long, value(100, 5), undefined]);
  });
});

describe('the border between inline and hashed values in version 1', () => {
  it('lies above 32 bytes: a value of 33 is a blob of its own', () => {
    expect(v1.prove(['a0b2c3d5']).length).toBe(v1.prove(['a0b2c3d4']).length + 1);
    const withoutBlob = v1.prove(['a0b2c3d5']).filter((node) => node.length !== 33);
    expect(refusal(() => read(v1, 'a0b2c3d5', withoutBlob)).code).toBe('READ_PROOF_INCOMPLETE');
  });

  it('is not crossed: a value of 32 bytes behind a hash is refused', () => {
    const short = value(32, 9);
    const trie = single(`22ab${toHex(blake2b256(short)).slice(2)}`, short);
    expect(refusal(() => read(trie, 'ab', trie.nodes)).code).toBe('READ_PROOF_VALUE_NOT_INLINE');
    const longer = value(33, 9);
    const good = single(`22ab${toHex(blake2b256(longer)).slice(2)}`, longer);
    expect(read(good, 'ab', good.nodes)).toEqual(longer);
  });

  it('binds version 1 alone: version 0 keeps long values inline', () => {
    const trie = single(`42ab84${'07'.repeat(33)}`);
    expect(read(trie, 'ab', trie.nodes)).toEqual(value(33, 7));
  });
});

describe('a value that looks like a node', () => {
  // The bytes of a leaf for the key "ab" ‖ "cd", 36 bytes long, kept as a value at "ab".
  const looksLikeLeaf = concatBytes(fromHex('0x42cd84'), value(33, 0x66));
  const trie = buildTrie(new Map([['ab', looksLikeLeaf]]), 1);

  it('is read as the value it is', () => {
    expect(read(trie, 'ab', trie.prove(['ab']))).toEqual(looksLikeLeaf);
  });

  it('is not walked for a longer key', () => {
    const nodes = trie.prove(['ab']);
    expect(read(trie, 'abcd', nodes, { unusedNodes: 'ignore' })).toBeUndefined();
  });

  it('is refused as part of a proof that does not read it', () => {
    expect(refusal(() => read(trie, 'abcd', trie.prove(['ab'])))).toMatchObject({
      code: 'READ_PROOF_NODE_UNUSED',
      meta: { hash: toHex(blake2b256(looksLikeLeaf)) },
    });
  });

  it('nor is a blob that is no node: a hash that must be one is an error', () => {
    const blob = value(40, 0);
    const branch = single(`80010080${toHex(blake2b256(blob)).slice(2)}`, blob);
    expect(refusal(() => read(branch, '01', branch.nodes)).code).toBe('TRIE_NODE_HEADER_UNKNOWN');
  });
});

// polkadot-sdk#11739, in the form that applies here: see test/unit/crypto/merkle-patricia.test.ts.
describe.each(tries)('a forged value at the wrong key in a trie of state version %i', (_, trie) => {
  const absent = ['', '00', 'a0b3', 'a0b2', 'a0b2c3d6', 'a0b2c3d400', 'a0b100', 'ff', 'ffff02'];
  const keys = [...entries.keys(), ...absent];

  it('is never the answer: a proof for one key gives another its own value, nothing, or a refusal', () => {
    let refused = 0;
    for (const proven of keys) {
      for (const asked of keys) {
        const nodes = trie.prove([proven]);
        try {
          const found = read(trie, asked, nodes, { unusedNodes: 'ignore' });
          expect(found, `${asked} by the proof of ${proven}`).toEqual(entries.get(asked));
        } catch (error) {
          if (!(error instanceof ReadProofError)) throw error;
          refused++;
        }
      }
    }
    expect(refused).toBeGreaterThan(20);
  });

  it('is refused as soon as nodes are left over that the key does not need', () => {
    for (const [asked, proven] of [
      ['a0', 'a0b1'],
      ['00', 'a0b1'],
      ['ff', 'ffff00'],
    ] as const) {
      const nodes = trie.prove([proven]);
      expect(refusal(() => read(trie, asked, nodes)).code).toBe('READ_PROOF_NODE_UNUSED');
    }
  });
});

describe('a proof is refused', () => {
  it('when a node of less than 32 bytes stands behind a hash', () => {
    const leaf = fromHex('0x41010400');
    const trie = single(`80010080${toHex(blake2b256(leaf)).slice(2)}`, leaf);
    expect(refusal(() => read(trie, '01', trie.nodes))).toMatchObject({
      code: 'READ_PROOF_NODE_NOT_INLINE',
      meta: { hash: toHex(blake2b256(leaf)) },
    });
    const inline = single('8001001041010400');
    expect(read(inline, '01', inline.nodes)).toEqual(Uint8Array.of(0));
  });

  it('when an inline child is the empty trie or nothing at all', () => {
    const empty = single('8001000400');
    expect(refusal(() => read(empty, '01', empty.nodes)).code).toBe('TRIE_NODE_HEADER_UNKNOWN');
    const nothing = single('80010000');
    expect(refusal(() => read(nothing, '01', nothing.nodes)).code).toBe('SCALE_TRUNCATED');
  });

  it('when it is for another root', () => {
    const other = buildTrie(new Map([['a0', value(3, 2)]]), 1);
    expect(refusal(() => read(other, 'a0', v1.prove(['a0'])))).toMatchObject({
      code: 'READ_PROOF_INCOMPLETE',
      meta: { hash: toHex(other.root) },
    });
  });

  it('when a node is given twice', () => {
    const nodes = v1.prove(['a0']);
    expect(refusal(() => read(v1, 'a0', [...nodes, nodes[0]!]))).toMatchObject({
      code: 'READ_PROOF_NODE_REPEATED',
      meta: { hash: toHex(v1.root) },
    });
  });

  it('when it holds nodes that the key does not need, unless they are to be ignored', () => {
    expect(refusal(() => read(v1, 'a0b1', all)).code).toBe('READ_PROOF_NODE_UNUSED');
    expect(read(v1, 'a0b1', all, { unusedNodes: 'ignore' })).toEqual(long);
  });

  it('when it has more nodes or bytes than any has, before they are hashed', () => {
    const many = Array.from({ length: MAX_PROOF_NODES + 1 }, () => new Uint8Array(0));
    expect(refusal(() => read(v1, 'a0', many))).toMatchObject({
      code: 'READ_PROOF_TOO_LARGE',
      meta: { nodes: MAX_PROOF_NODES + 1, length: 0 },
    });
    const big = [new Uint8Array(MAX_PROOF_BYTES + 1)];
    expect(refusal(() => read(v1, 'a0', big)).code).toBe('READ_PROOF_TOO_LARGE');
  });
});

describe('the largest proof', () => {
  it('has as many nodes and as many bytes as are taken, to the last one', () => {
    const proof = v1.prove(['a0b1']);
    const filler = (length: number, count: number) =>
      Array.from({ length: count }, (_, i) => {
        const blob = new Uint8Array(length);
        new DataView(blob.buffer).setUint32(0, i + 1);
        return blob;
      });
    const many = [...proof, ...filler(4, MAX_PROOF_NODES - proof.length)];
    expect(read(v1, 'a0b1', many, { unusedNodes: 'ignore' })).toEqual(long);
    const left = MAX_PROOF_BYTES - proof.reduce((sum, node) => sum + node.length, 0);
    const big = [...proof, ...filler(left, 1)];
    expect(read(v1, 'a0b1', big, { unusedNodes: 'ignore' })).toEqual(long);
  });
});

describe('the empty trie', () => {
  const empty = buildTrie(new Map(), 1);

  it('has the root that everybody knows', () => {
    expect(toHex(empty.root)).toBe(
      '0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314',
    );
  });

  it('proves that every key is absent', () => {
    expect(read(empty, 'ab', empty.prove(['ab']))).toBeUndefined();
    expect(read(empty, '', empty.prove(['']))).toBeUndefined();
  });

  it('proves nothing without its one node', () => {
    expect(refusal(() => read(empty, 'ab', [])).code).toBe('READ_PROOF_INCOMPLETE');
  });
});
