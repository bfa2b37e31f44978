import type { TransitionInput } from '../../../src/ledger/transition.ts';
import type { AssetId } from '../../../src/protocol/asset.ts';
import type { Cursor } from '../../../src/protocol/commit.ts';
import { appendMessage } from '../../../src/protocol/message.ts';
import {
  MAX_BATCH_RELEASES,
  positionAfterBatch,
  type ReleaseBatch,
} from '../../../src/protocol/release.ts';
import { roundCutSec } from '../../../src/protocol/rounds.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { chainOf, credit, creditable, lastOpenSec } from './lookups.ts';
import { isForgotten, type PlainChain, type PlainState } from './plain-state.ts';
import { applyPending, takeControl } from './reference-control.ts';
import { batchKeyOf, shuffled } from './reference-draws.ts';
import { leavePools, returnImpatient, stay } from './reference-pools.ts';
import { book, earn, type Payout, type Round, refund } from './reference-round.ts';
import { settle } from './reference-settle.ts';

// The slow twin of src/ledger, written from docs/protocol.md: everything is looked at in every round, nothing is indexed, and
// what costs no thought is shared (src/protocol). It refuses by an Error without a code, and only what a host could ask for.

const MAX_RELEASES = 4_096;

export interface ReferenceTransition {
  readonly state: PlainState;
  readonly batches: readonly ReleaseBatch[];
  readonly inputs: readonly Cursor[];
}

/** The transition that the protocol describes. @throws {Error} it may not be made (yet) */
export function referenceTransition(
  before: PlainState,
  input: TransitionInput,
): ReferenceTransition {
  requireFollowing(before, input);
  const state = structuredClone(before);
  const fees = new Map<AssetId, bigint>();
  const batches: ReleaseBatch[] = [];
  takeControl(state, input);
  const outboxes = new Map([...input.outboxes].map(([id, tail]) => [id, [...tail.messages]]));
  while (state.round < input.round) {
    state.round += 1n;
    const round = { state, input, round: state.round, payouts: [], noted: new Set<Hex>(), fees };
    batches.push(...runRound(round, outboxes));
  }
  finish(state, input, fees);
  const inputs = state.chains.map(({ chainId, inbox }) => ({ chainId, count: inbox.count }));
  return { state, batches, inputs };
}

function requireFollowing(state: PlainState, { round, asOf, paid }: TransitionInput): void {
  if (round <= state.round || asOf < state.asOf) throw new Error('not ahead');
  for (const { chainId, count } of paid) {
    if (count > (chainOf(state, chainId)?.released.count ?? -1n)) throw new Error('not released');
  }
}

function runRound(round: Round, outboxes: ReadonlyMap<bigint, Messages>): ReleaseBatch[] {
  const { chains } = round.state;
  applyPending(round.state, round.round);
  for (const chain of chains) {
    if (!chain.isSuspended) consume(round, chain, outboxes.get(chain.chainId) ?? []);
  }
  returnImpatient(round);
  leavePools(round);
  for (const chain of chains) keepToRoom(round, chain);
  return chains.flatMap((chain) => cutBatches(round, chain));
}

type Messages = Parameters<typeof settle>[1][];

/** Settles what the round takes of a chain's outbox. @throws {Error} it is not complete yet */
function consume(round: Round, chain: PlainChain, messages: Messages): void {
  const { rules, outboxes } = round.input;
  const { lagSec } = rules.chains.find(({ chainId }) => chainId === chain.chainId)!;
  const cut = roundCutSec(rules.schedule, lagSec, round.round);
  const provenAtSec = outboxes.get(chain.chainId)?.provenAtSec ?? 0n;
  if (provenAtSec <= cut) throw new Error(`incomplete: chain ${chain.chainId}`);
  for (const opened of messages) {
    if (opened.message.index < chain.inbox.count) continue;
    if (opened.message.sentAtSec > cut) return;
    chain.inbox = appendMessage(chain.inbox, opened.message);
    settle(round, opened);
  }
}

/** Takes back what a chain has no room for in this round, and turns payouts to nobody but their chain into what they cost. */
function keepToRoom(round: Round, { chainId }: PlainChain): void {
  const bound = round.payouts.filter((payout) => payout.chainId === chainId && !isRefund(payout));
  const kept = new Set(
    shuffled(round, 'veilspan/room-key/v1', chainId, bound).slice(0, MAX_RELEASES),
  );
  for (const payout of bound) {
    if (!kept.has(payout)) takeBack(round, payout);
    else if (payout.from.kind === 'transparent') {
      earn(round, payout.release.asset, payout.from.message.fee);
    }
  }
}

function isRefund({ from }: Payout): boolean {
  return from.kind === 'refund';
}

function takeBack(round: Round, payout: Payout): void {
  round.payouts.splice(round.payouts.indexOf(payout), 1);
  const { from, release } = payout;
  if (from.kind === 'transparent') refund(round, from.message);
  if (from.kind === 'direct') credit(round.state, from.account, release.asset, from.amount);
  if (from.kind === 'pooled') stay(round, from.id, from.entry);
}

function cutBatches(round: Round, chain: PlainChain): ReleaseBatch[] {
  const { chainId, gateway } = chain;
  const bound = round.payouts.filter((payout) => payout.chainId === chainId);
  const payouts = shuffled(round, 'veilspan/shuffle-key/v2', chainId, bound);
  const batches: ReleaseBatch[] = [];
  for (let at = 0; at < payouts.length; at += MAX_BATCH_RELEASES) {
    const part = payouts.slice(at, at + MAX_BATCH_RELEASES);
    const batch: ReleaseBatch = {
      chainId,
      gateway,
      firstIndex: chain.released.count,
      prevHead: chain.released.head,
      releases: part.map(({ release }) => release),
      fees: feesOf(part),
      consumedCount: chain.inbox.count,
    };
    for (const { release, rate } of part) {
      book(round.state, { asset: release.asset, chainId }, -release.amount - rate);
    }
    chain.released = positionAfterBatch(batch);
    round.state.batches.set(batchKeyOf(chainId, batch.firstIndex), batch);
    batches.push(batch);
  }
  return batches;
}

function feesOf(payouts: readonly Payout[]): ReleaseBatch['fees'] {
  const assets = [...new Set(payouts.map(({ release }) => release.asset))].sort();
  return assets
    .map((asset) => {
      const own = payouts.filter(({ release }) => release.asset === asset);
      return { asset, amount: own.reduce((sum, { rate }) => sum + rate, 0n) };
    })
    .filter(({ amount }) => amount > 0n);
}

/** What a transition does after its last round. */
function finish(
  state: PlainState,
  input: TransitionInput,
  fees: ReadonlyMap<AssetId, bigint>,
): void {
  const account = creditable(state, input.beneficiary, input.rules.houseAccount);
  for (const [asset, fee] of fees) credit(state, account, asset, fee);
  state.number += 1n;
  state.asOf = input.asOf;
  state.beneficiary = input.beneficiary;
  for (const { chainId, count } of input.paid) prunePaid(state, chainId, count);
  state.epochs = state.epochs.filter(
    (epoch) => !isOver(state, input, lastOpenSec(state, input, epoch)),
  );
  for (const [id, asset] of state.assets) if (isForgotten(asset)) state.assets.delete(id);
}

function prunePaid(state: PlainState, chainId: bigint, count: bigint): void {
  const chain = chainOf(state, chainId)!;
  for (const [key, batch] of state.batches) {
    const end = batch.firstIndex + BigInt(batch.releases.length);
    if (batch.chainId !== chainId || end > count) continue;
    state.batches.delete(key);
    if (end > chain.paid) chain.paid = end;
  }
}

/** Whether nothing can come any more that was sent until `lastSec`. */
function isOver(state: PlainState, input: TransitionInput, lastSec: bigint | undefined): boolean {
  const { rules, asOf } = input;
  if (lastSec === undefined || asOf - rules.lateSec <= lastSec) return false;
  return rules.chains.every(({ chainId, lagSec }) => {
    const isPast = roundCutSec(rules.schedule, lagSec, state.round) > lastSec;
    return isPast || chainOf(state, chainId)!.isSuspended;
  });
}
