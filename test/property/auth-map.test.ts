import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AuthMap,
  applyChanges,
  diffMaps,
  editMap,
  emptyMap,
  type MapEdit,
  mapFromEntries,
} from '../../src/ledger/auth-map.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { toHex } from '../../src/shared/bytes.ts';
import { naiveRoot } from '../reference/ledger/naive-map.ts';
import { BYTE_VALUES } from '../support/byte-values.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** Keys that share much, so that branches lie at every depth, and keys that are met again. */
const key: fc.Arbitrary<Hex> = fc.oneof(
  bytes(32).map(toHex),
  fc.nat(255).map((bit) => toHex32(1n << BigInt(bit))),
  fc.nat(15).map((low) => toHex32(BigInt(low))),
  fc.nat(15).map((low) => toHex32((0xffn << 248n) | BigInt(low))),
);
const value: fc.Arbitrary<Hex> = fc.uint8Array({ maxLength: 3 }).map(toHex);
const entries = fc.uniqueArray(fc.tuple(key, value), { selector: ([k]) => k, maxLength: 40 });
/** A value to set, or undefined to delete. */
const changes = fc.array(fc.tuple(key, fc.option(value, { nil: undefined })), { maxLength: 60 });

function toHex32(number: bigint): Hex {
  return `0x${number.toString(16).padStart(64, '0')}`;
}

function mapOf(list: Iterable<readonly [Hex, Hex]>): AuthMap<Hex> {
  let map = emptyMap(BYTE_VALUES);
  for (const [k, v] of list) map = map.set(k, v);
  return map;
}

function change(map: AuthMap<Hex>, [k, v]: readonly [Hex, Hex | undefined]): AuthMap<Hex> {
  return v === undefined ? map.delete(k) : map.set(k, v);
}

function changeIn(edit: MapEdit<Hex>, [k, v]: readonly [Hex, Hex | undefined]): void {
  if (v === undefined) edit.delete(k);
  else edit.set(k, v);
}

/** The root that the slow twin finds. */
function twinRoot(list: Iterable<readonly [Hex, Hex]>): Hex {
  return `0x${naiveRoot([...list].map(([k, v]) => [k.slice(2), v.slice(2)]))}`;
}

describe('an authenticated map', () => {
  test('is at every step what a plain map is, with the root of the slow twin', () => {
    fc.assert(
      fc.property(changes, (steps) => {
        let map = emptyMap(BYTE_VALUES);
        const plain = new Map<Hex, Hex>();
        for (const step of steps) {
          map = change(map, step);
          const [k, v] = step;
          if (v === undefined) plain.delete(k);
          else plain.set(k, v);
          expect(map.get(k)).toBe(v);
          expect(map.size).toBe(plain.size);
        }
        expect([...map.entries()]).toEqual([...plain].sort(([a], [b]) => (a < b ? -1 : 1)));
        expect(map.root()).toBe(twinRoot(plain));
      }),
    );
  });

  test('has one root whatever order it was built in, whole or one by one', () => {
    fc.assert(
      fc.property(entries, fc.infiniteStream(fc.double({ noNaN: true })), (list, ranks) => {
        const shuffled = list
          .map((entry) => ({ entry, rank: ranks.next().value ?? 0 }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ entry }) => entry);
        const map = mapOf(list);
        expect(mapOf(shuffled).root()).toBe(map.root());
        const whole = mapFromEntries(BYTE_VALUES, map.entries());
        expect(whole.root()).toBe(map.root());
        expect([...whole.entries()]).toEqual([...map.entries()]);
      }),
    );
  });

  test('forgets what is deleted as if it had never been there', () => {
    fc.assert(
      fc.property(entries, entries, (kept, passing) => {
        const keptKeys = new Set(kept.map(([k]) => k));
        const others = passing.filter(([k]) => !keptKeys.has(k));
        const before = mapOf(kept);
        let map = mapOf([...others, ...kept]);
        map.root();
        for (const [k] of others) map = map.delete(k);
        expect(map.root()).toBe(before.root());
        expect(map.size).toBe(before.size);
      }),
    );
  });

  test('stays what it was when others are made from it', () => {
    fc.assert(
      fc.property(entries, changes, (list, steps) => {
        const map = mapOf(list);
        const root = map.root();
        steps.reduce(change, map).root();
        expect([...map.entries()]).toEqual(list.toSorted(([a], [b]) => (a < b ? -1 : 1)));
        expect(map.root()).toBe(root);
        expect(mapOf(list).root()).toBe(root);
      }),
    );
  });

  test('has another root after any change to an entry', () => {
    fc.assert(
      fc.property(entries, key, value, (list, k, v) => {
        const map = mapOf(list);
        if (map.get(k) !== v) expect(map.set(k, v).root()).not.toBe(map.root());
        if (map.get(k) !== undefined) expect(map.delete(k).root()).not.toBe(map.root());
      }),
    );
  });
});

describe('an edit of a map', () => {
  test('comes to what the same changes make one by one, at every step, and leaves the map as it was', () => {
    fc.assert(
      fc.property(entries, changes, fc.nat(60), (list, steps, until) => {
        const before = mapOf(list);
        const edit = editMap(before);
        let expected = before;
        let early: readonly [AuthMap<Hex>, AuthMap<Hex>] | undefined;
        for (const [i, [k, v]] of steps.entries()) {
          if (i === until) early = [edit.done(), expected];
          changeIn(edit, [k, v]);
          expected = change(expected, [k, v]);
          expect(edit.get(k)).toBe(v);
        }
        const after = edit.done();
        expect([...after.entries()]).toEqual([...expected.entries()]);
        expect([after.size, after.root()]).toEqual([expected.size, twinRoot(expected.entries())]);
        expect([...before.entries()]).toEqual(list.toSorted(([a], [b]) => (a < b ? -1 : 1)));
        expect(before.root()).toBe(twinRoot(list));
        if (early !== undefined) {
          expect([...early[0].entries()]).toEqual([...early[1].entries()]);
          expect(early[0].root()).toBe(early[1].root());
        }
      }),
    );
  });
});

describe('what an edit sets near a key', () => {
  test('is there under that key', () => {
    fc.assert(
      fc.property(entries, key, value, (list, k, v) => {
        const before = mapOf(list);
        const edit = editMap(before);
        edit.setNear(k, () => ({ key: k, value: v }));
        const expected = list.length === 0 ? before : before.set(k, v);
        expect([edit.done().size, edit.done().root()]).toEqual([expected.size, expected.root()]);
      }),
    );
  });

  test('follows from the entry with that key, or else from one that is there', () => {
    fc.assert(
      fc.property(entries, key, (list, k) => {
        const before = mapOf(list);
        const edit = editMap(before);
        const seen: (Hex | undefined)[] = [];
        edit.setNear(k, (near) => {
          seen.push(near.key);
          expect(before.get(near.key)).toBe(near.value);
          return near;
        });
        expect(seen).toHaveLength(list.length === 0 ? 0 : 1);
        if (before.get(k) !== undefined) expect(seen).toEqual([k]);
        expect([edit.done().size, edit.done().root()]).toEqual([before.size, before.root()]);
      }),
    );
  });
});

describe('the difference of two maps', () => {
  test('leads from one to the other, by ascending key, and names nothing that is alike', () => {
    fc.assert(
      fc.property(entries, changes, fc.boolean(), (list, steps, areRelated) => {
        const before = mapOf(list);
        const after = steps.reduce(change, areRelated ? before : emptyMap(BYTE_VALUES));
        const diff = diffMaps(before, after);
        const keys = new Set([...before.entries(), ...after.entries()].map(([k]) => k));
        const expected = [...keys]
          .sort()
          .filter((k) => before.get(k) !== after.get(k))
          .map((k) => ({ key: k, value: after.get(k) }));
        expect(diff).toEqual(expected);
        expect(applyChanges(before, diff).root()).toBe(after.root());
      }),
    );
  });
});
