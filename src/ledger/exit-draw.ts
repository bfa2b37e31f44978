import type { Hex } from '../shared/bytes.ts';
import { exitBits } from './prf.ts';

// SPEC: docs/protocol.md §10. One draw in the place of a coin in every round: a leg whose coins each fall with p = 1/m stays g rounds
// with probability p · (1 − p)^g, which is what the table says. Integers only, so that all enclaves draw alike.

const ONE = 1n << 64n;

/**
 * The chance, in 2^-64, that a leg stays longer than g rounds, for g = 0, 1, 2 …: s(−1) = 2^64, s(g) = ⌊s(g − 1) · (m − 1) / m⌋, down to
 * the first that is zero.
 */
export function stayTable(meanStayRounds: number): readonly bigint[] {
  const m = BigInt(meanStayRounds);
  const table: bigint[] = [];
  for (let stays = ONE; stays > 0n; ) {
    stays = (stays * (m - 1n)) / m;
    table.push(stays);
  }
  return table;
}

/** The rounds that a leg stays which drew these 64 bits: the first g with bits ≥ s(g). */
export function stayOf(table: readonly bigint[], bits: bigint): number {
  let [low, high] = [0, table.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bits >= (table[middle] ?? 0n)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** How a leg's exit is drawn in one round. */
export interface ExitLaw {
  /** Of the key epoch that keys the round, 32 bytes. */
  readonly secret: Uint8Array;
  readonly table: readonly bigint[];
}

/** The round in which a leg's coin falls, `from` or a later one. */
export function drawExit({ secret, table }: ExitLaw, id: Hex, from: bigint): bigint {
  return from + BigInt(stayOf(table, exitBits(secret, id, from)));
}
