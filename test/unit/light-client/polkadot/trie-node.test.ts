import { describe, expect, it } from 'vitest';
import { keyNibbles, nibbleAt } from '../../../../src/light-client/polkadot/nibbles.ts';
import {
  decodeRootNode,
  decodeTrieNode,
  type TrieNode,
} from '../../../../src/light-client/polkadot/trie-node.ts';
import { concatBytes, fromHex, type Hex, toHex } from '../../../../src/shared/bytes.ts';
import { refusal } from '../../../support/refusal.ts';

const HASH = 'ab'.repeat(32);

function decode(hex: string): TrieNode {
  return decodeTrieNode(fromHex(`0x${hex}`));
}

function partialKeyOf(node: TrieNode): string {
  return Array.from({ length: node.partialKey.count }, (_, i) =>
    nibbleAt(node.partialKey, i).toString(16),
  ).join('');
}

/** The places of the children and their merkle values. */
function childrenOf(node: TrieNode): [number, Hex][] {
  return node.children.flatMap((child, i) => (child ? [[i, toHex(child)] as [number, Hex]] : []));
}

describe('each variant of a node', () => {
  it('a leaf with an inline value', () => {
    const node = decode('42ab0c010203');
    expect(partialKeyOf(node)).toBe('ab');
    expect(node.value).toEqual({ kind: 'inline', bytes: Uint8Array.of(1, 2, 3) });
    expect(node.children).toEqual([]);
  });

  it('a leaf with a hashed value', () => {
    const node = decode(`230abc${HASH}`);
    expect(partialKeyOf(node)).toBe('abc');
    expect(node.value).toEqual({ kind: 'hashed', hash: fromHex(`0x${HASH}`) });
  });

  it('a branch without a value, its children in their places', () => {
    const node = decode(`8107018008410080${HASH}`);
    expect(partialKeyOf(node)).toBe('7');
    expect(node.value).toEqual({ kind: 'none' });
    expect(childrenOf(node)).toEqual([
      [0, '0x4100'],
      [15, `0x${HASH}`],
    ]);
  });

  it('a branch with an inline value', () => {
    const node = decode('c0040004ff084100');
    expect(node.value).toEqual({ kind: 'inline', bytes: Uint8Array.of(0xff) });
    expect(childrenOf(node)).toEqual([[2, '0x4100']]);
  });

  it('a branch with a hashed value', () => {
    const node = decode(`11020100${HASH}084100`);
    expect(partialKeyOf(node)).toBe('2');
    expect(node.value).toEqual({ kind: 'hashed', hash: fromHex(`0x${HASH}`) });
    expect(childrenOf(node)).toEqual([[0, '0x4100']]);
  });

  it('the empty trie, as a root only', () => {
    const root = decodeRootNode(Uint8Array.of(0));
    expect(root).toMatchObject({ value: { kind: 'none' }, children: [] });
    expect(refusal(() => decode('00')).code).toBe('TRIE_NODE_HEADER_UNKNOWN');
    // Neither a zero with something behind it nor another single byte is the empty trie.
    for (const bytes of [Uint8Array.of(0, 0), Uint8Array.of(1)]) {
      expect(refusal(() => decodeRootNode(bytes)).code).toBe('TRIE_NODE_HEADER_UNKNOWN');
    }
    expect(refusal(() => decodeRootNode(new Uint8Array(0))).code).toBe('SCALE_TRUNCATED');
  });
});

describe('the length of a partial key', () => {
  it.each([
    ['fits the first byte', '7e', 62],
    ['fills the first byte', '7f00', 63],
    ['takes a second byte', '7f01', 64],
    ['takes the most of a second byte', '7ffe', 317],
    ['takes a third byte', '7fff00', 318],
    ['takes a fourth byte', '7fffff05', 578],
    ['of a hashed leaf fills its five bits', '3f00', 31],
    ['of a hashed branch fills its four bits', '1f02', 17],
  ])('%s', (_, header, count) => {
    const key = '0'.repeat(2 * Math.ceil(count / 2));
    const body = { 3: HASH, 1: `0100${HASH}0c410004` }[Number(header[0])] ?? '00';
    expect(decode(`${header}${key}${body}`).partialKey.count).toBe(count);
  });

  it('is refused beyond the end of the node', () => {
    for (const node of ['7f', '7fff', '7fffffff', '42', '3f', '1f', 'ff'.repeat(1000)]) {
      expect(refusal(() => decode(node)).code).toBe('SCALE_TRUNCATED');
    }
  });
});

describe('a node is refused', () => {
  it.each(['00', '01', '02', '0f', '0140', '0841ab00'])('when no variant starts so: %s', (node) => {
    expect(refusal(() => decode(node))).toMatchObject({
      code: 'TRIE_NODE_HEADER_UNKNOWN',
      meta: { got: parseInt(node.slice(0, 2), 16) },
    });
  });

  it('when the padding of an odd partial key is not zero', () => {
    expect(decode('410a0400').partialKey.count).toBe(1);
    expect(refusal(() => decode('411a0400')).code).toBe('TRIE_NODE_PADDING');
  });

  it.each(['800000', 'c0000004ff', `100000${HASH}`])('when a branch has no child: %s', (node) => {
    expect(refusal(() => decode(node)).code).toBe('TRIE_NODE_CHILDLESS');
  });

  it('when a merkle value is longer than a hash', () => {
    const node = `80010084${HASH}00`;
    expect(refusal(() => decode(node))).toMatchObject({
      code: 'TRIE_NODE_CHILD_TOO_LONG',
      meta: { got: 33 },
    });
  });

  it('when the length of a value or of a child is not in its shortest form', () => {
    for (const node of ['400d00010203', '80010009004100', '400e000000010203']) {
      expect(refusal(() => decode(node)).code).toBe('SCALE_COMPACT_NOT_CANONICAL');
    }
  });

  const nodes = [
    '42ab0c010203',
    `230abc${HASH}`,
    `8107018008410080${HASH}`,
    'c0040004ff084100',
    `11020100${HASH}084100`,
  ];

  it.each(nodes)('when a byte follows it: %s', (node) => {
    const extended = concatBytes(fromHex(`0x${node}`), Uint8Array.of(0));
    expect(refusal(() => decodeTrieNode(extended)).code).toBe('SCALE_TRAILING_BYTES');
  });

  it.each(nodes)('when cut short anywhere: %s', (node) => {
    const bytes = fromHex(`0x${node}`);
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(() => decodeTrieNode(bytes.subarray(0, length))).code).toBe('SCALE_TRUNCATED');
    }
  });
});

describe('the nibbles of a key', () => {
  it('come high half first', () => {
    const path = keyNibbles(Uint8Array.of(0x12, 0xef));
    expect(Array.from({ length: path.count }, (_, i) => nibbleAt(path, i))).toEqual([1, 2, 14, 15]);
  });
});
