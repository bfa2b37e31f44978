/**
 * Of what several nodes have failed with what one thinks of the question, which says more than that another could not be asked; otherwise
 * why the first could not be asked.
 */
export function weightiest(
  failures: readonly unknown[],
  isOpinion: (failure: unknown) => boolean,
): unknown {
  return failures.find(isOpinion) ?? failures[0];
}

/** Waits for the first that takes what all are given. @throws the {@link weightiest} failure if none does */
export async function firstToTake<T>(
  given: readonly Promise<T>[],
  isOpinion: (failure: unknown) => boolean,
): Promise<T> {
  try {
    return await Promise.any(given);
  } catch (error) {
    // In the order of what was given.
    const failures = error instanceof AggregateError ? error.errors : [error];
    throw weightiest(failures, isOpinion);
  }
}
