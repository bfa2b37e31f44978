/** Messages of a chain that an enclave has taken in, from one index to before another. */
export interface Proof {
  /** As lanes and logs call it. */
  readonly enclave: string;
  readonly chainId: bigint;
  readonly from: bigint;
  readonly end: bigint;
  /** Milliseconds of Unix time. */
  readonly atMs: number;
}

/** Runs of messages that are remembered until somebody takes them. */
const MOST = 256;
/** Messages of one run: what is told at once. */
const RUN = 500n;

/** What each enclave has taken in lately. The journal has the first of them only; more than some are forgotten, the oldest first. */
export class Proofs {
  readonly #runs: Proof[] = [];

  /** Remembers that an enclave has taken messages in. */
  note({ from, end, ...proof }: Proof): void {
    for (let at = from; at < end; at += RUN) {
      this.#runs.push({ ...proof, from: at, end: at + RUN < end ? at + RUN : end });
    }
    this.#runs.splice(0, Math.max(0, this.#runs.length - MOST));
  }

  /** The oldest run, which stays until it is dropped; undefined if there is none. */
  first(): Proof | undefined {
    return this.#runs[0];
  }

  /** Forgets a run that was told, unless it is forgotten already. */
  drop(run: Proof): void {
    const at = this.#runs.indexOf(run);
    if (at >= 0) this.#runs.splice(at, 1);
  }
}
