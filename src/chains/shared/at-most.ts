/**
 * Waits for `work`, but no longer than `ms` milliseconds: then for what `late` says, or throws. What the work comes to after that is heard by
 * nobody.
 */
export async function atMost<T, L>(ms: number, work: Promise<T>, late: () => L): Promise<T | L> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, ms);
  try {
    return await Promise.race([work, over.promise.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}
