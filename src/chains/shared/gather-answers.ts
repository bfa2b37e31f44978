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
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, GRACE_MS);
  });
  await Promise.race([settled, grace]);
  clearTimeout(timer);
  return [...answers];
}
