import type { Clock } from '../src/shared/clock.ts';

/** The time of the Polkadot side's chains: that of the block which is being made. */
export interface ChainClock extends Clock {
  /**
   * Goes with the real clock from now on, as Ethereum's does. Before, every block takes the slot after its parent's, however
   * soon it comes, so that many can be made at once and no chain's time runs ahead.
   */
  follow(): void;
  /** Whether the slot of now has no block yet. */
  isDue(): boolean;
  /** Whether there is a slot that has passed for a block that is not due. */
  hasRoom(): boolean;
  /** The next block is begun. */
  takeSlot(): void;
  /** Moves all further time ahead. */
  forward(seconds: number): void;
}

/** The runtime's slot. */
const SLOT_MS = 2000;
/** How far back the clock starts: the room for blocks that are made before they are due. */
const HEAD_START_MS = 600_000;

/** Creates a clock {@link HEAD_START_MS} back, which stands until it follows the real one. */
export function createChainClock(realMs: () => number = Date.now): ChainClock {
  const startMs = realMs() - HEAD_START_MS;
  let blockMs = startMs;
  let takenMs = 0;
  let blocks = 0;
  let aheadMs = 0;
  let isFollowing = false;
  const nowMs = () => realMs() + aheadMs;
  const slotOf = (timeMs: number) => Math.floor(timeMs / SLOT_MS);
  return {
    nowMs: () => blockMs,
    follow: () => {
      isFollowing = true;
    },
    isDue: () => slotOf(nowMs()) > slotOf(takenMs),
    hasRoom: () => !isFollowing && startMs + (blocks + 1) * SLOT_MS < realMs(),
    takeSlot: () => {
      takenMs = nowMs();
      blocks++;
      if (isFollowing) blockMs = takenMs;
    },
    forward: (seconds) => {
      aheadMs += seconds * 1000;
    },
  };
}
