import { atMost } from './at-most.ts';

/** How long others are waited for once one has answered. */
const GRACE_MS = 1000;

/** What comes within a moment after the first answer. @throws the first failure if there is no answer at all */
export async function gatherAnswers<T>(asked: readonly Promise<T>[]): Promise<T[]> {
  const answers: T[] = [];
  const settled = Promise.allSettled(
    asked.map(async (one) => {
      answers.push(await one);
    }),
  );
  // The first failure says why.
  await Promise.any(asked).catch(async () => await asked[0]);
  await atMost(GRACE_MS, settled, () => undefined);
  return [...answers];
}
