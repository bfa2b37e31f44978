import { emptyMap } from '../../src/ledger/auth-map.ts';
import {
  ACCOUNT_VALUES,
  BATCH_VALUES,
  LEG_VALUES,
  OPENED_VALUES,
} from '../../src/ledger/entry-codecs.ts';
import type {
  Account,
  LedgerAsset,
  LedgerChain,
  LedgerState,
  LegEntry,
} from '../../src/ledger/state.ts';
import { encodeState } from '../../src/ledger/state-codec.ts';
import type { ReleaseBatch } from '../../src/protocol/release.ts';
import { concatBytes, type Hex } from '../../src/shared/bytes.ts';

// One state that has something of everything, and what it is written as.

/** 32 bytes of one byte. */
export const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
/** 20 bytes of one byte. */
export const address = (byte: string): Hex => `0x${byte.repeat(20)}`;
/** The digits of a number of `length` bytes. */
export const uint = (value: number, length: number) => value.toString(16).padStart(2 * length, '0');

export const WEST: LedgerChain = {
  chainId: 100n,
  gateway: address('a1'),
  inbox: { count: 7n, head: word('b1') },
  released: { count: 0n, head: word('00') },
  paid: 0n,
  isSuspended: false,
};
export const EAST: LedgerChain = {
  chainId: 200n,
  gateway: address('a2'),
  inbox: { count: 0n, head: word('00') },
  released: { count: 258n, head: word('b2') },
  paid: 257n,
  isSuspended: true,
};
export const NORTH: LedgerChain = { ...WEST, chainId: 300n };
/** The native coin of the west. */
export const COIN: Hex = `0x${uint(100, 12)}${'00'.repeat(20)}`;
export const ASSET: LedgerAsset = {
  asset: COIN,
  terms: { poolUnit: 1_000n, rungs: [0, 4], entryFee: 5n, leastBalance: 6n },
  rates: [
    { chainId: 100n, amount: 0n },
    { chainId: 200n, amount: 3n },
  ],
  reward: 9n,
  locked: 514n,
  minted: [{ chainId: 200n, amount: 513n }],
};
export const PENDING = { holdsFrom: 40n, content: { kind: 'startEpoch', epoch: 4n } } as const;
export const ACCOUNT: Account = {
  root: word('c1'),
  nonceBase: 1n,
  nonceBits: 5n,
  balances: [
    { asset: COIN, amount: 11n },
    { asset: word('dd'), amount: 12n },
  ],
};
export const LEG: LegEntry = {
  payment: {
    asset: COIN,
    chainId: 200n,
    amount: 2_000n,
    recipient: address('e1'),
    tag: word('e2'),
    account: word('e3'),
    root: word('c1'),
    crowd: 4,
  },
  notBefore: 30n,
  patience: 90n,
  afterPatience: 'wait',
  exitRound: 31n,
};
export const DUMMY: LegEntry = { ...LEG, payment: undefined, afterPatience: 'return' };
export const BATCH: ReleaseBatch = {
  chainId: 200n,
  gateway: address('a2'),
  firstIndex: 257n,
  prevHead: word('b3'),
  releases: [{ tag: word('f1'), asset: COIN, recipient: address('f2'), amount: 21n, refundOf: 8n }],
  fees: [{ asset: COIN, amount: 4n }],
  consumedCount: 3n,
};
export const STATE: LedgerState = {
  number: 5n,
  round: 29n,
  asOf: 1_900_000_000n,
  chains: [WEST, EAST],
  control: { count: 2n, head: word('b4') },
  pending: [PENDING],
  assets: [ASSET],
  epochs: [
    { epoch: 3n, firstRound: 1n, opened: emptyMap(OPENED_VALUES).set(word('0e'), { round: 2n }) },
  ],
  successor: word('ab'),
  beneficiary: word('be'),
  accounts: emptyMap(ACCOUNT_VALUES).set(word('a0'), ACCOUNT),
  legs: emptyMap(LEG_VALUES).set(word('1e'), LEG).set(word('1d'), DUMMY),
  batches: emptyMap(BATCH_VALUES).set(word('ba'), BATCH),
};

export const LEG_HEX = [
  '01',
  COIN.slice(2),
  uint(200, 8),
  uint(2_000, 16),
  'e1'.repeat(20),
  'e2'.repeat(32),
  'e3'.repeat(32),
  'c1'.repeat(32),
  '02',
  uint(30, 8),
  uint(90, 8),
  '01',
  uint(31, 8),
].join('');
export const DUMMY_HEX = ['00', '00'.repeat(173), uint(30, 8), uint(90, 8), '00', uint(31, 8)].join(
  '',
);
export const ACCOUNT_HEX = [
  'c1'.repeat(32),
  uint(1, 8),
  uint(5, 8),
  '08',
  COIN.slice(2) + uint(11, 16),
  'dd'.repeat(32) + uint(12, 16),
].join('');
export const BATCH_HEX = [
  uint(200, 8),
  'a2'.repeat(20),
  uint(257, 8),
  'b3'.repeat(32),
  '04',
  'f1'.repeat(32) + COIN.slice(2) + 'f2'.repeat(20) + uint(21, 16) + uint(8, 8),
  '04',
  COIN.slice(2) + uint(4, 16),
  uint(3, 8),
].join('');
/** All of a state's bytes. */
export const whole = (state: LedgerState) => concatBytes(...encodeState(state));
