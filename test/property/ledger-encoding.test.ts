import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shuffle } from '../../src/ledger/shuffle.ts';
import type { LedgerState } from '../../src/ledger/state.ts';
import { decodeState, encodeState } from '../../src/ledger/state-codec.ts';
import { assetId } from '../../src/protocol/asset.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { BridgeError } from '../../src/shared/errors.ts';

const hexOf = (bytes: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(toHex);
const uint64 = fc.bigInt(0n, (1n << 64n) - 1n);
const position = fc.record({ count: uint64, head: hexOf(32) });

/** Any state that a ledger could be in. */
const state: fc.Arbitrary<LedgerState> = fc
  .record({
    number: uint64,
    chains: fc.uniqueArray(
      fc.record({ chainId: uint64, gateway: hexOf(20), inbox: position, released: position }),
      { selector: ({ chainId }) => chainId, minLength: 1, maxLength: 16 },
    ),
    assets: fc.uniqueArray(fc.tuple(fc.nat(15), hexOf(20)), {
      selector: ([origin, token]) => `${origin} ${token}`,
      maxLength: 8,
    }),
    amounts: fc.array(fc.bigInt(0n, 1n << 120n), { minLength: 16, maxLength: 16 }),
  })
  .map(({ number, chains: anyOrder, assets, amounts }) => {
    const chains = anyOrder.toSorted((a, b) => (a.chainId < b.chainId ? -1 : 1));
    const supply = assets.flatMap(([place, token]) => {
      const origin = chains[place % chains.length]?.chainId ?? 0n;
      const minted = chains
        .map(({ chainId }, i) => ({ chainId, amount: amounts[(i + place) % 16] ?? 0n }))
        .filter(({ chainId, amount }) => chainId !== origin && amount > 0n);
      const locked = minted.reduce((sum, { amount }) => sum + amount, 0n);
      return locked === 0n ? [] : [{ asset: assetId(origin, token), locked, minted }];
    });
    const byAsset = new Map(supply.map((entry) => [entry.asset, entry]));
    const ascending = [...byAsset.values()].sort((a, b) => (a.asset < b.asset ? -1 : 1));
    return { number, chains, supply: ascending };
  });

/** What decodes, or undefined for a refusal; anything but a refusal fails the test. */
function decodeOrRefuse(bytes: Uint8Array): LedgerState | undefined {
  try {
    return decodeState(bytes);
  } catch (error) {
    if (error instanceof BridgeError) return undefined;
    throw error;
  }
}

describe('the state encoding', () => {
  test('comes back as the state it was made of', () => {
    fc.assert(
      fc.property(state, (any) => {
        expect(decodeState(encodeState(any))).toEqual(any);
      }),
    );
  });

  test('is the only one: bytes that decode are what their state encodes to', () => {
    const change = fc.record({ at: fc.nat(4_000), byte: fc.nat(255), cut: fc.nat(3) });
    fc.assert(
      fc.property(state, fc.array(change, { minLength: 1, maxLength: 3 }), (any, changes) => {
        let bytes = encodeState(any);
        for (const { at, byte, cut } of changes) {
          bytes = Uint8Array.from(bytes);
          bytes[at % bytes.length] = byte;
          if (cut === 3) bytes = bytes.subarray(0, at % bytes.length);
        }
        const decoded = decodeOrRefuse(bytes);
        if (decoded !== undefined) expect(toHex(encodeState(decoded))).toBe(toHex(bytes));
      }),
      { numRuns: 500 },
    );
  });

  test('of random bytes is refused, never a crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(decodeOrRefuse(bytes)).toBeUndefined();
      }),
    );
  });
});

describe('the shuffle', () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const numbers = (length: number) => Array.from({ length }, (_, i) => i);

  test('is a permutation', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), key, (items, secret) => {
        const byValue = (a: number, b: number) => a - b;
        expect(shuffle(items, secret).toSorted(byValue)).toEqual(items.toSorted(byValue));
      }),
    );
  });

  test('depends on every key', () => {
    fc.assert(
      fc.property(fc.tuple(key, key), ([a, b]) => {
        const isSame = toHex(a) === toHex(b);
        const orders = [a, b].map((secret) => shuffle(numbers(30), secret).join());
        expect(orders[0] === orders[1]).toBe(isSame);
      }),
    );
  });
});
