import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ValueCodec } from '../../src/ledger/auth-map.ts';
import { bytesOfDigits } from '../../src/ledger/encoding.ts';
import {
  ACCOUNT_VALUES,
  BATCH_VALUES,
  LEG_VALUES,
  OPENED_VALUES,
} from '../../src/ledger/entry-codecs.ts';
import { shuffle } from '../../src/ledger/shuffle.ts';
import type { LedgerState } from '../../src/ledger/state.ts';
import {
  decodeFixed,
  decodeState,
  encodeFixed,
  encodeState,
} from '../../src/ledger/state-codec.ts';
import { applyDelta, encodeDelta } from '../../src/ledger/state-delta.ts';
import { concatBytes, toHex } from '../../src/shared/bytes.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import { account, batch, ledgerState, leg, opened } from '../support/ledger-states.ts';

/** What decodes, or undefined for a refusal; anything but a refusal fails the test. */
function decodeOrRefuse<T>(decode: (bytes: Uint8Array) => T, bytes: Uint8Array): T | undefined {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof BridgeError) return undefined;
    throw error;
  }
}

const wholeOf = (state: LedgerState) => concatBytes(...encodeState(state));
const edits = fc.array(
  fc.record({ at: fc.nat(8_000), byte: fc.nat(255), isCut: fc.nat(5).map((n) => n === 0) }),
  { minLength: 1, maxLength: 3 },
);

/** Changes bytes, and sometimes cuts the rest off. */
function edit(bytes: Uint8Array, list: typeof edits extends fc.Arbitrary<infer T> ? T : never) {
  return list.reduce((now, { at, byte, isCut }) => {
    if (now.length === 0) return now;
    const next = Uint8Array.from(now);
    next[at % next.length] = byte;
    return isCut ? next.subarray(0, at % next.length) : next;
  }, bytes);
}

interface Encoding<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

/** That whatever a decoder takes is what its value is encoded to. */
function expectOnlyEncoding<T>(
  value: fc.Arbitrary<T>,
  { encode, decode }: Encoding<T>,
  numRuns = 300,
): void {
  fc.assert(
    fc.property(value, edits, (any, changes) => {
      const bytes = edit(encode(any), changes);
      const decoded = decodeOrRefuse(decode, bytes);
      if (decoded !== undefined) expect(toHex(encode(decoded))).toBe(toHex(bytes));
    }),
    { numRuns },
  );
}

describe('the encoding of an entry', () => {
  const codecs = [
    ['an account', () => checkCodec(account, ACCOUNT_VALUES)],
    ['a leg', () => checkCodec(leg, LEG_VALUES)],
    ['a batch', () => checkCodec(batch, BATCH_VALUES)],
    ['an opened envelope', () => checkCodec(opened, OPENED_VALUES)],
  ] as const;

  test.each(codecs)('of %s comes back, and is the only one', (_, check) => check());

  function checkCodec<T>(value: fc.Arbitrary<T>, { digits, decode }: ValueCodec<T>): void {
    const encode = (any: T) => bytesOfDigits(digits(any));
    fc.assert(
      fc.property(value, (any) => {
        expect(decode(encode(any))).toEqual(any);
      }),
    );
    expectOnlyEncoding(value, { encode, decode });
  }

  test('of a leg is as long as that of a dummy', () => {
    fc.assert(
      fc.property(leg, (any) => {
        expect(LEG_VALUES.digits(any)).toHaveLength(2 * 199);
      }),
    );
  });
});

describe('the encoding of a state', () => {
  test('comes back with all entries, and its fixed part with their roots and sizes', () => {
    fc.assert(
      fc.property(ledgerState, (state) => {
        const decoded = decodeState(wholeOf(state));
        expect(toHex(wholeOf(decoded))).toBe(toHex(wholeOf(state)));
        expect([...decoded.accounts.entries()]).toEqual([...state.accounts.entries()]);
        const { root, size } = decodeFixed(encodeFixed(state)).legs;
        expect({ root, size }).toEqual({ root: state.legs.root(), size: state.legs.size });
        const { accounts, legs, batches, epochs, ...rest } = decoded;
        expect(state).toMatchObject(rest);
      }),
    );
  });

  test('is the only one: bytes that decode are what their state encodes to', () => {
    expectOnlyEncoding(ledgerState, { encode: wholeOf, decode: decodeState }, 500);
    fc.assert(
      fc.property(ledgerState, edits, (state, changes) => {
        const bytes = edit(encodeFixed(state), changes);
        const fixed = decodeOrRefuse(decodeFixed, bytes);
        if (fixed === undefined) return;
        const asMap = ({ root, size }: { root: `0x${string}`; size: number }) =>
          ({ root: () => root, size }) as never;
        const epochs = fixed.epochs.map((epoch) => ({ ...epoch, opened: asMap(epoch.opened) }));
        const again = encodeFixed({
          ...fixed,
          epochs,
          accounts: asMap(fixed.accounts),
          legs: asMap(fixed.legs),
          batches: asMap(fixed.batches),
        });
        expect(toHex(again)).toBe(toHex(bytes));
      }),
      { numRuns: 500 },
    );
  });

  test('of random bytes is refused, never a crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(decodeOrRefuse(decodeState, bytes)).toBeUndefined();
        expect(decodeOrRefuse(decodeFixed, bytes)).toBeUndefined();
      }),
    );
  });
});

describe('a delta', () => {
  test('leads from one state to the other', () => {
    fc.assert(
      fc.property(ledgerState, ledgerState, (before, after) => {
        const reached = applyDelta(before, encodeDelta(before, after));
        expect(toHex(wholeOf(reached))).toBe(toHex(wholeOf(after)));
      }),
    );
  });

  test('with any byte changed leads to the same state, or nowhere', () => {
    fc.assert(
      fc.property(ledgerState, ledgerState, edits, (before, after, changes) => {
        const bytes = encodeDelta(before, after);
        const edited = edit(bytes, changes);
        const reached = decodeOrRefuse((any) => applyDelta(before, any), edited);
        if (reached === undefined) return;
        // Only what the fixed part itself says can have changed: its maps are those that it names.
        expect(toHex(encodeFixed(reached))).toBe(toHex(edited.subarray(0, fixedLength(reached))));
      }),
    );
  });

  function fixedLength(state: LedgerState): number {
    return encodeFixed(state).length;
  }
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
