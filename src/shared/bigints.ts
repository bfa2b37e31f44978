/** The lesser of two. */
export function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** The greater of two. */
export function most(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
