import { setTimeout as sleep } from 'node:timers/promises';
import { BridgeError } from '../../shared/errors.ts';
import { ChainError } from './bridged-chain.ts';

const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 10_000;
/** Whoever asks before the first attempt has ended waits for it, but no longer than this. */
const FIRST_MS = 10_000;

/** What is being opened, as often as it takes. */
export interface Joining<T> {
  /** @throws what the last attempt failed with; {@link ChainError} CHAIN_UNAVAILABLE while the first has not ended in time */
  get(): Promise<T>;
  /** Undefined until it is open. */
  readonly opened: T | undefined;
  /** Resolves when it is open, however long that takes. */
  readonly opening: Promise<T>;
  /** Does not wait for an attempt that is under way: what comes of it is closed then. */
  close(): Promise<void>;
}

/** Hears of what is being opened. */
export interface JoiningListener {
  /** An attempt has failed; the next begins after `backoffMs`, or never if that is undefined. */
  failed(name: string, error: unknown, backoffMs: number | undefined): void;
  joined(name: string): void;
}

/** How the opening of something is tried. */
export interface JoiningOptions {
  readonly listener?: JoiningListener;
  /** Before the second attempt; it doubles from there. */
  readonly firstBackoffMs?: number;
  /** For whoever asks before the first attempt has ended. */
  readonly firstMs?: number;
}

/**
 * Opens something in the background: after a failure that another attempt may cure, again, until it is open or closed.
 *
 * @param name what the configuration calls it; stands in errors
 */
export function startJoining<T extends { close(): Promise<void> }>(
  name: string,
  open: () => Promise<T>,
  options: JoiningOptions = {},
): Joining<T> {
  return new Attempts(name, open, options);
}

class Attempts<T extends { close(): Promise<void> }> implements Joining<T> {
  readonly #name: string;
  readonly #open: () => Promise<T>;
  readonly #listener: JoiningListener | undefined;
  readonly #closing = new AbortController();
  readonly #hasTried = Promise.withResolvers<void>();
  readonly #opening = Promise.withResolvers<T>();
  #failure: unknown;
  #opened: T | undefined;

  constructor(name: string, open: () => Promise<T>, options: JoiningOptions) {
    const { listener, firstBackoffMs = FIRST_BACKOFF_MS, firstMs = FIRST_MS } = options;
    this.#name = name;
    this.#open = open;
    this.#listener = listener;
    const what = `no node has answered within ${firstMs / 1000} s; it is still tried`;
    this.#failure = new ChainError('CHAIN_UNAVAILABLE', { chain: name, what });
    setTimeout(this.#hasTried.resolve, firstMs).unref();
    void this.#run(firstBackoffMs);
  }

  get opened(): T | undefined {
    return this.#opened;
  }

  get opening(): Promise<T> {
    return this.#opening.promise;
  }

  async get(): Promise<T> {
    if (this.#opened === undefined) await this.#hasTried.promise;
    if (this.#opened === undefined) throw this.#failure;
    return this.#opened;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#opened?.close();
  }

  async #run(firstBackoffMs: number): Promise<void> {
    const { signal } = this.#closing;
    for (let next = firstBackoffMs; !signal.aborted; next *= 2) {
      if (await this.#try()) return;
      const backoffMs = Math.min(next, MAX_BACKOFF_MS);
      const isCurable = isWorthTrying(this.#failure);
      if (!signal.aborted) {
        this.#listener?.failed(this.#name, this.#failure, isCurable ? backoffMs : undefined);
      }
      if (!isCurable) return;
      await sleep(backoffMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #try(): Promise<boolean> {
    try {
      const opened = await this.#open();
      if (this.#closing.signal.aborted) {
        await opened.close();
        return false;
      }
      this.#opened = opened;
      this.#opening.resolve(opened);
      this.#listener?.joined(this.#name);
      return true;
    } catch (error) {
      this.#failure = error;
      return false;
    } finally {
      this.#hasTried.resolve();
    }
  }
}

/** What nobody foresaw is tried again. */
function isWorthTrying(error: unknown): boolean {
  return !(error instanceof BridgeError) || error.disposition === 'retry';
}
