import { setTimeout as delay } from 'node:timers/promises';
import { type FinalityRule, finalityEtaMs } from '../../src/client/finality-eta.ts';
import { awaitedBlock } from '../../src/client/next-step.ts';
import type { OpenSources } from '../../src/client/open-sources.ts';
import {
  depositHistory,
  payoutHistory,
  type Sources,
  type StateChange,
} from '../../src/client/transfer-history.ts';
import type { Printer } from './printer.ts';
import type { StartedTransfer } from './transfers.ts';

/** How long a chain needs to be sure, by chain id. */
export type FinalityRules = ReadonlyMap<bigint, FinalityRule>;

/** How far a transfer must have come: all its payouts made, or all of them final. */
export type Milestone = 'paid' | 'confirmed';

/** Follows transfers in the background and prints every state change once. */
export interface Follower {
  add(started: StartedTransfer): void;
  /** Resolves when all transfers with these labels have come that far. @throws {DemoTimeoutError} */
  until(milestone: Milestone, labels: readonly string[]): Promise<void>;
  /** Stops looking, once the look that is under way has ended. */
  close(): Promise<void>;
}

interface Followed extends StartedTransfer {
  readonly seen: Map<string, StateChange>;
  isClaimed: boolean;
  lastChangeMs: number;
}

const POLL_MS = 300;
const PROGRESS_EVERY_MS = 6000;

/** Creates a follower over the views' sources; `deadlineMs` bounds all its waiting. */
export function createFollower(
  sources: OpenSources,
  { rules, deadlineMs }: { readonly rules: FinalityRules; readonly deadlineMs: number },
  printer: Printer,
): Follower {
  const followed: Followed[] = [];
  let isClosed = false;
  const lookOnce = async () => {
    const now = await sources.refresh();
    for (const each of followed) look(each, now, printer);
    return now;
  };
  const run = async () => {
    let lastProgressMs = Date.now();
    while (!isClosed) {
      const now = await lookOnce();
      if (Date.now() > deadlineMs) throw new DemoTimeoutError(followed);
      if (Date.now() - lastProgressMs > PROGRESS_EVERY_MS) {
        lastProgressMs = Date.now();
        printProgress(followed, { sources: now, rules }, printer);
      }
      await delay(POLL_MS);
    }
  };
  const running = run();
  // Whoever waits is told of a failure; until somebody does, it is not unhandled.
  running.catch(() => undefined);
  return {
    add: (started) => {
      followed.push({ ...started, seen: new Map(), isClaimed: false, lastChangeMs: Date.now() });
    },
    until: async (milestone, labels) => {
      const isThere = () =>
        labels.every((label) =>
          followed.some((each) => each.transfer.label === label && hasReached(each, milestone)),
        );
      while (!isThere()) await Promise.race([running, delay(POLL_MS)]);
    },
    close: async () => {
      isClosed = true;
      // Why it failed, if it did, has been thrown to whoever waited.
      await running.catch(() => undefined);
    },
  };
}

function look(each: Followed, sources: Sources, printer: Printer): void {
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
  if (!onClaimable || releaseIndex === undefined || each.isClaimed) return;
  each.isClaimed = true;
  // A claim that fails leaves the transfer unconfirmed, which the deadline reports.
  void onClaimable(releaseIndex).catch(() => undefined);
}

function hasReached({ tags, seen }: Followed, milestone: Milestone): boolean {
  const states = milestone === 'paid' ? ['released', 'refunded', 'claimed'] : ['confirmed'];
  return tags.every((tag) => states.some((state) => seen.has(`${state} ${tag}`)));
}

function printProgress(
  followed: readonly Followed[],
  { sources, rules }: { sources: Sources; rules: FinalityRules },
  printer: Printer,
): void {
  const waiting = followed.filter((each) => !hasReached(each, 'confirmed'));
  if (waiting.length === 0) return;
  const etas = waiting.flatMap(({ seen }) => {
    const awaited = awaitedBlock([...seen.values()]);
    const rule = awaited && rules.get(awaited.chainId);
    if (!awaited || !rule) return [];
    const now = sources.chains.get(awaited.chainId)?.headNumber() ?? 0;
    return [finalityEtaMs(rule, awaited.blockNumber, now)];
  });
  const eta = etas.length === 0 ? undefined : Math.max(...etas);
  printer.progress(waiting.length, etas.length, eta);
}

export class DemoTimeoutError extends Error {
  constructor(followed: readonly Followed[]) {
    const waiting = followed.filter((each) => !hasReached(each, 'confirmed'));
    const states = waiting.map(({ transfer, seen }) => {
      const last = [...seen.values()].at(-1)?.state ?? 'not seen';
      return `${transfer.label} (${last})`;
    });
    super(`not confirmed in time: ${states.join('; ')}`);
    this.name = 'DemoTimeoutError';
  }
}
