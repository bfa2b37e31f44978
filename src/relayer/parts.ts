import type { Logger } from 'pino';
import { atMost } from '../chains/shared/at-most.ts';

/** Something that is open and has to be closed. */
interface Closable {
  close(): Promise<void>;
}

interface Part {
  readonly name: string;
  readonly part: Closable;
}

/** What a process has opened so far, to be closed at its end, however far it has come. */
export class Parts {
  readonly #log: Logger;
  readonly #opening = new Set<Promise<unknown>>();
  readonly #open: Part[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Waits for a part to be open. */
  async open<T extends Closable>(name: string, opening: Promise<T>): Promise<T> {
    const noted = opening.then((part) => {
      this.#open.push({ name, part });
      return part;
    });
    this.#opening.add(noted);
    try {
      return await noted;
    } finally {
      this.#opening.delete(noted);
    }
  }

  /**
   * Closes all at once, when nothing is being opened any more: one part may stand on another. What hangs is left behind when the
   * deadline has passed; the end of the process closes it.
   */
  async close(deadlineMs: number): Promise<void> {
    const left = new Set<string>(['what is still being opened']);
    const closing = Promise.allSettled(this.#opening).then(() => {
      left.clear();
      return Promise.all(
        this.#open.splice(0).map(async (one) => {
          left.add(one.name);
          await this.#close(one);
          left.delete(one.name);
        }),
      );
    });
    await atMost(deadlineMs, closing, () => undefined);
    for (const name of left) this.#log.warn({ part: name }, 'does not close; it is left behind');
  }

  async #close({ name, part }: Part): Promise<void> {
    try {
      await part.close();
    } catch (error) {
      this.#log.warn({ err: error, part: name }, 'did not close well');
    }
  }
}
