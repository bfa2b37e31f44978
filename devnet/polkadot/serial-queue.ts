/** Runs tasks one after the other, in the order in which they were given. */
export type SerialQueue = {
  run<T>(task: () => Promise<T>): Promise<T>;
};

export function createSerialQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(task) {
      const result = last.then(task);
      // The next task starts after this one, whether it failed or not; its caller sees the failure.
      last = result.catch(() => undefined);
      return result;
    },
  };
}
