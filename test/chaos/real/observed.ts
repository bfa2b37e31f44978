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
  /** How often it has looked and found no new release: on a machine that has no time for it less often than on others. */
  stillLooks = 0;

  constructor(real: RealWorld) {
    this.#real = real;
    this.#done = this.#watch();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }

  async #watch(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      // A chain that has no time to answer has shown nothing.
      const released = await this.#count().catch(() => undefined);
      if (released !== undefined) this.#note(released);
      await sleep(LOOK_MS);
    }
  }

  #note(released: bigint): void {
    const nowMs = performance.now();
    this.longestMs = Math.max(this.longestMs, nowMs - this.#sinceMs);
    this.stillLooks += 1;
    if (released === this.#released) return;
    this.#released = released;
    this.#sinceMs = nowMs;
    this.stillLooks = 0;
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
