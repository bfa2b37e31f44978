import { expect, test } from 'vitest';
import type { ControlSeen } from '../../../src/chains/shared/decode-logs.ts';
import { readSuspended, readTerms } from '../../../src/client/asset-terms.ts';
import { type ControlContent, encodeControl } from '../../../src/protocol/control.ts';
import { toHex } from '../../../src/shared/bytes.ts';
import { EAST, EAST_COIN, WEST, WEST_COIN } from '../../support/ledger.ts';

const REGISTERED = {
  kind: 'registerAsset',
  asset: WEST_COIN,
  poolUnit: 100n,
  rungs: [3, 4],
  entryFee: 5n,
  leastBalance: 10n,
} as const;
const rate = (chainId: bigint, value: bigint, asset = WEST_COIN) =>
  ({ kind: 'setRate', asset, chainId, rate: value }) as const;

function said(...contents: readonly ControlContent[]): ControlSeen[] {
  return contents.map((content, i) => {
    const { kind, payload } = encodeControl(content);
    const place = { index: BigInt(i), round: 0n, sentAtSec: 1n, head: toHex(new Uint8Array(32)) };
    return { ...place, kind, payload: toHex(payload), blockNumber: i, isFinal: true };
  });
}

test('an asset has the terms that were said last, and rates of the chains it was given', () => {
  const controls = said(
    REGISTERED,
    rate(WEST, 1n),
    rate(EAST, 2n),
    rate(EAST, 9n, EAST_COIN),
    { kind: 'setReward', asset: WEST_COIN, reward: 3n },
    { ...REGISTERED, rungs: [3, 4, 5], entryFee: 6n },
    rate(EAST, 4n),
  );
  expect(readTerms(controls, WEST_COIN)).toEqual({
    poolUnit: 100n,
    rungs: [3, 4, 5],
    entryFee: 6n,
    leastBalance: 10n,
    rates: new Map([
      [WEST, 1n],
      [EAST, 4n],
    ]),
    reward: 3n,
  });
});

test('a registration that the ledger ignores changes nothing, and what comes after it is held against what holds', () => {
  const controls = said(
    REGISTERED,
    { ...REGISTERED, poolUnit: 1_000n, entryFee: 7n },
    { ...REGISTERED, rungs: [4, 5], entryFee: 8n },
    { ...REGISTERED, rungs: [3, 4, 5], entryFee: 6n },
    { ...REGISTERED, entryFee: 9n },
  );
  const { poolUnit, rungs, entryFee } = readTerms(controls, WEST_COIN)!;
  expect({ poolUnit, rungs, entryFee }).toEqual({ poolUnit: 100n, rungs: [3, 4, 5], entryFee: 6n });
});

test('an asset that was never registered has none', () => {
  expect(readTerms(said(rate(EAST, 4n)), WEST_COIN)).toBeUndefined();
  expect(readTerms(said(REGISTERED), EAST_COIN)).toBeUndefined();
});

test('a chain is suspended until it is resumed; a message that nobody knows says nothing', () => {
  const unknown = { ...said(REGISTERED)[0]!, kind: 200 };
  const controls = said(
    { kind: 'suspend', chainId: WEST },
    { kind: 'suspend', chainId: EAST },
    { kind: 'resume', chainId: WEST },
  );
  expect(readSuspended([unknown, ...controls])).toEqual(new Set([EAST]));
});
