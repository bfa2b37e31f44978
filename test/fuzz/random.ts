/** A seeded stream of 32-bit numbers: the same for the same seed, on every machine. */
export interface Random {
  /** An integer from 0 up to, not including, `bound`; `bound` at most 2^32. */
  below(bound: number): number;
  /** One of `items`, which may not be empty. */
  pick<T>(items: readonly T[]): T;
  /** `length` bytes. */
  bytes(length: number): Uint8Array;
}

/** The stream of run `index` of a target in a campaign: every run can be repeated alone. */
export function createRandom(seed: number, target: string, index: number): Random {
  let state = mix(seed ^ hashText(target)) ^ mix(index + 0x9e3779b9);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    return mix(state);
  };
  const below = (bound: number) => Math.floor(((next() >>> 0) / 2 ** 32) * bound);
  return {
    below,
    pick: <T>(items: readonly T[]) => items[below(items.length)] as T,
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
  };
}

/** Spreads every bit of a 32-bit number over all of them. */
function mix(value: number): number {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
