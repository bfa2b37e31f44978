import { type AssetId, originChainId } from '../protocol/asset.ts';
import type { ChainPosition, Message } from '../protocol/message.ts';
import type { Release, ReleaseBatch } from '../protocol/release.ts';
import type { Hex } from '../shared/bytes.ts';
import { type AuthMap, editMap, type MapEdit } from './auth-map.ts';
import { type ExitLaw, stayTable } from './exit-draw.ts';
import type { LedgerRules } from './rules.ts';
import type {
  Account,
  AssetTerms,
  ChainAmount,
  KeyEpoch,
  LedgerAsset,
  LedgerState,
  LegEntry,
  OpenedEntry,
  PendingControl,
} from './state.ts';
import { takeWaitingLegs, type WaitingLegs } from './waiting-legs.ts';

/** The ledger secret of a key epoch, 32 bytes. */
export type LedgerSecretOf = (epoch: bigint) => Uint8Array;

/** A chain while rounds are computed; changed in place. */
export interface DraftChain {
  readonly chainId: bigint;
  readonly gateway: Hex;
  readonly lagSec: bigint;
  inbox: ChainPosition;
  released: ChainPosition;
  paid: bigint;
  isSuspended: boolean;
}

/** An asset while rounds are computed; changed in place. */
export interface DraftAsset {
  readonly asset: AssetId;
  readonly origin: bigint;
  terms: AssetTerms | undefined;
  readonly rates: Map<bigint, bigint>;
  reward: bigint;
  locked: bigint;
  readonly minted: Map<bigint, bigint>;
  /**
   * What accounts, legs and fees that are still to be credited hold together: kept by whoever changes one of them, and compared with
   * what is locked and not minted, which is kept by whoever takes a deposit or cuts a batch.
   */
  inside: bigint;
}

/** A key epoch while rounds are computed. */
export interface DraftEpoch extends Omit<KeyEpoch, 'opened'> {
  readonly opened: MapEdit<OpenedEntry>;
}

/** What is about to be released on a chain. */
export interface Payout {
  readonly chainId: bigint;
  /** What leaves of it is the amount that the recipient is paid. */
  readonly release: Release;
  /** What its batch pays the submitter for it. */
  readonly rate: bigint;
  readonly origin: PayoutOrigin;
}

/** What a payout came from, and so what becomes of it if there is no room. */
export type PayoutOrigin =
  | { readonly kind: 'refund' }
  | { readonly kind: 'transparent'; readonly message: Message }
  | { readonly kind: 'direct'; readonly account: Hex }
  | { readonly kind: 'pooled'; readonly id: Hex; readonly entry: LegEntry };

/** The ledger while a transition is computed. Everything is changed in place, but for what it shares with the state before. */
export interface Draft {
  readonly rules: LedgerRules;
  readonly asOf: bigint;
  readonly secretOf: LedgerSecretOf;
  /** See `stayTable`. */
  readonly stays: readonly bigint[];
  /** The round that is computed, and the secret that keys it. */
  round: bigint;
  secret: Uint8Array;
  /** By ascending id. */
  readonly chains: ReadonlyMap<bigint, DraftChain>;
  readonly assets: Map<AssetId, DraftAsset>;
  epochs: readonly DraftEpoch[];
  control: ChainPosition;
  pending: readonly PendingControl[];
  successor: Hex;
  readonly accounts: MapEdit<Account>;
  readonly legs: MapEdit<LegEntry>;
  /** The same legs, by when something becomes of them. */
  readonly waiting: WaitingLegs;
  batches: AuthMap<ReleaseBatch>;
  /** Batches cut so far. */
  readonly cut: ReleaseBatch[];
  /** What the beneficiary is to be credited, of all rounds so far. */
  readonly fees: Map<AssetId, bigint>;
  /** Of this round, in the order that `shuffleKey` describes. */
  payouts: Payout[];
}

/** A draft of what follows `state`. */
export function openDraft(
  state: LedgerState,
  { rules, asOf, secretOf }: Pick<Draft, 'rules' | 'asOf' | 'secretOf'>,
): Draft {
  const { round, epochs, control, pending, successor, accounts, legs, batches } = state;
  return {
    rules,
    asOf,
    secretOf,
    stays: stayTable(rules.pools.meanStayRounds),
    round,
    secret: new Uint8Array(),
    chains: openChains(state, rules),
    assets: new Map(state.assets.map((asset) => [asset.asset, openAsset(asset)])),
    epochs: epochs.map((epoch) => ({ ...epoch, opened: editMap(epoch.opened) })),
    control,
    pending,
    successor,
    accounts: editMap(accounts),
    legs: editMap(legs),
    waiting: takeWaitingLegs(legs),
    batches,
    cut: [],
    fees: new Map(),
    payouts: [],
  };
}

/** The chains of a draft of what follows a state. */
export function openChains(
  { chains }: Pick<LedgerState, 'chains'>,
  rules: LedgerRules,
): ReadonlyMap<bigint, DraftChain> {
  const lags = new Map(rules.chains.map(({ chainId, lagSec }) => [chainId, lagSec]));
  return new Map(
    chains.map((chain) => [chain.chainId, { ...chain, lagSec: lags.get(chain.chainId) ?? 0n }]),
  );
}

/** How exits are drawn in the draft's round. */
export function exitLaw({ secret, stays }: Draft): ExitLaw {
  return { secret, table: stays };
}

/** What is known of an asset; an entry of nothing, in the draft from now on, if it is new. */
export function assetOf({ assets }: Draft, asset: AssetId): DraftAsset {
  const known = assets.get(asset);
  if (known !== undefined) return known;
  const fresh = openAsset({ ...NOTHING, asset });
  assets.set(asset, fresh);
  return fresh;
}

/** What a release costs that pays the asset there; undefined if it cannot be paid there. */
export function rateOf({ assets }: Draft, asset: AssetId, chainId: bigint): bigint | undefined {
  return assets.get(asset)?.rates.get(chainId);
}

const NOTHING = { terms: undefined, rates: [], reward: 0n, locked: 0n, minted: [] } as const;

function openAsset({ asset, terms, rates, reward, locked, minted }: LedgerAsset): DraftAsset {
  return {
    asset,
    origin: originChainId(asset),
    terms,
    rates: amountsByChain(rates),
    reward,
    locked,
    minted: amountsByChain(minted),
    inside: minted.reduce((rest, { amount }) => rest - amount, locked),
  };
}

function amountsByChain(amounts: readonly ChainAmount[]): Map<bigint, bigint> {
  return new Map(amounts.map(({ chainId, amount }) => [chainId, amount]));
}
