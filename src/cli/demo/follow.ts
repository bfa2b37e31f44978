import { setTimeout as delay } from 'node:timers/promises';
import { type FinalityRule, finalityEtaMs } from '../../status/finality-eta.ts';
import type { OpenSources } from '../../status/open-sources.ts';
import {
  depositHistory,
  payoutHistory,
  type Sources,
  type StateChange,
} from '../../status/transfer.ts';
import type { Printer } from './printer.ts';
import type { StartedTransfer } from './transfers.ts';

/** How long a chain needs to be sure, by chain id. */
export type FinalityRules = ReadonlyMap<bigint, FinalityRule>;

/** Follows transfers and prints every state change once, until all payouts are confirmed. */
export interface Follower {
  add(started: StartedTransfer): void;
  /** Resolves when every transfer added so far is confirmed. @throws {DemoTimeoutError} */
  untilConfirmed(deadlineMs: number): Promise<void>;
}

interface Followed extends StartedTransfer {
  readonly seen: Map<string, StateChange>;
  claim: 'none' | 'running' | 'done';
  lastChangeMs: number;
}

const POLL_MS = 300;
const PROGRESS_EVERY_MS = 6000;

/** Creates a follower over the views' sources. */
export function createFollower(
  sources: OpenSources,
  rules: FinalityRules,
  printer: Printer,
): Follower {
  const followed: Followed[] = [];
  let lastProgressMs = Date.now();
  return {
    add: (started) => {
      followed.push({ ...started, seen: new Map(), claim: 'none', lastChangeMs: Date.now() });
    },
    untilConfirmed: async (deadlineMs) => {
      for (;;) {
        const now = await sources.refresh();
        for (const each of followed) await look(each, now, printer);
        if (followed.every(isConfirmed)) return;
        if (Date.now() > deadlineMs)
          throw new DemoTimeoutError(followed.filter((f) => !isConfirmed(f)));
        if (Date.now() - lastProgressMs > PROGRESS_EVERY_MS) {
          lastProgressMs = Date.now();
          printProgress(followed, { sources: now, rules }, printer);
        }
        await delay(POLL_MS);
      }
    },
  };
}

async function look(each: Followed, sources: Sources, printer: Printer): Promise<void> {
  const { transfer, deposit, tags } = each;
  const changes = [
    ...depositHistory(sources, deposit.transfer),
    ...payoutHistory(sources, tags).map((change) => asRefund(change, transfer.paidOn)),
  ];
  for (const change of changes) {
    const key = `${change.state} ${change.tag ?? ''}`;
    if (each.seen.has(key)) continue;
    each.seen.set(key, change);
    printer.change(transfer.label, change, Date.now() - each.lastChangeMs);
    each.lastChangeMs = Date.now();
    if (change.state === 'claimable') claim(each, change);
  }
}

/** A payout on the source chain is a refund, and is called one. */
function asRefund(change: StateChange, paidOn: 'source' | 'destination'): StateChange {
  return change.state === 'released' && paidOn === 'source'
    ? { ...change, state: 'refunded' }
    : change;
}

function claim(each: Followed, { releaseIndex }: StateChange): void {
  const { onClaimable } = each.transfer;
  if (!onClaimable || releaseIndex === undefined || each.claim !== 'none') return;
  each.claim = 'running';
  void onClaimable(releaseIndex).then(() => {
    each.claim = 'done';
  });
}

function isConfirmed({ tags, seen }: Followed): boolean {
  return tags.every((tag) => seen.has(`confirmed ${tag}`));
}

function printProgress(
  followed: readonly Followed[],
  { sources, rules }: { sources: Sources; rules: FinalityRules },
  printer: Printer,
): void {
  const waiting = followed.filter((each) => !isConfirmed(each));
  const etas = waiting.flatMap(({ seen, deposit }) => {
    const { chainId } = deposit.transfer;
    const rule = rules.get(chainId);
    if (seen.has('finalised ') || !rule) return [];
    const now = sources.chains.get(chainId)?.headNumber() ?? 0;
    return [finalityEtaMs(rule, deposit.receipt.blockNumber, now)];
  });
  const eta = etas.length === 0 ? undefined : Math.max(...etas);
  printer.progress(waiting.length, etas.length, eta);
}

export class DemoTimeoutError extends Error {
  constructor(waiting: readonly Followed[]) {
    const states = waiting.map(({ transfer, seen }) => {
      const last = [...seen.values()].at(-1)?.state ?? 'not seen';
      return `${transfer.label} (${last})`;
    });
    super(`not confirmed in time: ${states.join('; ')}`);
    this.name = 'DemoTimeoutError';
  }
}
