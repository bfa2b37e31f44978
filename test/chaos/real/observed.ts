import { setTimeout as sleep } from 'node:timers/promises';
import { GATEWAY_SLOTS } from '../../../src/protocol/contracts.ts';
import type { RealWorld } from './real-world.ts';

const LOOK_MS = 500;

/** Looks at how many releases the gateways have made, and notes when there are more. */
export class Observed {
  readonly #real: RealWorld;
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  #released = -1n;
  #sinceMs = performance.now();
  /** The longest time without a new release so far, in milliseconds. */
  longestMs = 0;

  constructor(real: RealWorld) {
    this.#real = real;
    this.#done = this.#watch();
  }

  /** How long there has been no new release. */
  get stillMs(): number {
    return performance.now() - this.#sinceMs;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }

  async #watch(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const released = await this.#count();
      this.longestMs = Math.max(this.longestMs, this.stillMs);
      if (released !== this.#released) this.#sinceMs = performance.now();
      this.#released = released;
      await sleep(LOOK_MS);
    }
  }

  async #count(): Promise<bigint> {
    const { ethereum, polkadot } = this.#real;
    const words = [ethereum, polkadot].map(({ chain, gateway }) =>
      chain.word(gateway, GATEWAY_SLOTS.releasedCount),
    );
    const counts = await Promise.all(words);
    return counts.reduce((sum, word) => sum + BigInt.asUintN(64, BigInt(word)), 0n);
  }
}
