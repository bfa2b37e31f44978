/** Randomness as a parameter, so that pure code and tests decide where it comes from. */
export interface Rng {
  /** `length` unpredictable bytes. */
  bytes(length: number): Uint8Array;
}
