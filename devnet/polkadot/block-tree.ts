import type { Hex } from '../../src/shared/bytes.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import type { GrandpaPoint } from './authority-set.ts';
import type { ChainState } from './chain-state.ts';
import type { Header } from './header.ts';
import { createSignal, type Signal } from './signal.ts';

export type Block = {
  readonly hash: Hex;
  readonly header: Header;
  readonly extrinsics: readonly Hex[];
  readonly state: ChainState;
  readonly grandpa: GrandpaPoint;
};

export type ImportEvent = {
  readonly block: Block;
  /** Blocks that left and joined the best chain, each in ascending order; none if not a new best. */
  readonly retracted: readonly Block[];
  readonly enacted: readonly Block[];
};

export type FinalityEvent = {
  readonly block: Block;
  /** All blocks that became final with it, ascending, itself last. */
  readonly path: readonly Block[];
  readonly justification: Hex;
};

/** Every block the chain has seen, its best chain (the longest) and its finalized one. */
export class BlockTree {
  readonly genesis: Block;
  readonly imported: Signal<ImportEvent> = createSignal();
  readonly finalizedBlocks: Signal<FinalityEvent> = createSignal();
  readonly #blocks = new Map<Hex, Block>();
  readonly #justifications = new Map<Hex, Hex>();
  #bestChain: Block[];
  #finalized: Block;

  constructor(genesis: Block) {
    this.genesis = genesis;
    this.#blocks.set(genesis.hash, genesis);
    this.#bestChain = [genesis];
    this.#finalized = genesis;
  }

  get best(): Block {
    return this.#bestChain.at(-1) ?? this.genesis;
  }

  get finalized(): Block {
    return this.#finalized;
  }

  /** The block of a hash, on any branch. */
  get(hash: Hex): Block | undefined {
    return this.#blocks.get(hash);
  }

  /** The block of the best chain at a height. */
  atNumber(number: number): Block | undefined {
    return this.#bestChain[number];
  }

  /** The encoded GRANDPA justification kept with a block. */
  justificationOf(hash: Hex): Hex | undefined {
    return this.#justifications.get(hash);
  }

  isOnBestChain(block: Block): boolean {
    return this.#bestChain[block.header.number] === block;
  }

  /** Adds a block; it becomes the best if its chain is longer. */
  import(block: Block): ImportEvent {
    this.#blocks.set(block.hash, block);
    const isBest = block.header.number > this.best.header.number;
    const event = isBest ? this.#switchTo(block) : { block, retracted: [], enacted: [] };
    this.imported.emit(event);
    return event;
  }

  #switchTo(block: Block): ImportEvent {
    const enacted: Block[] = [];
    let at: Block = block;
    while (!this.isOnBestChain(at)) {
      enacted.unshift(at);
      at = this.parentOf(at);
    }
    const retracted = this.#bestChain.slice(at.header.number + 1);
    this.#bestChain.splice(at.header.number + 1, retracted.length, ...enacted);
    return { block, retracted, enacted };
  }

  /** The parent of any block but genesis. */
  parentOf(block: Block): Block {
    const parent = this.#blocks.get(block.header.parentHash);
    if (parent === undefined) throw new UnknownParentError(block.header.parentHash);
    return parent;
  }

  /** Makes a block of the best chain final, and all before it. */
  finalize(block: Block, justification: Hex): void {
    const path = this.#bestChain.slice(this.#finalized.header.number + 1, block.header.number + 1);
    this.#finalized = block;
    this.#justifications.set(block.hash, justification);
    this.finalizedBlocks.emit({ block, path, justification });
  }
}

export class UnknownParentError extends BridgeError<{ parentHash: Hex }> {
  readonly code = 'DEVNET_BLOCK_PARENT_UNKNOWN';
  readonly disposition = 'reject';
  constructor(parentHash: Hex) {
    super(`No block ${parentHash} is known to build on.`, { parentHash });
  }
}
