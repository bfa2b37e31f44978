// How figures are printed.

/** A share with three decimals; empty cells are "–". */
export function share(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : '–';
}

/** A share in per cent. */
export function percent(value: number): string {
  return Number.isFinite(value) ? `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %` : '–';
}

/** A count or a time: two digits at least. */
export function amount(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US');
}

/** A median with a percentile beside it. */
export function pair([middle, edge]: readonly [number, number]): string {
  return `${amount(middle)} (${amount(edge)})`;
}
