import { setTimeout as delay } from 'node:timers/promises';
import type { FinalityRule } from '../../src/chains/shared/finality-source.ts';
import { finalityEtaMs } from '../../src/client/finality-eta.ts';
import { awaitedBlock } from '../../src/client/next-step.ts';
import type { OpenSources } from '../../src/client/open-sources.ts';
import {
  depositHistory,
  payoutHistory,
  type Sources,
  type StateChange,
} from '../../src/client/transfer-history.ts';
import type { TransferState } from '../../src/protocol/transfer-state.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import type { EndedTransfer, Outcome } from './expectations.ts';
import { createInsideLook, type InsideOptions } from './look-inside.ts';
import type { Printer } from './printer.ts';
import { createProgressWatch } from './progress.ts';
import type { TransferPlan } from './scenario.ts';
import type { StartedTransfer } from './transfers.ts';

/** How long a chain needs to be sure, by chain id. */
export type FinalityRules = ReadonlyMap<bigint, FinalityRule>;

/** How far a transfer must have come: all its payouts made, or all of them final. */
export type Milestone = 'paid' | 'confirmed';

/** Follows transfers in the background and prints every state change once. */
export interface Follower {
  add(started: StartedTransfer): void;
  /** Resolves when all of these transfers have come that far. @throws {DemoStuckError} */
  until(milestone: Milestone, plans: readonly TransferPlan[]): Promise<void>;
  /** All transfers, as they ended. */
  ended(): readonly EndedTransfer[];
  /** Stops looking, once the look that is under way has ended. */
  close(): Promise<void>;
}

/** What a follower follows with. */
export interface FollowOptions {
  readonly sources: OpenSources;
  readonly rules: FinalityRules;
  /** What people call the chains. */
  readonly nameOf: (chainId: bigint) => string;
  readonly claim: (releaseIndex: bigint, plan: TransferPlan) => Promise<void>;
  readonly inside: InsideOptions;
  readonly printer: Printer;
}

interface Followed extends StartedTransfer {
  readonly seen: Map<string, StateChange>;
  isClaimed: boolean;
  outcome: Outcome;
  lastChangeMs: number;
}

const POLL_MS = 300;
const PROGRESS_EVERY_MS = 6000;

/** Creates a follower over the views' sources, which gives up when nothing moves any more. */
export function createFollower(options: FollowOptions): Follower {
  const followed: Followed[] = [];
  const watch = createProgressWatch(Date.now);
  const lookInside = createInsideLook(options.inside, options.printer);
  let isClosed = false;
  const lookAround = async (now: Sources | undefined): Promise<number> => {
    const open = followed.filter((each) => !hasReached(each, 'confirmed'));
    const onChains = now === undefined ? 0 : lookAtAll(followed, now, options);
    return onChains + (await lookInside(followed, open));
  };
  const run = async () => {
    const isTime = createInterval(PROGRESS_EVERY_MS);
    let now: Sources | undefined;
    while (!isClosed) {
      now = (await refresh(options.sources)) ?? now;
      if ((await lookAround(now)) > 0) watch.moved();
      const inVain = watch.look(headsOf(now, options));
      if (inVain !== undefined) throw new DemoStuckError(inVain, followed);
      if (now !== undefined && isTime()) printProgress(followed, now, options);
      await delay(POLL_MS);
    }
  };
  const running = run();
  // Whoever waits is told of a failure; until somebody does, it is not unhandled.
  running.catch(() => undefined);
  return {
    add: (started) => {
      watch.moved();
      const news = { seen: new Map(), isClaimed: false, outcome: 'paid' } as const;
      followed.push({ ...started, ...news, lastChangeMs: Date.now() });
    },
    until: async (milestone, plans) => {
      const isThere = () =>
        plans.every((plan) =>
          followed.some((each) => each.transfer.plan === plan && hasReached(each, milestone)),
        );
      while (!isThere()) await Promise.race([running, delay(POLL_MS)]);
    },
    ended: () => followed,
    close: async () => {
      isClosed = true;
      // Why it failed, if it did, has been thrown to whoever waited.
      await running.catch(() => undefined);
    },
  };
}

/** True once in every `periodMs`. */
function createInterval(periodMs: number): () => boolean {
  let lastMs = Date.now();
  return () => {
    if (Date.now() - lastMs <= periodMs) return false;
    lastMs = Date.now();
    return true;
  };
}

/** Undefined if a node had no answer in time: the heads stand still then, and whether that lasts is watched. */
async function refresh(sources: OpenSources): Promise<Sources | undefined> {
  try {
    return await sources.refresh();
  } catch (error) {
    if (error instanceof BridgeError && error.disposition === 'retry') return undefined;
    throw error;
  }
}

function headsOf(now: Sources | undefined, { nameOf }: FollowOptions): Map<string, number> {
  const indexes = now === undefined ? [] : [...now.chains];
  return new Map(indexes.map(([chainId, index]) => [nameOf(chainId), index.headNumber()]));
}

function lookAtAll(followed: readonly Followed[], now: Sources, options: FollowOptions): number {
  return followed.reduce((changes, each) => changes + look(each, now, options), 0);
}

/** How many changes are new. */
function look(each: Followed, sources: Sources, options: FollowOptions): number {
  const { transfer, deposit, tags } = each;
  const changes = [...depositHistory(sources, deposit.transfer), ...payoutHistory(sources, tags)];
  const fresh = changes.filter((change) => !each.seen.has(keyOf(change)));
  for (const change of fresh) {
    each.seen.set(keyOf(change), change);
    const chain = options.nameOf(change.chainId);
    options.printer.change(
      transfer.plan.label,
      { ...change, chain },
      Date.now() - each.lastChangeMs,
    );
    each.lastChangeMs = Date.now();
    if (change.state === 'claimable') claim(each, change, options);
  }
  return fresh.length;
}

function keyOf({ state, tag }: Pick<StateChange, 'state' | 'tag'>): string {
  return `${state} ${tag ?? ''}`;
}

function claim(each: Followed, { releaseIndex }: StateChange, options: FollowOptions): void {
  const { plan } = each.transfer;
  if (plan.claimedBy === undefined || releaseIndex === undefined || each.isClaimed) return;
  each.isClaimed = true;
  // A claim that fails leaves the transfer where it is, which is told of when nothing moves any more.
  void options.claim(releaseIndex, plan).catch(() => undefined);
}

/** Every payout of a transfer is made in one of these states. */
const MADE: Readonly<Record<Milestone, ReadonlySet<TransferState>>> = {
  paid: new Set(['released', 'refunded', 'claimed']),
  confirmed: new Set(['confirmed']),
};

function hasReached({ transfer, seen, outcome }: Followed, milestone: Milestone): boolean {
  if (outcome !== 'paid') return true;
  const made = [...seen.values()].filter(({ state }) => MADE[milestone].has(state));
  return new Set(made.map(({ tag }) => tag)).size === transfer.plan.payouts.length;
}

function printProgress(
  followed: readonly Followed[],
  sources: Sources,
  { rules, printer }: FollowOptions,
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

/** Nothing moves any more; says what was waited for. */
export class DemoStuckError extends Error {
  constructor(why: string, followed: readonly Followed[]) {
    const waiting = followed.filter((each) => !hasReached(each, 'confirmed'));
    const states = waiting.map(({ transfer, seen }) => {
      const last = [...seen.values()].at(-1)?.state ?? 'not seen';
      return `${transfer.plan.label} (${last})`;
    });
    super(`${why}; waited for: ${states.join('; ') || 'deposits'}`);
    this.name = 'DemoStuckError';
  }
}
