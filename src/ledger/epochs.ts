import { roundCutSec, roundEndSec } from '../protocol/rounds.ts';
import type { Hex } from '../shared/bytes.ts';
import { editMap, emptyMap } from './auth-map.ts';
import type { Draft, DraftEpoch } from './draft.ts';
import { OPENED_VALUES } from './entry-codecs.ts';
import type { KeyEpoch } from './state.ts';

/** The epoch that keys a round: the last whose first round is reached. State 0 has that of round 1. */
export function keyEpochOf(
  { epochs }: { readonly epochs: readonly Omit<KeyEpoch, 'opened'>[] },
  round: bigint,
): bigint {
  const reached = epochs.findLast(({ firstRound }) => firstRound <= round) ?? epochs[0];
  return reached?.epoch ?? 0n;
}

/** Whether an envelope that is sealed to `epoch` and was sent at `sentAtSec` may still open. */
export function mayOpen(draft: Draft, epoch: bigint, sentAtSec: bigint): boolean {
  const record = draft.epochs.find((other) => other.epoch === epoch);
  if (record === undefined || record.firstRound > draft.round) return false;
  const last = lastOpenSec(draft, record);
  return last === undefined || sentAtSec <= last;
}

/** The place of an envelope among what has opened in its epoch. */
export interface Opening {
  readonly epoch: bigint;
  /** See `openedKey` and `unopenedKey`. */
  readonly key: Hex;
}

/** Whether an envelope has opened before. */
export function hasOpened({ epochs }: Draft, { epoch, key }: Opening): boolean {
  return epochs.find((other) => other.epoch === epoch)?.opened.get(key) !== undefined;
}

/** Writes into an epoch what has opened in it, or an entry that means nothing in the place of that. */
export function noteOpening({ epochs, round }: Draft, { epoch, key }: Opening): void {
  epochs.find((other) => other.epoch === epoch)?.opened.set(key, { round });
}

/** Starts an epoch with the draft's round. One that is not above the newest changes nothing. */
export function startEpoch(draft: Draft, epoch: bigint): void {
  const newest = draft.epochs.at(-1);
  if (newest !== undefined && epoch <= newest.epoch) return;
  const opened = editMap(emptyMap(OPENED_VALUES));
  draft.epochs = [...draft.epochs, { epoch, firstRound: draft.round, opened }];
}

/**
 * Drops the epochs that can open nothing any more: everything that they might have is consumed on all chains that are not suspended,
 * or late.
 */
export function dropEndedEpochs(draft: Draft): void {
  draft.epochs = draft.epochs.filter((record) => {
    const last = lastOpenSec(draft, record);
    return last === undefined || !isPast(draft, last);
  });
}

/** The last second of what an epoch opens: its end and the grace behind it. Undefined for the newest, which has no end. */
function lastOpenSec({ epochs, rules }: Draft, { epoch }: DraftEpoch): bigint | undefined {
  const next = epochs.find((other) => other.epoch > epoch);
  if (next === undefined) return undefined;
  return roundEndSec(rules.schedule, next.firstRound - 1n) + rules.graceSec;
}

function isPast({ rules, asOf, chains, round }: Draft, sec: bigint): boolean {
  if (asOf - rules.lateSec <= sec) return false;
  return [...chains.values()].every(
    ({ isSuspended, lagSec }) => isSuspended || roundCutSec(rules.schedule, lagSec, round) > sec,
  );
}
