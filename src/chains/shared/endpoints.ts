/** One node of a chain, as this process has come to know it. */
export interface EndpointHealth {
  /** Host and port: a URL may carry a key. */
  readonly host: string;
  /** 1 of a node without a fault lately, towards 0 with every fault. */
  readonly score: number;
  readonly answers: number;
  readonly failures: number;
  /** How often it was caught saying what was not so. */
  readonly lies: number;
  /** What it was caught at last, as long as that counts. */
  readonly distrustedFor: string | undefined;
}

/** What is wrong with an answer, from little to much. */
export type EndpointFault = 'failed' | 'behind' | 'alone';

const PENALTIES: Record<EndpointFault, number> = { failed: 2, behind: 4, alone: 8 };
/** Below everything else for some minutes, and then tried again. */
const LIE_PENALTY = 64;
/** A penalty is worth half of it after so long. */
const HALF_LIFE_MS = 60_000;

/** A node and how it has done. */
export class Endpoint {
  readonly url: string;
  readonly #nowMs: () => number;
  #answers = 0;
  #failures = 0;
  #lies = 0;
  #penalty = 0;
  #penaltyAtMs = 0;
  #caughtAt: string | undefined;

  constructor(url: string, nowMs: () => number) {
    this.url = url;
    this.#nowMs = nowMs;
  }

  answered(): void {
    this.#answers += 1;
  }

  /** Notes a fault that an honest node may have. */
  fault(kind: EndpointFault): void {
    this.#failures += 1;
    this.#punish(PENALTIES[kind]);
  }

  /** Notes that it said what was not so. @param why in words that follow "because" */
  distrust(why: string): void {
    this.#lies += 1;
    this.#caughtAt = why;
    this.#punish(LIE_PENALTY);
  }

  /** 0 without a fault; it fades. */
  penalty(): number {
    return this.#penalty * 2 ** ((this.#penaltyAtMs - this.#nowMs()) / HALF_LIFE_MS);
  }

  health(): EndpointHealth {
    const penalty = this.penalty();
    return {
      host: new URL(this.url).host,
      score: 1 / (1 + penalty),
      answers: this.#answers,
      failures: this.#failures,
      lies: this.#lies,
      distrustedFor: penalty >= 1 ? this.#caughtAt : undefined,
    };
  }

  #punish(penalty: number): void {
    this.#penalty = this.penalty() + penalty;
    this.#penaltyAtMs = this.#nowMs();
  }
}

/**
 * Creates the endpoints of a chain.
 *
 * @param urls  in the order of the configuration: of two that do equally well the first is asked
 * @param nowMs a clock that never goes back, in milliseconds
 */
export function createEndpoints(
  urls: readonly string[],
  nowMs: () => number = () => performance.now(),
): Endpoint[] {
  return urls.map((url) => new Endpoint(url, nowMs));
}

/** Creates the endpoints of what has not been reached yet, as whoever reads their scores sees. */
export function createUnheardEndpoints(urls: readonly string[]): Endpoint[] {
  const endpoints = createEndpoints(urls);
  for (const endpoint of endpoints) endpoint.fault('failed');
  return endpoints;
}

/** The one that has done best lately first. */
export function inOrder<E extends { readonly endpoint: Endpoint }>(all: readonly E[]): E[] {
  // Whole steps: what fades a little sooner is no better.
  const place = ({ endpoint }: E) => Math.floor(endpoint.penalty());
  return [...all].sort((a, b) => place(a) - place(b));
}
