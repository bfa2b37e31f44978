import type { Rng } from '../../src/shared/rng.ts';

/** Made-up chance that follows from a seed alone. */
export interface Random extends Rng {
  /** Uniform in [0, 1). */
  next(): number;
}

/** A stream of chance of its own for every seed and name. sfc32, which passes the usual batteries; nothing here is secret. */
export function createRandom(seed: number, name: string): Random {
  let [a, b, c, counter] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, 0x9e3779b9, 1];
  const word = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (const letter of name) {
    c ^= letter.charCodeAt(0);
    word();
  }
  for (let i = 0; i < 16; i++) word();
  return {
    next: () => word() / 2 ** 32,
    bytes: (length) => Uint8Array.from({ length }, () => word() & 0xff),
  };
}

/** True with this probability. */
export function happens(random: Random, probability: number): boolean {
  return random.next() < probability;
}

/** A whole number of `low` … `high`. */
export function wholeBetween(random: Random, low: number, high: number): number {
  return low + Math.floor(random.next() * (high - low + 1));
}

/** A time between events that come at random. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random.next());
}

/** A value whose logarithm is normal. */
export function logNormal(random: Random, median: number, sigma: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * random.next()));
}

/** A value with a tail as heavy as 1 / x^shape. */
export function pareto(random: Random, least: number, shape: number): number {
  return least / (1 - random.next()) ** (1 / shape);
}

/** One of the items, each as often as its share says. */
export function pick<T>(random: Random, items: readonly (readonly [T, number])[]): T {
  let at = random.next() * items.reduce((sum, [, share]) => sum + share, 0);
  const found = items.find(([, share]) => {
    at -= share;
    return at < 0;
  });
  const chosen = found ?? items.at(-1);
  if (chosen === undefined) throw new RangeError('nothing to pick from');
  return chosen[0];
}
