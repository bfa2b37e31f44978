/** A list of listeners of one kind of event. */
export type Signal<T> = {
  subscribe(listener: (event: T) => void): () => void;
  emit(event: T): void;
};

/** Listeners are called in the order in which they came. */
export function createSignal<T>(): Signal<T> {
  const listeners = new Set<(event: T) => void>();
  return {
    subscribe(listener) {
      const own = (event: T) => listener(event);
      listeners.add(own);
      return () => listeners.delete(own);
    },
    emit(event) {
      for (const listener of [...listeners]) listener(event);
    },
  };
}
