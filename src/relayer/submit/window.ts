import type { Side } from '../bridge.ts';

/** So many wait however few a block takes, or it could not be seen that there is room for more. */
const LEAST = 8;
/** Blocks whose worth of batches waits: of the one that is being made and of two more, until it is seen and followed by others. */
const BLOCKS = 3;

/** How many batches the last full block of a gateway's chain took; of one that had none yet it is not known. */
const room = new WeakMap<Side, number>();

/**
 * How many of a gateway's batches may wait for a block at the same time. More than three blocks take are of no use: they keep a commit of the
 * same account waiting, are handed over again and again, and fail with the first of them that does.
 */
export function windowOf(side: Side): number {
  const taken = room.get(side) ?? side.limits.inFlight;
  return Math.min(side.limits.inFlight, Math.max(LEAST, BLOCKS * taken));
}

/** Batches of a line that one block has, as far as they are known. */
export interface Tally {
  readonly blockNumber: number;
  readonly count: number;
}

/** A batch in its block. */
interface Landed {
  readonly blockNumber: number;
  /** A head at which it was waiting already. */
  readonly waitedAt: number;
}

/**
 * Counts a batch that came into a block, in the order of the line. A block that one passed by although it had waited since before its
 * parent was made was full; if a block takes more than the last full one, there is room for more again.
 */
export function countLanded(
  side: Side,
  tally: Tally | undefined,
  { blockNumber, waitedAt }: Landed,
): Tally {
  if (tally?.blockNumber === blockNumber) return { blockNumber, count: tally.count + 1 };
  if (tally !== undefined) {
    const wasFull = waitedAt + 2 <= tally.blockNumber;
    const known = room.get(side);
    if (wasFull || (known !== undefined && tally.count > known)) room.set(side, tally.count);
  }
  return { blockNumber, count: 1 };
}
