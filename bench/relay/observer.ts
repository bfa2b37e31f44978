import { setTimeout as sleep } from 'node:timers/promises';
import { GATEWAY_SLOTS } from '../../src/protocol/contracts.ts';
import type { RelaySide } from './relay-world.ts';

const LOOK_MS = 250;

/** What was seen of a chain at an instant. */
interface Sight {
  readonly atMs: number;
  readonly head: number;
  readonly final: number;
  readonly finalTimeSec: bigint;
  readonly released: bigint;
}

/** Looks at the chains until it is told to stop. */
export class Observer {
  readonly #sights = new Map<RelaySide, Sight[]>();
  readonly #abort = new AbortController();
  readonly #done: Promise<unknown>;
  constructor(sides: readonly RelaySide[]) {
    this.#done = Promise.all(sides.map((side) => this.#watch(side)));
  }

  /** Releases that a gateway has made, when it was last looked at. */
  released(side: RelaySide): bigint {
    return this.#sights.get(side)?.at(-1)?.released ?? 0n;
  }

  /** When a block was first seen, by its number. */
  seenAtMs(side: RelaySide, block: number): number | undefined {
    return this.#sights.get(side)?.find(({ head }) => head >= block)?.atMs;
  }

  /** The first block that was not there yet at an instant. */
  blockAfter(side: RelaySide, atMs: number): number {
    return (this.#sights.get(side)?.findLast((sight) => sight.atMs <= atMs)?.head ?? 0) + 1;
  }

  /** When a block was first seen to be final, by its number. */
  finalAtMs(side: RelaySide, block: number): number | undefined {
    return this.#sights.get(side)?.find(({ final }) => final >= block)?.atMs;
  }

  /** When a block that is later than a second was first seen to be final. */
  finalBeyondMs(side: RelaySide, sec: bigint): number | undefined {
    return this.#sights.get(side)?.find(({ finalTimeSec }) => finalTimeSec > sec)?.atMs;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }

  async #watch(side: RelaySide): Promise<void> {
    const sights: Sight[] = [];
    this.#sights.set(side, sights);
    const { chain, gateway } = side;
    await repeat(this.#abort.signal, async () => {
      const [head, final, released] = await Promise.all([
        chain.head(),
        chain.finalizedHead(),
        chain.word(gateway, GATEWAY_SLOTS.releasedCount),
      ]);
      const finalTimeSec = await chain.blockTimeSec(final.hash);
      const count = BigInt.asUintN(64, BigInt(released));
      const numbers = { head: head.number, final: final.number };
      sights.push({ atMs: Date.now(), ...numbers, finalTimeSec, released: count });
    });
  }
}

async function repeat(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await work();
    await sleep(LOOK_MS);
  }
}
