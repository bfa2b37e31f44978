import {
  type CallBudget,
  greaterOf,
  isWithin,
  scaleBudget,
} from '../../chains/shared/call-budget.ts';
import type { AssetId } from '../../protocol/asset.ts';
import type { ReleaseBatch } from '../../protocol/release.ts';
import type { Side } from '../bridge.ts';
import { payoutsOf } from './release-call.ts';

/** For so long it counts what a batch was tried with, or that one has failed, in milliseconds. */
const MEMORY_MS = 3_600_000;

/** What a batch was tried with. */
interface Trial {
  readonly budget: CallBudget;
  readonly payouts: number;
  /** By the clock that only goes forward. */
  readonly atMs: number;
}

/** What is known of a gateway's batches. */
interface Book {
  /** By what is paid. */
  readonly trials: Map<AssetId, Trial>;
  /** The batch that failed last in its block, until it is tried again. */
  failed?: { readonly firstIndex: bigint; readonly given: CallBudget | undefined } | undefined;
  /** Until then a batch that fails for want of what it turns out to take is not the first. */
  excusedUntilMs: number;
  /** Until then each is given the utmost. */
  waryUntilMs: number;
}

/** Forgotten at a restart: then one more batch may fail. */
const books = new WeakMap<Side, Book>();

function bookOf(side: Side): Book {
  const known = books.get(side);
  if (known !== undefined) return known;
  const book: Book = { trials: new Map(), excusedUntilMs: 0, waryUntilMs: 0 };
  books.set(side, book);
  return book;
}

/** A batch that the gateway waits for has failed in its block with what it was given, as far as that is known. */
export function noteFailed(side: Side, firstIndex: bigint, given: CallBudget | undefined): void {
  bookOf(side).failed = { firstIndex, given };
}

/**
 * The batch that the gateway waits for was tried and found good. SECURITY: a recipient with code can take little whenever it is tried and
 * much in a block, so that its batch runs out and those behind it fail with it. Given the utmost it cannot; and as it may be in any batch,
 * all of them are given that for an hour. One that is seen to take more than it was given is no such case; but as it may be one that shows
 * itself little by little, only the first within an hour. So being in a batch buys two failures an hour and no more.
 */
export function noteTried(side: Side, batch: ReleaseBatch, budget: CallBudget): void {
  const book = bookOf(side);
  const nowMs = performance.now();
  if (book.failed?.firstIndex === batch.firstIndex) {
    const { given } = book.failed;
    const tookMore = given === undefined || !isWithin(budget, given);
    if (tookMore && nowMs >= book.excusedUntilMs) book.excusedUntilMs = nowMs + MEMORY_MS;
    else book.waryUntilMs = nowMs + MEMORY_MS;
  }
  book.failed = undefined;
  const trial = { budget, payouts: payoutsOf(batch), atMs: nowMs };
  for (const asset of assetsOf(batch)) {
    const known = book.trials.get(asset);
    if (known === undefined || saysMore(trial, known)) book.trials.set(asset, trial);
  }
}

/** Of a few payouts little can be told for many; what took less than another as long was cheap by chance. */
function saysMore(trial: Trial, known: Trial): boolean {
  if (trial.atMs >= known.atMs + MEMORY_MS || trial.payouts > known.payouts) return true;
  return !isWithin(trial.budget, known.budget);
}

/**
 * What a batch may use that cannot be tried, by those that were: the dearest of what it pays.
 *
 * @returns undefined if one was never tried that pays the same; then this one has to be
 */
export function budgetFor(side: Side, batch: ReleaseBatch): CallBudget | undefined {
  const { trials, waryUntilMs } = bookOf(side);
  const allowance = performance.now() < waryUntilMs ? 'utmost' : 'usual';
  const payouts = payoutsOf(batch);
  let most: CallBudget | undefined;
  for (const asset of assetsOf(batch)) {
    const known = trials.get(asset);
    if (known === undefined) return undefined;
    const budget = scaleBudget(known.budget, { first: known.payouts, payouts, allowance });
    most = most === undefined ? budget : greaterOf(most, budget);
  }
  return most;
}

function assetsOf({ releases, fees }: ReleaseBatch): ReadonlySet<AssetId> {
  return new Set([...releases, ...fees].map(({ asset }) => asset));
}
