import type { VirtualTime } from './virtual-time.ts';

/** What a relayer speaks to. */
export type Peer = 'chain' | 'finality' | 'enclave' | 'journal' | 'queue';

/** One thing that is asked of it. */
export interface Call {
  readonly peer: Peer;
  /** Which of several; a chain's or an enclave's name. */
  readonly of: string;
  /** Method, command or statement. */
  readonly name: string;
}

/** What befalls a call. */
export interface Fate {
  /** Milliseconds before it is carried out. */
  readonly delayMs?: number;
  /** Fails without having been carried out. */
  readonly failsBefore?: () => Error;
  /** Is carried out, and its answer is lost. */
  readonly failsAfter?: () => Error;
  /** Milliseconds in which nobody answers after it was carried out: as long as a half-open connection is waited for. */
  readonly silentMs?: number;
  /** It is delivered twice; the second time is answered. */
  readonly isTwice?: true;
  /** Is answered by something else. */
  readonly lie?: (answer: unknown) => unknown;
}

/** Decides what befalls each call; undefined is nothing. */
export type Fates = (call: Call) => Fate | undefined;

/** At which of all calls a relayer is stopped for good, and whether the call is still carried out. */
export interface StopAt {
  /** @param place its place among all calls, from 1 on */
  isAt(call: Call, place: number): boolean;
  readonly isCarriedOut: boolean;
}

export interface GateOptions {
  readonly time: VirtualTime;
  readonly fates: Fates;
  readonly stopAt?: StopAt | undefined;
}

/** All that one run of a relayer asks of what is outside goes through here. Once it is dead nothing does, and nothing comes back. */
export class Gate {
  readonly #options: GateOptions;
  /** Calls so far. */
  calls = 0;
  /** Calls that something outside this thread works on. */
  pending = 0;
  isDead = false;
  /** Until when its process stands still, in milliseconds of the world's time: nothing leaves it before. */
  stalledUntilMs = 0;
  /** Comes when it is dead. */
  readonly death: Promise<void>;
  #die: () => void = () => undefined;

  constructor(options: GateOptions) {
    this.#options = options;
    this.death = new Promise((resolve) => {
      this.#die = resolve;
    });
  }

  /** The relayer of this gate is no more. */
  kill(): void {
    this.isDead = true;
    this.#die();
  }

  /** Has a call carried out, unless its fate is another. */
  async pass<T>(call: Call, work: () => Promise<T>): Promise<T> {
    const { time, fates, stopAt } = this.#options;
    if (this.isDead) return await never();
    this.calls += 1;
    const isLast = stopAt?.isAt(call, this.calls) ?? false;
    if (isLast && !stopAt?.isCarriedOut) this.kill();
    if (this.isDead) return await never();
    const fate = fates(call) ?? {};
    await this.#depart(fate);
    // What is on its way to others arrives after its sender's end; its own database is told nothing more.
    if (this.isDead && call.peer === 'journal') return await never();
    if (fate.failsBefore !== undefined) throw fate.failsBefore();
    // Whatever the first is told is lost.
    if (fate.isTwice) await this.#work(call, work).catch(() => undefined);
    const answer = await this.#work(call, work);
    if (isLast) this.kill();
    if (fate.silentMs !== undefined) await time.sleep(fate.silentMs);
    if (this.isDead) return await never();
    if (fate.failsAfter !== undefined) throw fate.failsAfter();
    return fate.lie === undefined ? answer : (fate.lie(answer) as T);
  }

  async #depart({ delayMs }: Fate): Promise<void> {
    const { time } = this.#options;
    if (delayMs !== undefined) await time.sleep(delayMs);
    while (time.nowMs < this.stalledUntilMs) await time.sleep(this.stalledUntilMs - time.nowMs);
  }

  async #work<T>({ peer }: Call, work: () => Promise<T>): Promise<T> {
    // Only enclaves work in other threads; all others are through when this one rests.
    const share = peer === 'enclave' ? 1 : 0;
    this.pending += share;
    try {
      return await work().finally(() => {
        this.pending -= share;
      });
    } catch (error) {
      if (this.isDead) return await never();
      throw error;
    }
  }
}

/** What a process that is no more is told. */
export function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
