import { describe, expect, it } from 'vitest';
import { encodeRlp, type RlpItem } from '../../../src/codec/rlp.ts';
import { keccak256 } from '../../../src/crypto/hashes.ts';
import {
  EMPTY_TRIE_ROOT,
  MAX_TRIE_PROOF_NODES,
  TrieProofError,
  verifyTrieProof,
} from '../../../src/crypto/merkle-patricia.ts';
import { fromHex, toHex, utf8 } from '../../../src/shared/bytes.ts';
import { referenceTrie } from '../../reference/ethereum/trie.ts';
import { refusal } from '../../support/refusal.ts';

const none = new Uint8Array();
const long = new Uint8Array(40).fill(0xaa);

/** A branch of sixteen empty children and no value, but for the given places. */
function branch(places: Readonly<Record<number, RlpItem>>): RlpItem[] {
  return Array.from({ length: 17 }, (_, i) => places[i] ?? none);
}

/** A proof of nodes that name each other by hash; every node gets the name of the one below it. */
function chain(...nodes: readonly ((below: Uint8Array) => RlpItem)[]): {
  root: Uint8Array;
  proof: Uint8Array[];
} {
  const proof: Uint8Array[] = [];
  let below: Uint8Array = none;
  for (const node of [...nodes].reverse()) {
    const encoded = encodeRlp(node(below));
    proof.unshift(encoded);
    below = keccak256(encoded);
  }
  return { root: below, proof };
}

function walk({ root, proof }: { root: Uint8Array; proof: readonly Uint8Array[] }, key: string) {
  return verifyTrieProof(root, fromHex(key), proof);
}

function refuse(made: { root: Uint8Array; proof: readonly Uint8Array[] }, key: string): object {
  const { code, meta } = refusal(() => walk(made, key));
  return { code, ...meta };
}

describe('a value that is there', () => {
  it('is found in a leaf that is the whole trie', () => {
    const made = chain(() => [fromHex('0x201234'), long]);
    expect(walk(made, '0x1234')).toEqual(long);
  });

  it('is found through an extension and branches, with odd and even paths', () => {
    const entries = ['0x1234', '0x1235', '0x12ff', '0xa000'].map(
      (key) => [fromHex(key), long] as const,
    );
    const { root, prove } = referenceTrie(entries);
    for (const [key] of entries) expect(verifyTrieProof(root, key, prove(key))).toEqual(long);
  });

  it('is found in a node that stands inside its parent', () => {
    const trie = referenceTrie([
      [fromHex('0x1234'), utf8('a')],
      [fromHex('0x1235'), utf8('b')],
      [fromHex('0x9999'), long],
    ]);
    const proof = trie.prove(fromHex('0x1235'));
    expect(proof).toHaveLength(1);
    expect(walk({ root: trie.root, proof }, '0x1235')).toEqual(utf8('b'));
  });

  it('is found as the value of a branch', () => {
    const trie = referenceTrie([
      [fromHex('0x12'), long],
      [fromHex('0x1234'), long],
    ]);
    expect(verifyTrieProof(trie.root, fromHex('0x12'), trie.prove(fromHex('0x12')))).toEqual(long);
  });

  it('is a view into the proof', () => {
    const { root, proof } = chain(() => [fromHex('0x201234'), long]);
    expect(walk({ root, proof }, '0x1234')?.buffer).toBe(proof[0]?.buffer);
  });
});

describe('a value that is not there', () => {
  it.each<[string, RlpItem, string]>([
    ['an empty child', branch({ 2: long.subarray(8) }), '0x1234'],
    ['a branch without a value where the key ends', branch({ 2: long.subarray(8) }), '0x'],
    ['a leaf of another key', [fromHex('0x201235'), long], '0x1234'],
    ['a leaf of a longer key', [fromHex('0x20123456'), long], '0x1234'],
    ['a leaf of a shorter key', [fromHex('0x2012'), long], '0x1234'],
    ['an extension that diverges', [fromHex('0x0012ff'), long.subarray(8)], '0x1234'],
    ['an extension that is longer', [fromHex('0x00123456'), long.subarray(8)], '0x1234'],
  ])('is proven absent by %s', (_, node, key) => {
    expect(
      walk(
        chain(() => node),
        key,
      ),
    ).toBeUndefined();
  });

  it('is proven absent by the empty trie, with no node or the node 0x80', () => {
    expect(toHex(keccak256(Uint8Array.of(0x80)))).toBe(toHex(EMPTY_TRIE_ROOT));
    expect(walk({ root: EMPTY_TRIE_ROOT, proof: [] }, '0x1234')).toBeUndefined();
    expect(walk({ root: EMPTY_TRIE_ROOT, proof: [Uint8Array.of(0x80)] }, '0x1234')).toBeUndefined();
  });
});

// A verifier of Ethereum's receipts took the value that a proof ended at for that of the key asked for
// (polkadot-sdk#11739): its library reported "found this where there should be nothing" and the caller kept what was found.
describe('a forged value at the wrong key', () => {
  const values = new Map(
    ['0x', '0x12', '0x1234', '0x1235', '0x12345678', '0x12ff', '0xa000', '0xa0'].map((key, i) => [
      key,
      new Uint8Array(40).fill(i + 1),
    ]),
  );
  const absent = [
    '0x1236',
    '0x123456',
    '0x1234567a',
    '0x13',
    '0xa001',
    '0xa00000',
    '0xb0',
    '0x12fe',
  ];
  const entries = [...values].map(([key, value]) => [fromHex(key), value] as const);
  const { root, prove } = referenceTrie(entries);

  it('is never the answer: a proof for one key gives another its own value, nothing, or a refusal', () => {
    let refused = 0;
    for (const proven of [...values.keys(), ...absent]) {
      const proof = prove(fromHex(proven));
      for (const asked of [...values.keys(), ...absent]) {
        try {
          const found = walk({ root, proof }, asked);
          expect(found, `${asked} by the proof of ${proven}`).toEqual(values.get(asked));
        } catch (error) {
          if (!(error instanceof TrieProofError)) throw error;
          refused++;
        }
      }
    }
    expect(refused).toBeGreaterThan(50);
  });

  it.each<[string, RlpItem, string]>([
    ['a leaf beside the key', [fromHex('0x201235'), long], '0x1234'],
    ['a leaf below the key', [fromHex('0x20123456'), long], '0x1234'],
    ['a leaf above the key', [fromHex('0x2012'), long], '0x1234'],
    ['a branch above the key', branch({ 16: long }), '0x1234'],
  ])('proves absence where the proof ends at %s', (_, node, key) => {
    expect(
      walk(
        chain(() => node),
        key,
      ),
    ).toBeUndefined();
  });
});

describe('a proof that proves nothing', () => {
  const twoLevels = chain(
    (below) => branch({ 1: below }),
    () => [fromHex('0x3234'), long],
  );

  it('is missing a node, which is never absence', () => {
    const [first = none] = twoLevels.proof;
    expect(walk(twoLevels, '0x1234')).toEqual(long);
    expect(refuse({ ...twoLevels, proof: [first] }, '0x1234')).toEqual({
      code: 'TRIE_PROOF_INCOMPLETE',
      node: 1,
    });
    expect(refuse({ ...twoLevels, proof: [] }, '0x1234')).toEqual({
      code: 'TRIE_PROOF_INCOMPLETE',
      node: 0,
    });
  });

  it('has a node too many', () => {
    const proof = [...twoLevels.proof, long];
    expect(refuse({ ...twoLevels, proof }, '0x1234')).toEqual({
      code: 'TRIE_PROOF_EXTRA_NODES',
      node: 2,
    });
    expect(refuse({ ...twoLevels, proof }, '0x2222')).toEqual({
      code: 'TRIE_PROOF_EXTRA_NODES',
      node: 1,
    });
    expect(refuse({ root: EMPTY_TRIE_ROOT, proof: [Uint8Array.of(0x80), long] }, '0x12')).toEqual({
      code: 'TRIE_PROOF_EXTRA_NODES',
      node: 1,
    });
  });

  it('has its nodes in another order, or of another trie', () => {
    const proof = [...twoLevels.proof].reverse();
    expect(refuse({ ...twoLevels, proof }, '0x1234')).toMatchObject({
      code: 'TRIE_NODE_HASH_MISMATCH',
      node: 0,
    });
    expect(refuse({ ...twoLevels, root: long.subarray(8) }, '0x1234')).toMatchObject({
      code: 'TRIE_NODE_HASH_MISMATCH',
      expected: toHex(long.subarray(8)),
    });
  });

  it('is longer than any key needs', () => {
    const proof = Array.from({ length: MAX_TRIE_PROOF_NODES + 1 }, () => long);
    expect(refuse({ ...twoLevels, proof }, '0x1234')).toEqual({
      code: 'TRIE_PROOF_TOO_LONG',
      node: 66,
    });
  });

  it('is as long as a key needs: sixty-four branches and a leaf', () => {
    const key = `0x${'12'.repeat(32)}`;
    const branches = Array.from(
      { length: MAX_TRIE_PROOF_NODES - 1 },
      (_, i) => (below: Uint8Array) => branch({ [i % 2 === 0 ? 1 : 2]: below }),
    );
    const made = chain(...branches, () => [fromHex('0x20'), long]);
    expect(made.proof).toHaveLength(65);
    expect(walk(made, key)).toEqual(long);
  });

  it('names a short node by its hash', () => {
    const made = chain(
      (below) => branch({ 1: below }),
      () => [fromHex('0x3234'), utf8('x')],
    );
    expect(refuse(made, '0x1234')).toEqual({
      code: 'TRIE_NODE_MALFORMED',
      node: 1,
      got: 'a short node named by its hash',
    });
  });

  it('has a long node inside its parent', () => {
    const made = chain(() => branch({ 1: [fromHex('0x3234'), long] }));
    expect(refuse(made, '0x1234')).toMatchObject({
      code: 'TRIE_NODE_MALFORMED',
      got: 'a long node inside its parent',
    });
  });

  it('has a node of exactly the length of a hash inside its parent', () => {
    const leaf = (length: number): RlpItem => [
      fromHex('0x3234'),
      new Uint8Array(length).fill(0xaa),
    ];
    expect(encodeRlp(leaf(26))).toHaveLength(31);
    expect(
      walk(
        chain(() => branch({ 1: leaf(26) })),
        '0x1234',
      ),
    ).toHaveLength(26);
    expect(encodeRlp(leaf(27))).toHaveLength(32);
    const inline = chain(() => branch({ 1: leaf(27) }));
    expect(refuse(inline, '0x1234')).toMatchObject({ got: 'a long node inside its parent' });
    const named = chain(
      (below) => branch({ 1: below }),
      () => leaf(27),
    );
    expect(walk(named, '0x1234')).toHaveLength(27);
  });

  it('lists an inline node once more', () => {
    const made = chain(() => branch({ 1: [fromHex('0x3234'), utf8('x')], 9: long.subarray(8) }));
    const inline = encodeRlp([fromHex('0x3234'), utf8('x')]);
    expect(walk(made, '0x1234')).toEqual(utf8('x'));
    expect(refuse({ ...made, proof: [...made.proof, inline] }, '0x1234')).toMatchObject({
      code: 'TRIE_PROOF_EXTRA_NODES',
    });
  });

  it.each<[string, RlpItem]>([
    ['one item', [long]],
    ['three items', [fromHex('0x201234'), long, none]],
    ['sixteen items', branch({}).slice(1)],
    ['eighteen items', [...branch({}), none]],
    ['no items', []],
    ['a string', long],
    ['a path of unknown flag', [fromHex('0x401234'), long]],
    ['an even path with padding', [fromHex('0x211234').map((b, i) => (i ? b : 0x21)), long]],
    ['an even extension path with padding', [fromHex('0x011234'), long.subarray(8)]],
    ['an empty path', [none, long]],
    ['an extension of no nibbles', [fromHex('0x00'), long.subarray(8)]],
    ['an extension without a child', [fromHex('0x001234'), none]],
    ['a leaf without a value', [fromHex('0x201234'), none]],
    ['a leaf whose value is a list', [fromHex('0x201234'), [long]]],
    ['a path that is a list', [[fromHex('0x20')], long]],
    ['a child of 31 bytes', branch({ 1: long.subarray(9) })],
    ['a child of 33 bytes', branch({ 1: long.subarray(7) })],
    ['a child that is an empty list', branch({ 1: [] })],
  ])('has a node with %s', (_, node) => {
    const made = chain(() => node);
    expect(refuse(made, '0x1234')).toMatchObject({ code: 'TRIE_NODE_MALFORMED' });
  });

  it('has a node that is not canonical RLP, or is too large', () => {
    const loose = Uint8Array.of(0xc4, 0x81, 0x20, 0x81, 0x61);
    expect(refuse({ root: keccak256(loose), proof: [loose] }, '0x')).toMatchObject({
      code: 'RLP_MALFORMED',
    });
    const leaf = (length: number) => encodeRlp([fromHex('0x201234'), new Uint8Array(length)]);
    const [most, large] = [leaf(1014), leaf(1015)];
    expect([most.length, large.length]).toEqual([1024, 1025]);
    expect(walk({ root: keccak256(most), proof: [most] }, '0x1234')).toHaveLength(1014);
    expect(refuse({ root: keccak256(large), proof: [large] }, '0x1234')).toMatchObject({
      code: 'TRIE_NODE_MALFORMED',
      got: '1025 bytes',
    });
  });
});
