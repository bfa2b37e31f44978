import type { Hex } from '../../src/shared/bytes.ts';
import type { Block } from './block-tree.ts';
import type { Chain } from './chain.ts';
import type { PoolEvent } from './transaction-pool.ts';
import { hashExtrinsic } from './transaction-pool.ts';

/** A status in a node's JSON: a word, or a word with a hash. */
export type TransactionStatus = string | Readonly<Record<string, unknown>>;

type Watch = {
  readonly hash: Hex;
  readonly emit: (status: TransactionStatus) => void;
  includedIn: Hex | undefined;
};

/** Tells those who watch an extrinsic where it stands, until it is final or gone. */
export class TransactionWatches {
  readonly #watches = new Set<Watch>();

  constructor({ pool, tree }: Chain) {
    pool.events.subscribe((event) => this.#onPoolEvent(event));
    tree.imported.subscribe(({ retracted, enacted }) => {
      for (const block of retracted) this.#onBlock(block, 'retracted');
      for (const block of enacted) this.#onBlock(block, 'inBlock');
    });
    tree.finalizedBlocks.subscribe(({ path }) => {
      for (const block of path) this.#onBlock(block, 'finalized');
    });
  }

  /** Starts before the submission, so that no status is missed. Returns what ends it. */
  watch(hash: Hex, emit: (status: TransactionStatus) => void): () => void {
    const watch: Watch = { hash, emit, includedIn: undefined };
    this.#watches.add(watch);
    return () => this.#watches.delete(watch);
  }

  #onPoolEvent(event: PoolEvent): void {
    const status = event.kind === 'usurped' ? { usurped: event.by } : event.kind;
    const isOver = event.kind !== 'ready' && event.kind !== 'future';
    for (const watch of [...this.#watches]) {
      if (watch.hash !== event.hash || watch.includedIn !== undefined) continue;
      watch.emit(status);
      if (isOver) this.#watches.delete(watch);
    }
  }

  #onBlock(block: Block, what: 'retracted' | 'inBlock' | 'finalized'): void {
    if (this.#watches.size === 0) return;
    const hashes = new Set(block.extrinsics.map(hashExtrinsic));
    for (const watch of [...this.#watches]) {
      if (!hashes.has(watch.hash)) continue;
      watch.includedIn = what === 'retracted' ? undefined : block.hash;
      watch.emit({ [what]: block.hash });
      if (what === 'finalized') this.#watches.delete(watch);
    }
  }
}
