import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { GATEWAY_SLOTS } from '../../src/protocol/contracts.ts';
import type { RelaySide } from './relay-world.ts';

const LOOK_MS = 250;

/** What was seen of a chain at an instant. */
interface Sight {
  readonly atMs: number;
  readonly head: number;
  readonly finalTimeSec: bigint;
  readonly released: bigint;
}

/** Looks at the chains, and at a process's memory, until it is told to stop. */
export class Observer {
  readonly #sights = new Map<RelaySide, Sight[]>();
  readonly #abort = new AbortController();
  readonly #done: Promise<unknown>;
  /** Most that the process has had resident, bytes. */
  peakBytes = 0;

  constructor(sides: readonly RelaySide[], pid: () => number | undefined) {
    const { signal } = this.#abort;
    this.#done = Promise.all([
      ...sides.map((side) => this.#watch(side)),
      repeat(signal, async () => {
        this.peakBytes = Math.max(this.peakBytes, residentBytes(pid()));
      }),
    ]);
  }

  /** Releases that a gateway has made, when it was last looked at. */
  released(side: RelaySide): bigint {
    return this.#sights.get(side)?.at(-1)?.released ?? 0n;
  }

  /** When a block was first seen, by its number. */
  seenAtMs(side: RelaySide, block: number): number | undefined {
    return this.#sights.get(side)?.find(({ head }) => head >= block)?.atMs;
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
      sights.push({ atMs: Date.now(), head: head.number, finalTimeSec, released: count });
    });
  }
}

async function repeat(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await work();
    await sleep(LOOK_MS);
  }
}

function residentBytes(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
