import { atMost } from '../../chains/shared/at-most.ts';
import { BridgeError } from '../../shared/errors.ts';

/** When the answers of several are enough, and who hears of those that fail. */
export interface Gathering<S, T> {
  isEnough(answers: readonly T[]): boolean;
  onFailure(asked: S, error: unknown): void;
}

/** More patience than others needed that were enough a slow one has to earn: it may be that it only wakes up. */
const LEAST_GRACE_MS = 500;

/**
 * Asks several at once and goes on without those that hang or fail: when the answers are enough, the others have as long again as those
 * took. Who is late then is told to stop by its signal.
 *
 * @param question has a deadline of its own
 * @returns the answers, in the order in which they came
 * @throws what one that failed has thrown, if none answers: sooner what may pass than what halts
 */
export async function gather<S, T>(
  asked: readonly S[],
  question: (one: S, signal: AbortSignal) => Promise<T>,
  { isEnough, onFailure }: Gathering<S, T>,
): Promise<readonly T[]> {
  const answers: T[] = [];
  const failures: unknown[] = [];
  const over = new AbortController();
  const enough = Promise.withResolvers<void>();
  const sinceMs = performance.now();
  const all = Promise.all(
    asked.map(async (one) => {
      try {
        answers.push(await question(one, over.signal));
        if (isEnough(answers)) enough.resolve();
      } catch (error) {
        failures.push(error);
        if (!over.signal.aborted) onFailure(one, error);
      }
    }),
  );
  await Promise.race([all, enough.promise]);
  await atMost(Math.max(LEAST_GRACE_MS, performance.now() - sinceMs), all, () => undefined);
  // Nobody listens if nobody is late, and the reason of an abort takes as long as all else here.
  if (answers.length + failures.length < asked.length) over.abort();
  if (answers.length === 0 && failures.length > 0) {
    throw failures.find((error) => !isHalt(error)) ?? failures[0];
  }
  return [...answers];
}

function isHalt(error: unknown): boolean {
  return error instanceof BridgeError && error.disposition === 'halt';
}
