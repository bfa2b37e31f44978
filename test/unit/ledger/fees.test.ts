import { describe, expect, test } from 'vitest';
import { beneficiaryReleases, poolFee, spreadFees } from '../../../src/ledger/fees.ts';
import { type AssetId, assetId } from '../../../src/protocol/asset.ts';
import type { Fee } from '../../../src/protocol/release.ts';
import {
  addressOf,
  BENEFICIARY,
  EAST_COIN,
  LEDGER_SECRET,
  WEST_COIN,
} from '../../support/ledger.ts';
import { refusal } from '../../support/refusal.ts';

const CONTEXT = { ledgerSecret: LEDGER_SECRET, number: 1n, chainId: 100n, recipient: BENEFICIARY };

function pooled(...fees: Fee[]): Map<AssetId, bigint> {
  const pool = new Map<AssetId, bigint>();
  for (const fee of fees) poolFee(pool, fee);
  return pool;
}

describe('the pool of fees', () => {
  test('adds up by asset, and does not list an asset that brought nothing', () => {
    const west = { asset: WEST_COIN, amount: 3n };
    expect([...pooled(west, { asset: EAST_COIN, amount: 0n }, west)]).toEqual([[WEST_COIN, 6n]]);
  });

  test('holds less than 2^128 of each', () => {
    const almost = { asset: WEST_COIN, amount: 2n ** 128n - 2n };
    const one = { asset: WEST_COIN, amount: 1n };
    expect(pooled(almost, one).get(WEST_COIN)).toBe(2n ** 128n - 1n);
    expect(refusal(() => pooled(almost, one, one))).toMatchObject({
      code: 'LEDGER_SUPPLY_BROKEN',
      meta: { asset: WEST_COIN, pooled: 2n ** 128n },
    });
  });
});

describe('of the pool', () => {
  test('half is the beneficiary’s, rounded down, and never a release of nothing', () => {
    const pool = pooled({ asset: EAST_COIN, amount: 1n }, { asset: WEST_COIN, amount: 7n });
    const shares = beneficiaryReleases(pool, CONTEXT);
    expect(shares).toMatchObject([{ asset: WEST_COIN, amount: 3n, recipient: BENEFICIARY }]);
  });

  test('the rest is spread over the batches, the remainder on the first', () => {
    const pool = pooled({ asset: WEST_COIN, amount: 10n });
    expect(spreadFees(pool, 3).map((fees) => fees.map(({ amount }) => amount))).toEqual([
      [3n],
      [1n],
      [1n],
    ]);
  });

  test('a batch that would get nothing of an asset does not list it', () => {
    const pool = pooled({ asset: WEST_COIN, amount: 1n });
    expect(spreadFees(pool, 2)).toEqual([[{ asset: WEST_COIN, amount: 1n }], []]);
  });

  test('16 assets fit one batch, the 17th goes to the next', () => {
    const assets = Array.from({ length: 17 }, (_, i) => assetId(100n, addressOf(i + 1)));
    const fees = assets.map((asset) => ({ asset, amount: 2n }));
    expect(spreadFees(pooled(...fees.slice(0, 16)), 1).map((list) => list.length)).toEqual([16]);
    expect(spreadFees(pooled(...fees), 2).map((list) => list.length)).toEqual([16, 1]);
  });
});
