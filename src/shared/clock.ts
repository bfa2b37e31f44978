/** Time as a parameter, so that pure code and tests decide what "now" is. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
}
