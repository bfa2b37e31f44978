/** Tells when nothing comes of waiting any more: by what happens, not by the time it takes. */
export interface ProgressWatch {
  /** Something that is waited for has come a step further. */
  moved(): void;
  /**
   * Takes the chains' heads in.
   *
   * @param heads by chain name, the number of the newest block
   * @returns why waiting is in vain; undefined if it is not
   */
  look(heads: ReadonlyMap<string, number>): string | undefined;
}

/** A machine may be busy for long, but not all of this time with something else than a block. */
const STANDSTILL_MS = 5 * 60_000;
/** Blocks of every chain in which nothing moved: several times what the slowest step takes. */
const IDLE_BLOCKS = 200;

interface Head {
  readonly number: number;
  /** When it was first seen. */
  readonly sinceMs: number;
  /** The head when something moved last. */
  readonly atMove: number;
}

/**
 * Creates a watch that gives up when nothing has moved while every chain made {@link IDLE_BLOCKS}, or for
 * {@link STANDSTILL_MS} in which one of them made no block.
 */
export function createProgressWatch(nowMs: () => number): ProgressWatch {
  let movedMs = nowMs();
  let heads: ReadonlyMap<string, Head> = new Map();
  return {
    moved: () => {
      movedMs = nowMs();
      heads = new Map([...heads].map(([name, head]) => [name, { ...head, atMove: head.number }]));
    },
    look: (numbers) => {
      heads = new Map([...numbers].map(([name, number]) => [name, next(heads.get(name), number)]));
      return explainStandstill() ?? explainIdleness();
    },
  };

  function next(last: Head | undefined, number: number): Head {
    if (last === undefined) return { number, sinceMs: nowMs(), atMove: number };
    return last.number === number ? last : { ...last, number, sinceMs: nowMs() };
  }

  function explainStandstill(): string | undefined {
    const beforeMs = nowMs() - STANDSTILL_MS;
    if (movedMs > beforeMs) return undefined;
    const dead = [...heads].filter(([, { sinceMs }]) => sinceMs <= beforeMs);
    if (heads.size > 0 && dead.length === 0) return undefined;
    const minutes = STANDSTILL_MS / 60_000;
    const chains = dead.map(([name, { number }]) => `${name} (block ${number})`);
    return chains.length === 0
      ? `no chain answered for ${minutes} minutes`
      : `no new block for ${minutes} minutes on ${chains.join(', ')}`;
  }

  function explainIdleness(): string | undefined {
    const idle = [...heads.values()].map(({ number, atMove }) => number - atMove);
    if (idle.length === 0 || Math.min(...idle) < IDLE_BLOCKS) return undefined;
    return `every chain made ${Math.min(...idle)} blocks and nothing moved`;
  }
}
