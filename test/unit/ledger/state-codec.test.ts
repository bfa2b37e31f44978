import { describe, expect, test } from 'vitest';
import type { LedgerAsset, LedgerState } from '../../../src/ledger/state.ts';
import {
  decodeFixed,
  decodeState,
  encodeFixed,
  encodeState,
} from '../../../src/ledger/state-codec.ts';
import { encodeControl } from '../../../src/protocol/control.ts';
import { concatBytes, type Hex, toHex } from '../../../src/shared/bytes.ts';
import {
  ACCOUNT,
  ACCOUNT_HEX,
  ASSET,
  BATCH,
  BATCH_HEX,
  COIN,
  DUMMY_HEX,
  EAST,
  LEG_HEX,
  NORTH,
  PENDING,
  STATE,
  uint,
  WEST,
  whole,
  word,
} from '../../support/ledger-sample.ts';
import { refusal } from '../../support/refusal.ts';

const FIXED_HEX = [
  '02',
  uint(5, 8),
  uint(29, 8),
  uint(1_900_000_000, 8),
  '08',
  `${uint(100, 8)}${'a1'.repeat(20)}${uint(7, 8)}${'b1'.repeat(32)}`,
  `${uint(0, 8)}${'00'.repeat(32)}${uint(0, 8)}00`,
  `${uint(200, 8)}${'a2'.repeat(20)}${uint(0, 8)}${'00'.repeat(32)}`,
  `${uint(258, 8)}${'b2'.repeat(32)}${uint(257, 8)}01`,
  uint(2, 8) + 'b4'.repeat(32),
  `04${uint(40, 8)}0680${uint(4, 32)}`,
  `04${COIN.slice(2)}01${uint(1_000, 16)}080004${uint(5, 16)}${uint(6, 16)}`,
  `08${uint(100, 8)}${uint(0, 16)}${uint(200, 8)}${uint(3, 16)}`,
  `${uint(9, 16)}${uint(514, 16)}04${uint(200, 8)}${uint(513, 16)}`,
  `04${uint(3, 8)}${uint(1, 8)}`,
].join('');

describe('the encoding', () => {
  test('of the fixed part is the documented bytes', () => {
    const map = ({ root, size }: { root: () => Hex; size: number }) =>
      root().slice(2) + uint(size, 4);
    const expected = [
      FIXED_HEX,
      map(STATE.epochs[0]!.opened),
      'ab'.repeat(32),
      'be'.repeat(32),
      map(STATE.accounts),
      map(STATE.legs),
      map(STATE.batches),
    ].join('');
    expect(toHex(encodeFixed(STATE))).toBe(`0x${expected}`);
  });

  test('of the whole appends the entries, by ascending key, map by map', () => {
    const expected = [
      toHex(encodeFixed(STATE)).slice(2),
      // Compact lengths: 145, 199, 234 and 8 bytes.
      `${'a0'.repeat(32)}4502${ACCOUNT_HEX}`,
      `${'1d'.repeat(32)}1d03${DUMMY_HEX}`,
      `${'1e'.repeat(32)}1d03${LEG_HEX}`,
      `${'ba'.repeat(32)}a903${BATCH_HEX}`,
      `${'0e'.repeat(32)}20${uint(2, 8)}`,
    ].join('');
    expect(toHex(whole(STATE))).toBe(`0x${expected}`);
    const { accounts, legs, batches, epochs, ...rest } = decodeState(whole(STATE));
    expect(STATE).toMatchObject(rest);
    expect(accounts.get(word('a0'))).toEqual(ACCOUNT);
    expect([...legs.entries()]).toEqual([...STATE.legs.entries()]);
    expect(batches.get(word('ba'))).toEqual(BATCH);
    expect(epochs[0]?.opened.get(word('0e'))).toEqual({ round: 2n });
  });

  test('comes in portions, so that no state is too long for a string', () => {
    let accounts = STATE.accounts;
    for (let i = 0; i < 3_000; i++) accounts = accounts.set(`0x${uint(i, 32)}`, ACCOUNT);
    const portions = [...encodeState({ ...STATE, accounts })];
    expect(portions.length).toBeGreaterThan(6);
    expect(Math.max(...portions.map(({ length }) => length))).toBeLessThan(1 << 17);
    expect(decodeState(concatBytes(...portions)).accounts.root()).toBe(accounts.root());
  });

  test('with any byte more or less is refused', () => {
    const good = whole(STATE);
    for (let length = 0; length < good.length; length++) {
      expect(refusal(() => decodeState(good.subarray(0, length))).code).toMatch(
        /^SCALE_TRUNCATED$|^LEDGER_STATE_MALFORMED$/,
      );
    }
    const longer = new Uint8Array([...good, 0]);
    expect(refusal(() => decodeState(longer)).code).toBe('SCALE_TRAILING_BYTES');
    const fixed = encodeFixed(STATE);
    expect(refusal(() => decodeFixed(fixed.subarray(0, -1))).code).toBe('SCALE_TRUNCATED');
    const longerFixed = new Uint8Array([...fixed, 0]);
    expect(refusal(() => decodeFixed(longerFixed)).code).toBe('SCALE_TRAILING_BYTES');
  });

  test('with any byte of an entry changed is refused', () => {
    const good = whole(STATE);
    for (let at = encodeFixed(STATE).length; at < good.length; at++) {
      const other = Uint8Array.from(good);
      other[at] = (other[at] ?? 0) ^ 1;
      expect(() => decodeState(other)).toThrow();
    }
  });

  const withAsset = (part: Partial<LedgerAsset>): LedgerState => ({
    ...STATE,
    assets: [{ ...ASSET, ...part }],
  });
  const [epoch] = STATE.epochs;
  test.each<[string, LedgerState]>([
    ['no chain', { ...STATE, chains: [], assets: [] }],
    ['chains out of order', { ...STATE, chains: [EAST, WEST] }],
    ['a chain twice', { ...STATE, chains: [WEST, WEST, EAST] }],
    ['more paid than released', { ...STATE, chains: [{ ...WEST, paid: 1n }, EAST] }],
    ['control out of order', { ...STATE, pending: [PENDING, { ...PENDING, holdsFrom: 39n }] }],
    ['an asset twice', { ...STATE, assets: [ASSET, ASSET] }],
    ['rungs out of order', withAsset({ terms: { ...ASSET.terms!, rungs: [4, 0] } })],
    ['a rate on an unknown chain', withAsset({ rates: [{ chainId: 300n, amount: 1n }] })],
    ['a rate twice', withAsset({ rates: [ASSET.rates[0]!, ASSET.rates[0]!] })],
    ['less locked than minted', withAsset({ locked: 512n })],
    ['nothing minted', withAsset({ minted: [{ chainId: 200n, amount: 0n }] })],
    ['an asset minted at its origin', withAsset({ minted: [{ chainId: 100n, amount: 1n }] })],
    ['an asset minted on an unknown chain', withAsset({ minted: [{ chainId: 300n, amount: 1n }] })],
    ['no epoch', { ...STATE, epochs: [] }],
    ['an epoch twice', { ...STATE, epochs: [epoch!, epoch!] }],
  ])('of %s is refused', (_, state) => {
    expect(refusal(() => decodeFixed(encodeFixed(state))).code).toBe('LEDGER_STATE_MALFORMED');
  });

  test('of an asset on two other chains, with messages that wait for one round, is read', () => {
    const state = {
      ...STATE,
      chains: [WEST, EAST, NORTH],
      pending: [PENDING, PENDING],
      assets: [{ ...ASSET, minted: [EAST, NORTH].map(({ chainId }) => ({ chainId, amount: 1n })) }],
    };
    expect(decodeFixed(encodeFixed(state))).toMatchObject({ assets: state.assets });
  });

  test('of another version is refused', () => {
    const { code, meta } = refusal(() => decodeFixed(encodeFixed(STATE).fill(1, 0, 1)));
    expect({ code, meta }).toEqual({ code: 'LEDGER_STATE_MALFORMED', meta: { version: 1 } });
  });

  test('of a control message that no anchor sends is refused', () => {
    const { payload } = encodeControl(PENDING.content);
    const at = toHex(encodeFixed(STATE)).indexOf(toHex(payload).slice(2)) / 2 - 1;
    const other = encodeFixed(STATE).fill(0, at, at + 32);
    expect(refusal(() => decodeFixed(other)).code).toBe('LEDGER_STATE_MALFORMED');
  });

  test('that announces more chains than there may be is refused before they are read', () => {
    const many = encodeFixed(STATE).fill(17 << 2, 25, 26);
    expect(refusal(() => decodeFixed(many)).code).toBe('SCALE_COUNT_EXCEEDED');
  });
});
