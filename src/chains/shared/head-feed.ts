import type { BlockRef } from './bridged-chain.ts';
import type { NodeLine } from './node-line.ts';

/** What is asked for to hear of new blocks, and how that is ended. */
export interface HeadSubscription {
  readonly begin: readonly [method: string, params: readonly unknown[]];
  /** A method that takes what the node calls the subscription. */
  readonly end: string;
}

/** A line on which a node tells of new blocks. */
export type FeedLine = Pick<NodeLine, 'isConnected' | 'listen' | 'call'>;

/** Hears from a node that there are new blocks. A hint: which they are is asked. */
export interface HeadFeed {
  /** Has `tell` hear of every hint from now on. The first to ask has the node asked for them. */
  onHead(tell: () => void): void;
  /** Takes the newest block that was asked for: a node that tells of none while they come is asked for hints anew. */
  seen(head: BlockRef): void;
}

/** New blocks without a hint after which a node is asked for hints again; twice as many each time that it was in vain. */
const SILENT_BLOCKS = 3;
const MAX_SILENT_BLOCKS = 192;

/** Creates a feed of the hints of whatever is at the other end of a line. */
export function createHeadFeed(line: FeedLine, subscription: HeadSubscription): HeadFeed {
  return new Feed(line, subscription);
}

class Feed implements HeadFeed {
  readonly #line: FeedLine;
  readonly #subscription: HeadSubscription;
  readonly #listeners: (() => void)[] = [];
  /** What the node calls the subscription; undefined while there is none. */
  #id: unknown;
  #last: BlockRef['hash'] | undefined;
  #silentBlocks = 0;
  #patienceBlocks = SILENT_BLOCKS;

  constructor(line: FeedLine, subscription: HeadSubscription) {
    this.#line = line;
    this.#subscription = subscription;
  }

  onHead(tell: () => void): void {
    this.#listeners.push(tell);
    if (this.#listeners.length > 1) return;
    this.#line.listen({
      connected: () => void this.#begin(),
      lost: () => {
        this.#id = undefined;
      },
      told: ({ params }) => {
        if (this.#id !== undefined && params.subscription === this.#id) this.#hear();
      },
    });
    if (this.#line.isConnected) void this.#begin();
  }

  seen({ hash }: BlockRef): void {
    if (hash === this.#last || this.#listeners.length === 0) return;
    this.#last = hash;
    this.#silentBlocks += 1;
    if (this.#silentBlocks <= this.#patienceBlocks || !this.#line.isConnected) return;
    this.#silentBlocks = 0;
    this.#patienceBlocks = Math.min(2 * this.#patienceBlocks, MAX_SILENT_BLOCKS);
    void this.#renew();
  }

  #hear(): void {
    this.#silentBlocks = 0;
    this.#patienceBlocks = SILENT_BLOCKS;
    for (const tell of this.#listeners) tell();
  }

  async #renew(): Promise<void> {
    // Nobody needs the answer: what it tells of is not listened to any more.
    if (this.#id !== undefined) {
      this.#line.call(this.#subscription.end, [this.#id]).catch(() => undefined);
    }
    await this.#begin();
  }

  async #begin(): Promise<void> {
    this.#id = undefined;
    try {
      this.#id = await this.#line.call(...this.#subscription.begin);
    } catch {
      // It is looked at anyway; once blocks have gone by without a hint it is asked again.
    }
  }
}
