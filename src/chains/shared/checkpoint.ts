/** A checkpoint that was made of a node's newest final block, ready to be pinned once somebody has compared it. */
export interface Checkpoint {
  /** An entry of `lightClients` of the measured configuration, but for its id. */
  readonly lightClient: Readonly<Record<string, unknown>>;
  /** What it is of and what to compare it with, as lines of text: one node is one witness. */
  readonly compare: readonly string[];
  /** How long somebody may wait before beginning to trust it, in seconds. */
  readonly periodSec: number;
}
