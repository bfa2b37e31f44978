/** Pauses that end early when something has happened. */
export interface Nudge {
  /** Ends the pause that is on, or the next one, as soon as that has lasted its least. */
  wake(): void;
  /** Never longer than `mostMs`, nor beyond the end of the relayer. @returns whether something has happened meanwhile */
  pause(bounds: PauseBounds, signal: AbortSignal): Promise<boolean>;
}

/** How long a pause lasts, in milliseconds. */
export interface PauseBounds {
  /** However often it is to be ended. */
  readonly leastMs: number;
  readonly mostMs: number;
}

/** Creates what makes one place pause, one pause at a time. */
export function createNudge(): Nudge {
  let isNudged = false;
  let onNudge: () => void = () => undefined;
  return {
    wake: () => {
      isNudged = true;
      onNudge();
    },
    pause: async ({ leastMs, mostMs }, signal) => {
      if (signal.aborted) return false;
      return await new Promise<boolean>((resolve) => {
        const end = () => {
          const hasHappened = isNudged;
          clearTimeout(least);
          clearTimeout(most);
          signal.removeEventListener('abort', end);
          onNudge = () => undefined;
          isNudged = false;
          resolve(hasHappened);
        };
        const least = setTimeout(() => {
          onNudge = end;
          if (isNudged) end();
        }, leastMs);
        const most = setTimeout(end, Math.max(leastMs, mostMs));
        signal.addEventListener('abort', end);
      });
    },
  };
}
