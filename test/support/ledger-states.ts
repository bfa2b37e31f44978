import fc from 'fast-check';
import { type AuthMap, emptyMap, type ValueCodec } from '../../src/ledger/auth-map.ts';
import {
  ACCOUNT_VALUES,
  BATCH_VALUES,
  LEG_VALUES,
  OPENED_VALUES,
} from '../../src/ledger/entry-codecs.ts';
import type {
  Account,
  AssetTerms,
  ChainAmount,
  LedgerAsset,
  LedgerChain,
  LedgerState,
  LegEntry,
  OpenedEntry,
  PendingControl,
} from '../../src/ledger/state.ts';
import { assetId } from '../../src/protocol/asset.ts';
import type { ControlContent } from '../../src/protocol/control.ts';
import type { ReleaseBatch } from '../../src/protocol/release.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';

// States that could be encoded, whether or not a ledger can come to them.

const hexOf = (length: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map(toHex);
const uint64 = fc.bigInt(0n, (1n << 64n) - 1n);
const amount = fc.bigInt(0n, (1n << 128n) - 1n);
const position = fc.record({ count: uint64, head: hexOf(32) });

const ascending = <T>(items: readonly T[], keyOf: (item: T) => bigint | Hex): T[] =>
  items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
const ascendingArray = <T>(item: fc.Arbitrary<T>, keyOf: (item: T) => bigint | Hex, most: number) =>
  fc
    .uniqueArray(item, { selector: keyOf, maxLength: most })
    .map((items) => ascending(items, keyOf));

const assetAmounts = ascendingArray(
  fc.record({ asset: hexOf(32), amount: fc.bigInt(1n, (1n << 128n) - 1n) }),
  ({ asset }) => asset,
  4,
);

/** An account. */
export const account: fc.Arbitrary<Account> = fc.record({
  root: hexOf(32),
  nonceBase: uint64,
  nonceBits: uint64,
  balances: assetAmounts,
});

/** What waits to leave, or a dummy. */
export const leg: fc.Arbitrary<LegEntry> = fc.record({
  payment: fc.option(
    fc.record({
      asset: hexOf(32),
      chainId: uint64,
      amount,
      recipient: hexOf(20),
      tag: hexOf(32),
      account: hexOf(32),
      root: hexOf(32),
      crowd: fc.constantFrom(1, 2, 4),
    }),
    { nil: undefined },
  ),
  notBefore: uint64,
  patience: uint64,
  afterPatience: fc.constantFrom('return', 'wait'),
  exitRound: uint64,
});

/** A batch that is not paid. */
export const batch: fc.Arbitrary<ReleaseBatch> = fc.record({
  chainId: uint64,
  gateway: hexOf(20),
  firstIndex: uint64,
  prevHead: hexOf(32),
  releases: fc.array(
    fc.record({
      tag: hexOf(32),
      asset: hexOf(32),
      recipient: hexOf(20),
      amount,
      refundOf: uint64,
    }),
    { minLength: 1, maxLength: 16 },
  ),
  fees: assetAmounts,
  consumedCount: uint64,
});

/** That an envelope has opened. */
export const opened: fc.Arbitrary<OpenedEntry> = fc.record({ round: uint64 });

const mapOf = <V>(codec: ValueCodec<V>, value: fc.Arbitrary<V>): fc.Arbitrary<AuthMap<V>> =>
  fc
    .array(fc.tuple(hexOf(32), value), { maxLength: 4 })
    .map((entries) => entries.reduce((map, [k, v]) => map.set(k, v), emptyMap(codec)));

const chain: fc.Arbitrary<LedgerChain> = fc
  .record({
    chainId: uint64,
    gateway: hexOf(20),
    inbox: position,
    released: position,
    paid: uint64,
    isSuspended: fc.boolean(),
  })
  .map(({ paid, ...rest }) => ({ ...rest, paid: paid % (rest.released.count + 1n) }));

const terms: fc.Arbitrary<AssetTerms> = fc.record({
  poolUnit: amount,
  rungs: ascendingArray(fc.bigInt(0n, 113n), (rung) => rung, 7).map((rungs) => rungs.map(Number)),
  entryFee: amount,
  leastBalance: amount,
});

const uint64AboveZero = fc.bigInt(1n, (1n << 64n) - 1n);
const assetAboveZero = hexOf(32).filter((asset) => BigInt(asset) > 0n);
const content: fc.Arbitrary<ControlContent> = fc.oneof(
  fc.record({
    kind: fc.constant('registerAsset'),
    asset: assetAboveZero,
    poolUnit: fc.bigInt(1n, 1n << 60n),
    rungs: fc.constantFrom([0], [0, 1, 2], [3, 9, 33]),
    entryFee: amount,
    leastBalance: amount,
  }),
  fc.record({
    kind: fc.constant('setRate'),
    asset: assetAboveZero,
    chainId: uint64AboveZero,
    rate: amount,
  }),
  fc.record({ kind: fc.constant('setReward'), asset: assetAboveZero, reward: amount }),
  fc.record({ kind: fc.constantFrom('suspend', 'resume'), chainId: uint64AboveZero }),
  fc.record({ kind: fc.constant('startEpoch'), epoch: uint64AboveZero }),
  fc.record({ kind: fc.constant('nameSuccessor'), measurement: assetAboveZero }),
);

const pending: fc.Arbitrary<PendingControl[]> = fc
  .array(fc.record({ holdsFrom: uint64, content }), { maxLength: 4 })
  .map((list) => ascending(list, ({ holdsFrom }) => holdsFrom));

/** An asset as it may be on these chains. */
function assetOn(chains: readonly LedgerChain[]): fc.Arbitrary<LedgerAsset> {
  const chainIds = chains.map(({ chainId }) => chainId);
  const amounts = (least: bigint): fc.Arbitrary<ChainAmount[]> =>
    ascendingArray(
      fc.record({
        chainId: fc.constantFrom(...chainIds),
        amount: fc.bigInt(least, 1n << 120n),
      }),
      ({ chainId }) => chainId,
      3,
    );
  return fc
    .record({
      origin: fc.constantFrom(...chainIds),
      token: hexOf(20),
      terms: fc.option(terms, { nil: undefined }),
      rates: amounts(0n),
      reward: amount,
      held: fc.bigInt(0n, 1n << 120n),
      anywhere: amounts(1n),
    })
    .map(({ origin, token, held, anywhere, ...rest }) => {
      const minted = anywhere.filter(({ chainId }) => chainId !== origin);
      const locked = minted.reduce((sum, part) => sum + part.amount, held);
      return { ...rest, asset: assetId(origin, token), locked, minted };
    });
}

/** A state. */
export const ledgerState: fc.Arbitrary<LedgerState> = fc
  .uniqueArray(chain, { selector: ({ chainId }) => chainId, minLength: 1, maxLength: 16 })
  .map((chains) => ascending(chains, ({ chainId }) => chainId))
  .chain((chains) =>
    fc.record({
      number: uint64,
      round: uint64,
      asOf: uint64,
      chains: fc.constant(chains),
      control: position,
      pending,
      assets: ascendingArray(assetOn(chains), ({ asset }) => asset, 4),
      epochs: fc
        .uniqueArray(
          fc.record({
            epoch: uint64,
            firstRound: uint64,
            opened: mapOf(OPENED_VALUES, opened),
          }),
          { selector: ({ epoch }) => epoch, minLength: 1, maxLength: 3 },
        )
        .map((epochs) => ascending(epochs, ({ epoch }) => epoch)),
      successor: hexOf(32),
      beneficiary: hexOf(32),
      accounts: mapOf(ACCOUNT_VALUES, account),
      legs: mapOf(LEG_VALUES, leg),
      batches: mapOf(BATCH_VALUES, batch),
    }),
  );
