import type { ChainKind } from '../src/protocol/chain-kind.ts';

// How the local world cuts time: so short that one can watch, and as long as its chains need to be final.

/** Rounds of the local world, as the measured configuration has them, but for when they start. */
export const ROUNDS = { roundSec: 4, lateSec: 259_200, graceSec: 3600 } as const;
/** Its pools. */
export const POOLS = { leastRoots: 2, meanStayRounds: 2 } as const;
/** How often its relayer commits. */
export const COMMIT_EVERY_SEC = 6;

/** Ethereum's finality takes up to 24 slots, and two for what shows it. */
const ETHEREUM_LAG_SLOTS = 26;
const SUBSTRATE_LAG_SEC = 6;

/** LAG of a chain of a kind, in seconds. @param slotMs of an Ethereum slot */
export function lagSec(kind: ChainKind, slotMs: number): number {
  return kind === 'ethereum' ? Math.ceil((ETHEREUM_LAG_SLOTS * slotMs) / 1000) : SUBSTRATE_LAG_SEC;
}
