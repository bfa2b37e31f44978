import type { Logger } from 'pino';

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
  readonly #open: Part[] = [];
  #isClosing = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Waits for a part to be open; one that comes after the end is closed at once. */
  async open<T extends Closable>(name: string, opening: Promise<T>): Promise<T> {
    const part = await opening;
    if (this.#isClosing) await this.#close({ name, part });
    else this.#open.push({ name, part });
    return part;
  }

  /** Closes all at once. What hangs is left behind when the deadline has passed; the end of the process closes it. */
  async close(deadlineMs: number): Promise<void> {
    this.#isClosing = true;
    const open = new Set(this.#open.splice(0));
    const closing = [...open].map(async (one) => {
      await this.#close(one);
      open.delete(one);
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
    });
    await Promise.race([Promise.all(closing), late]);
    clearTimeout(timer);
    for (const { name } of open)
      this.#log.warn({ part: name }, 'does not close; it is left behind');
  }

  async #close({ name, part }: Part): Promise<void> {
    try {
      await part.close();
    } catch (error) {
      this.#log.warn({ err: error, part: name }, 'did not close well');
    }
  }
}
