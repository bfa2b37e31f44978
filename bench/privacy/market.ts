import type { AssetTerms } from '../../src/client/asset-terms.ts';
import type { LedgerRules } from '../../src/ledger/rules.ts';
import { type AssetId, assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import type { ControlContent } from '../../src/protocol/control.ts';
import { rungAmount } from '../../src/protocol/rungs.ts';
import type { Hex } from '../../src/shared/bytes.ts';

// The bridge as a public network would have it. An amount is a number of thousandths of the smallest rung.

export const ETHEREUM = 1n;
export const POLKADOT = 420_420_419n;
export const ROUND_SEC = 300;
export const HOUR_SEC = 3600;
export const DAY_SEC = 86_400;
/** When rounds begin to be counted: the first second of a Monday. */
export const START_SEC = 1_800_230_400;

/** An asset and how much of the traffic is in it. */
export interface MarketAsset {
  readonly asset: AssetId;
  readonly home: bigint;
  readonly share: number;
}

const TOKEN: Hex = `0x${'d0'.repeat(20)}`;
export const ASSETS: readonly [MarketAsset, ...MarketAsset[]] = [
  { asset: assetId(ETHEREUM, TOKEN), home: ETHEREUM, share: 0.5 },
  { asset: assetId(ETHEREUM, NATIVE_TOKEN), home: ETHEREUM, share: 0.3 },
  { asset: assetId(POLKADOT, NATIVE_TOKEN), home: POLKADOT, share: 0.2 },
];

const RATE = 50n;
/** What a message pays. */
export const FEE = 50n;
/** What posting an order costs its account. */
export const REWARD = 50n;
/** The same of every asset: seven rungs, 1 to 100 times the smallest, and a twentieth of it for everything that costs. */
export const TERMS: AssetTerms = {
  poolUnit: 1000n,
  rungs: [0, 1, 2, 3, 4, 5, 6],
  entryFee: 50n,
  leastBalance: 50n,
  rates: new Map([ETHEREUM, POLKADOT].map((chainId) => [chainId, RATE])),
  reward: REWARD,
};
/** What a payout costs, wherever it is paid. */
export const PAYOUT_RATE = Number(RATE);
/** The canonical amounts, ascending. */
export const RUNG_AMOUNTS: readonly number[] = TERMS.rungs.map((code) =>
  Number(rungAmount(TERMS.poolUnit, code)),
);
/** The smallest of them. */
export const SMALLEST_RUNG = Number(TERMS.poolUnit);

/** How pools are set, by the ledger's rules and by the wallet. */
export type PoolRules = LedgerRules['pools'] & {
  /** Mean stays over which the first round is drawn in which an order may leave; what the wallet does if not given. */
  readonly spreadStays?: number;
};
/** What the documentation recommends for public networks. */
export const DEFAULT_POOLS: PoolRules = { leastRoots: 8, meanStayRounds: 96 };

export const HOUSE: Hex = `0x${'a0'.repeat(32)}`;

/** The measured rules, by the defaults for public networks. */
export function rulesWith(pools: PoolRules): LedgerRules {
  return {
    schedule: { startSec: BigInt(START_SEC), roundSec: BigInt(ROUND_SEC) },
    chains: [
      { chainId: ETHEREUM, gateway: `0x${'a1'.repeat(20)}`, lagSec: 1200n },
      { chainId: POLKADOT, gateway: `0x${'a2'.repeat(20)}`, lagSec: 60n },
    ],
    anchor: { chainId: POLKADOT, address: `0x${'ac'.repeat(20)}` },
    lateSec: 259_200n,
    graceSec: 3600n,
    pools,
    houseAccount: HOUSE,
    firstEpoch: 1n,
  };
}

/** What governance says before anybody comes. */
export function openingControls(): ControlContent[] {
  const { poolUnit, rungs, entryFee, leastBalance, reward, rates } = TERMS;
  return ASSETS.flatMap(({ asset }): ControlContent[] => [
    { kind: 'registerAsset', asset, poolUnit, rungs, entryFee, leastBalance },
    ...[...rates].map(([chainId, rate]) => ({ kind: 'setRate', asset, chainId, rate }) as const),
    { kind: 'setReward', asset, reward },
  ]);
}

/** The other of the two chains. */
export function acrossFrom(chainId: bigint): bigint {
  return chainId === ETHEREUM ? POLKADOT : ETHEREUM;
}

/** Where a leg waits: what nobody can tell apart when it leaves. @param amount rate included */
export function poolOf(asset: AssetId, chainId: bigint, amount: number): string {
  return `${asset}:${chainId}:${amount}`;
}

/** The second in which a round ends. */
export function endOfRoundSec(round: number): number {
  return START_SEC + round * ROUND_SEC;
}
