import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  insert,
  nextKey,
  remove,
  type TrieNode,
  walk,
} from '../../../../../devnet/polkadot/trie/node.ts';

type Entries = [key: string, value: number | undefined][];

const keys = fc
  .uint8Array({ minLength: 0, maxLength: 3 })
  .map((bytes) => Buffer.from(bytes.map((byte) => byte & 0x33)).toString('hex'));

function build(entries: readonly (readonly [string, number])[]): TrieNode | undefined {
  return entries.reduce<TrieNode | undefined>(
    (trie, [key, value]) => insert(trie, key, Uint8Array.of(value)),
    undefined,
  );
}

function contents(trie: TrieNode | undefined): Entries {
  const entries: Entries = [];
  const root = walk(trie, '').value;
  if (root !== undefined) entries.push(['', root[0]]);
  for (let key = nextKey(trie, ''); key !== undefined; key = nextKey(trie, key)) {
    entries.push([key, walk(trie, key).value?.[0]]);
  }
  return entries;
}

describe('the persistent trie', () => {
  it('holds what a sorted map would hold, in its order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, fc.nat(255))), fc.array(keys), (entries, removed) => {
        const map = new Map(entries);
        for (const key of removed) map.delete(key);
        const trie = removed.reduce(remove, build(entries));
        const sorted = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(contents(trie)).toEqual(sorted);
      }),
    );
  });

  it('is the same structure whatever the order of the changes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(keys, { minLength: 1 }), keys, (list, extra) => {
        const entries = list.filter((key) => key !== extra).map((key) => [key, 1] as const);
        const detour = remove(insert(build(entries), extra, Uint8Array.of(9)), extra);
        expect(detour).toEqual(build(entries.toReversed()));
      }),
    );
  });

  it('leaves earlier versions as they were', () => {
    const before = build([
      ['00', 1],
      ['01', 2],
    ]);
    insert(before, '00', Uint8Array.of(7));
    remove(before, '01');
    expect(contents(before)).toEqual([
      ['00', 1],
      ['01', 2],
    ]);
  });

  it('finds the next key after one that is not there', () => {
    const trie = build([
      ['0a', 1],
      ['20', 2],
      ['2000', 3],
    ]);
    expect(nextKey(trie, '0b')).toBe('20');
    expect(nextKey(trie, '20')).toBe('2000');
    expect(nextKey(trie, '1f')).toBe('20');
    expect(nextKey(trie, '2001')).toBeUndefined();
  });
});
