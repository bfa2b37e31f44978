import { type Bridge, committerOf } from '../bridge.ts';
import { claimLease, type Fence, underLease } from '../journal/leases.ts';
import { changesAfter, lastChangeId } from '../journal/lookups.ts';
import { beginTraced, loadTraced, saveTraced, tooManyAfter } from '../journal/traced.ts';
import { pause } from '../pause.ts';
import { type SpanSources, spansOfChanges, spansOfProof } from './read-spans.ts';
import { sendSpans } from './send-spans.ts';
import type { Span } from './spans.ts';

/** How traces are paced and bounded; all of it has defaults. */
export interface TraceOptions {
  /** From one look at the journal to the next. */
  readonly lookMs?: number;
  /** The longest time between attempts while the collector is away. */
  readonly mostBackoffMs?: number;
  /** For one answer of the collector. */
  readonly answerMs?: number;
  /** State changes that the collector may be behind; older ones it is never told of. */
  readonly mostBehind?: number;
}

/** What became of spans since the process started. */
export interface TraceCounts {
  readonly sent: number;
  /** Refused by the collector, or not made: it was away for too long. Of what is not made, state changes are counted. */
  readonly dropped: number;
  /** Attempts that the collector did not answer. */
  readonly failures: number;
}

/** What tells a collector of transfers. */
export interface Traces {
  counts(): TraceCounts;
  /** What is journaled after this is told, if nothing was before. @throws {JournalError} */
  begin(): Promise<void>;
  /** Tells it of them until the bridge's signal says stop, and then what is left, for no longer than a second. */
  run(): Promise<void>;
}

const LOOK_MS = 1000;
const MOST_BACKOFF_MS = 60_000;
const ANSWER_MS = 5000;
const MOST_BEHIND = 20_000;
const LAST_MS = 1000;
/** State changes that are told of at once. */
const PAGE = 500;
/** Longer than a page takes. */
const LEASE_MS = 15_000;
const LEASE = 'traces';

/**
 * Creates what tells a collector at `url` of transfers. Spans are made of the journal, and how far the collector has come is in the
 * journal: it may be away, and relayers may be restarted, as they like. Nothing waits for it.
 */
export function createTraces(bridge: Bridge, url: string, options: TraceOptions = {}): Traces {
  const { lookMs = LOOK_MS, mostBackoffMs = MOST_BACKOFF_MS } = options;
  const counts = { sent: 0, dropped: 0, failures: 0 };
  const { signal, log } = bridge;
  const telling = new Telling(bridge, url, { ...options, counts, end: soonAfter(signal) });
  const look = async (): Promise<boolean> => {
    try {
      await telling.tellAll();
      return true;
    } catch (error) {
      counts.failures += 1;
      if (!signal.aborted) log.warn({ err: error }, 'no traces are told');
      return false;
    }
  };
  return {
    counts: () => ({ ...counts }),
    begin: async () => {
      await beginTraced(bridge.database);
    },
    run: async () => {
      let waitMs = lookMs;
      while (!signal.aborted) {
        const isWell = await look();
        waitMs = isWell ? lookMs : Math.min(2 * waitMs, mostBackoffMs);
        await pause(waitMs, signal);
      }
      await look();
    },
  };
}

/** Says stop a while after another does: what is on its way then has been taken, or has not. */
function soonAfter(signal: AbortSignal): AbortSignal {
  const end = new AbortController();
  const stop = () => setTimeout(() => end.abort(signal.reason), LAST_MS).unref();
  signal.addEventListener('abort', stop, { once: true });
  return end.signal;
}

interface TellingOptions extends TraceOptions {
  readonly counts: { sent: number; dropped: number };
  /** Ends whatever is awaited. */
  readonly end: AbortSignal;
}

/** One collector, and what it has to be told still. */
class Telling {
  readonly #bridge: Bridge;
  readonly #url: string;
  readonly #options: TellingOptions;
  readonly #sources: SpanSources;

  constructor(bridge: Bridge, url: string, options: TellingOptions) {
    this.#bridge = bridge;
    this.#url = url;
    this.#options = options;
    this.#sources = sourcesOf(bridge);
  }

  /** Tells all that there is. @throws {CollectorAway} {WaitLate} @throws {JournalError} */
  async tellAll(): Promise<void> {
    const { database, holder } = this.#bridge;
    const claim = { lease: LEASE, holder, leaseMs: LEASE_MS };
    for (;;) {
      // Of processes that share the journal one tells of it.
      const fence = await claimLease(database, claim);
      if (fence === undefined || !(await this.#tellPage(fence))) break;
    }
    await this.#tellProofs();
  }

  /** @returns whether there may be more */
  async #tellPage(fence: Fence): Promise<boolean> {
    const { database } = this.#bridge;
    const after = await this.#startOf(fence);
    const changes = await changesAfter(database, after, PAGE);
    const end = changes.at(-1);
    if (end === undefined) return false;
    await this.#send(await spansOfChanges(this.#sources, changes));
    await underLease(database, fence, (tx) => saveTraced(tx, end.id));
    return changes.length === PAGE;
  }

  /** The change after which to go on. What came before traces were first asked for is not told. */
  async #startOf(fence: Fence): Promise<number> {
    const { database } = this.#bridge;
    const { mostBehind = MOST_BEHIND, counts } = this.#options;
    const told = (await loadTraced(database)) ?? (await beginTraced(database));
    const newest = await lastChangeId(database);
    const tooMany =
      newest - told > mostBehind ? await tooManyAfter(database, told, mostBehind) : undefined;
    if (tooMany === undefined) return told;
    counts.dropped += tooMany.count;
    await underLease(database, fence, (tx) => saveTraced(tx, tooMany.last));
    return tooMany.last;
  }

  async #tellProofs(): Promise<void> {
    const { proofs } = this.#bridge;
    for (let run = proofs?.first(); run !== undefined; run = proofs?.first()) {
      await this.#send(await spansOfProof(this.#sources, run));
      proofs?.drop(run);
    }
  }

  async #send(spans: readonly Span[]): Promise<void> {
    if (spans.length === 0) return;
    const { counts, end, answerMs = ANSWER_MS } = this.#options;
    const sending = { url: this.#url, teller: this.#sources.teller, spans };
    const until = AbortSignal.any([end, AbortSignal.timeout(answerMs)]);
    const refused = await this.#await(answerMs, sendSpans(sending, until));
    counts.sent += spans.length - refused;
    counts.dropped += refused;
  }

  /** The wait ends with the relayer; the answer, by which nothing is told twice, a little later. */
  async #await(answerMs: number, answer: Promise<number>): Promise<number> {
    const { vitals, signal } = this.#bridge;
    try {
      return await vitals.wait('the collector of traces', answerMs, () => answer);
    } catch (error) {
      if (!signal.aborted) throw error;
      return await answer;
    }
  }
}

function sourcesOf(bridge: Bridge): SpanSources {
  const { database, sides, schedule } = bridge;
  const chains = sides.map(({ chain: { chainId }, gateway, lagSec }) => {
    return { chainId, gateway, lagSec };
  });
  return { database, schedule, chains, teller: committerOf(bridge).signer.address };
}
