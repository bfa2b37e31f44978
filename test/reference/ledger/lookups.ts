import type { KeyEpoch } from '../../../src/ledger/state.ts';
import type { TransitionInput } from '../../../src/ledger/transition.ts';
import type { AssetId } from '../../../src/protocol/asset.ts';
import { roundEndSec } from '../../../src/protocol/rounds.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import type { PlainAsset, PlainChain, PlainEpoch, PlainState } from './plain-state.ts';

/** What is known of an asset; an empty entry, kept from now on, if it is new. */
export function assetOf(state: PlainState, asset: AssetId): PlainAsset {
  const known = state.assets.get(asset);
  if (known !== undefined) return known;
  const fresh: PlainAsset = {
    terms: undefined,
    rates: new Map(),
    reward: 0n,
    locked: 0n,
    minted: new Map(),
  };
  state.assets.set(asset, fresh);
  return fresh;
}

export function chainOf(state: PlainState, chainId: bigint): PlainChain | undefined {
  return state.chains.find((chain) => chain.chainId === chainId);
}

export function rateOf(state: PlainState, asset: AssetId, chainId: bigint): bigint | undefined {
  return state.assets.get(asset)?.rates.get(chainId);
}

export function balanceOf(state: PlainState, account: Hex, asset: AssetId): bigint {
  return state.accounts.get(account)?.balances.get(asset) ?? 0n;
}

/** Adds to an account that is open; takes away if negative. */
export function credit(state: PlainState, account: Hex, asset: AssetId, amount: bigint): void {
  const balances = state.accounts.get(account)!.balances;
  const balance = (balances.get(asset) ?? 0n) + amount;
  if (balance < 0n) throw new Error(`${account} would have ${balance} of ${asset}`);
  if (balance === 0n) balances.delete(asset);
  else balances.set(asset, balance);
}

/** Opens an account and takes the entry fee out of what it is opened with. */
export function open(
  state: PlainState,
  { account, root, house }: { account: Hex; root: Hex; house: Hex },
  { asset, amount }: { asset: AssetId; amount: bigint },
): void {
  const { entryFee } = state.assets.get(asset)!.terms!;
  state.accounts.set(account, { root, nonceBase: 0n, nonceBits: 0n, balances: new Map() });
  credit(state, account, asset, amount - entryFee);
  credit(state, house, asset, entryFee);
}

/** The account that is paid what may open no account. */
export function creditable(state: PlainState, account: Hex, house: Hex): Hex {
  return state.accounts.has(account) ? account : house;
}

/** The last second of what the epoch may open; undefined if it has no end yet. */
export function lastOpenSec(
  state: PlainState,
  { rules }: TransitionInput,
  epoch: Pick<KeyEpoch, 'epoch'>,
): bigint | undefined {
  const next = state.epochs.find((other) => other.epoch > epoch.epoch);
  if (next === undefined) return undefined;
  return roundEndSec(rules.schedule, next.firstRound - 1n) + rules.graceSec;
}

/** The epoch's record if it may open, in this round, what was sent then. */
export function openingEpoch(
  state: PlainState,
  input: TransitionInput,
  message: { readonly epoch: bigint; readonly sentAtSec: bigint; readonly round: bigint },
): PlainEpoch | undefined {
  const record = state.epochs.find(({ epoch }) => epoch === message.epoch);
  if (record === undefined || record.firstRound > message.round) return undefined;
  const last = lastOpenSec(state, input, record);
  return last === undefined || message.sentAtSec <= last ? record : undefined;
}
