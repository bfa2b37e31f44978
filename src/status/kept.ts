import { atMost } from '../chains/shared/at-most.ts';

/** Something that is asked for often and changes seldom. */
export interface Kept<T> {
  /** As of at most the given age; all who ask at the same time wait for one answer. */
  get(): Promise<T>;
}

/**
 * Keeps an answer for a while. A failure is not kept.
 *
 * @param forMs how long an answer counts, on a clock that only goes forward
 */
export function keep<T>(
  forMs: number,
  fetch: () => Promise<T>,
  nowMs: () => number = () => performance.now(),
): Kept<T> {
  let asked: { readonly atMs: number; readonly answer: Promise<T> } | undefined;
  return {
    get: () => {
      if (asked !== undefined && nowMs() - asked.atMs < forMs) return asked.answer;
      const mine = { atMs: nowMs(), answer: fetch() };
      asked = mine;
      mine.answer.catch(() => {
        if (asked === mine) asked = undefined;
      });
      return mine.answer;
    },
  };
}

/**
 * What `work` answers, or undefined if it fails or takes longer than its deadline: one thing that does not answer hides nothing else.
 */
export async function within<T>(
  deadlineMs: number,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const nothing = () => undefined;
  return await atMost(deadlineMs, work().catch(nothing), nothing);
}
