import { MAX_LEGS } from './order.ts';

// SPEC: docs/protocol.md §10. The canonical amounts of an asset: 1, 2 or 5 × 10^i × poolUnit.

const STEPS = [1n, 2n, 5n] as const;

/** Which amounts of an asset may enter pools: as `registerAsset` of control.ts says. */
export interface RungTerms {
  readonly poolUnit: bigint;
  /** Codes `3·i + (0, 1, 2)` for 1, 2, 5 × 10^i, ascending. */
  readonly rungs: readonly number[];
}

/** An amount in canonical parts. */
export interface SplitAmount {
  /** Descending, at most six, each canonical. */
  readonly parts: readonly bigint[];
  /** What they leave. */
  readonly rest: bigint;
}

/** True if `later` may take the place of `earlier`: the unit stays and no rung goes, so that legs that wait on one keep their company. */
export function isExtension(earlier: RungTerms, later: RungTerms): boolean {
  const keeps = (code: number) => later.rungs.includes(code);
  return earlier.poolUnit === later.poolUnit && earlier.rungs.every(keeps);
}

/** The amount that a rung stands for, in the asset's smallest unit. */
export function rungAmount(poolUnit: bigint, code: number): bigint {
  return (STEPS[code % 3] ?? 0n) * 10n ** BigInt(Math.floor(code / 3)) * poolUnit;
}

/** True if `amount` is one of the asset's rungs. */
export function isCanonical({ poolUnit, rungs }: RungTerms, amount: bigint): boolean {
  return rungs.some((code) => rungAmount(poolUnit, code) === amount);
}

/**
 * Splits an amount into as few rungs as there are, the largest first.
 *
 * @param most legs that may be used, at most 6
 */
export function splitIntoRungs(
  amount: bigint,
  { poolUnit, rungs }: RungTerms,
  most: number = MAX_LEGS,
): SplitAmount {
  const parts: bigint[] = [];
  let rest = amount;
  for (const code of [...rungs].reverse()) {
    const rung = rungAmount(poolUnit, code);
    for (; rung <= rest && parts.length < most; rest -= rung) parts.push(rung);
  }
  return { parts, rest };
}
