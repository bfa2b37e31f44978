import { createHash, createHmac } from 'node:crypto';
import { type Hex, toHex } from '../../../src/shared/bytes.ts';
import type { PlainEpoch, PlainState } from './plain-state.ts';
import type { Round } from './reference-round.ts';

// What the ledger decides by chance, from the words in src/ledger/prf.ts and src/ledger/exit-draw.ts.

/** The items of a chain in the order that only the enclaves know: takes the one of the lowest rank, again and again. */
export function shuffled<T>(
  round: Round,
  label: string,
  chainId: bigint,
  items: readonly T[],
): T[] {
  const place = uint(chainId, 8) + uint(round.round, 8);
  const key = prf(secretOf(round), label, place);
  const ranked = items.map((item, i) => ({ item, rank: BigInt(hmac(key, uint(BigInt(i), 4))) }));
  const ordered: T[] = [];
  while (ranked.length > 0) {
    const lowest = ranked.reduce((a, b) => (b.rank < a.rank ? b : a));
    ordered.push(...ranked.splice(ranked.indexOf(lowest), 1).map(({ item }) => item));
  }
  return ordered;
}

/** The round in which a leg's coin falls, from `from` on: goes through the rounds until what is drawn is not below the chance to stay longer. */
export function drawExit(round: Round, id: Hex, from: bigint): bigint {
  const bits = BigInt(
    prf(secretOf(round), 'veilspan/exit/v1', id.slice(2) + uint(from, 8)).slice(0, 18),
  );
  const mean = BigInt(round.input.rules.pools.meanStayRounds);
  let exit = from;
  let longer = ((1n << 64n) * (mean - 1n)) / mean;
  while (bits < longer) {
    exit += 1n;
    longer = (longer * (mean - 1n)) / mean;
  }
  return exit;
}

export function legIdOf(chainId: bigint, index: bigint, leg: number): Hex {
  const place = uint(chainId, 8) + uint(index, 8) + uint(BigInt(leg), 1);
  return hash('veilspan/leg/v1', place);
}

/** What stands for an envelope that did not open among those that did. */
export function unopenedKeyOf(chainId: bigint, index: bigint): Hex {
  return hash('veilspan/unopened/v1', uint(chainId, 8) + uint(index, 8));
}

export function openedKeyOf(enc: Hex): Hex {
  return hash('', enc.slice(2));
}

export function batchKeyOf(chainId: bigint, firstIndex: bigint): Hex {
  return `0x${uint(chainId, 16)}${uint(firstIndex, 16)}`;
}

/** The key epoch that keys a round. */
export function keyEpochOf({ epochs }: PlainState, round: bigint): PlainEpoch {
  return epochs.filter(({ firstRound }) => firstRound <= round).at(-1)!;
}

function secretOf({ state, input, round }: Round): Uint8Array {
  return input.secretOf(keyEpochOf(state, round).epoch);
}

function prf(secret: Uint8Array, label: string, fields: string): Hex {
  const message = Buffer.concat([Buffer.from(label), Buffer.from(fields, 'hex')]);
  return toHex(createHmac('sha256', secret).update(message).digest());
}

function hmac(key: Hex, fields: string): Hex {
  const secret = Buffer.from(key.slice(2), 'hex');
  return toHex(createHmac('sha256', secret).update(Buffer.from(fields, 'hex')).digest());
}

function hash(label: string, fields: string): Hex {
  const bytes = Buffer.concat([Buffer.from(label), Buffer.from(fields, 'hex')]);
  return toHex(createHash('sha256').update(bytes).digest());
}

function uint(value: bigint, bytes: number): string {
  return value.toString(16).padStart(2 * bytes, '0');
}
