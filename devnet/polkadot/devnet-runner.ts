import type { Hex } from '../../src/shared/bytes.ts';
import type { Clock } from '../../src/shared/clock.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import { deriveGrandpaKey } from './authority-keys.ts';
import { BlockProducer, nextSlotAfter, SLOT_DURATION_MS } from './block-producer.ts';
import type { Block, ImportEvent } from './block-tree.ts';
import type { Chain } from './chain.ts';
import type { ChainLog } from './chain-log.ts';
import { GrandpaVoter, type VoterFault } from './grandpa-voter.ts';
import { checkFaults, listUris, type PolkadotDevnetOptions, type VoterFaults } from './options.ts';
import { createSerialQueue } from './serial-queue.ts';
import { rotateAuthorities, signSetChange } from './set-changes.ts';

const systemClock: Clock = { nowMs: () => Date.now() };

/** Keeps the chain going: one block per slot, a round of votes after each. */
export class DevnetRunner {
  readonly voter: GrandpaVoter;
  readonly #chain: Chain;
  readonly #log: ChainLog;
  readonly #options: PolkadotDevnetOptions;
  readonly #producer: BlockProducer;
  readonly #queue = createSerialQueue();
  #faults: ReadonlyMap<Hex, VoterFault>;
  #isHeld = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(chain: Chain, log: ChainLog, options: PolkadotDevnetOptions) {
    const uris = listUris(options);
    this.#chain = chain;
    this.#log = log;
    this.#options = options;
    this.#producer = new BlockProducer(chain, uris);
    this.voter = new GrandpaVoter(chain.tree, uris.map(deriveGrandpaKey));
    this.#faults = keyFaults(options.voterFaults ?? {});
    chain.tree.finalizedBlocks.subscribe((event) => log.appendFinality(event));
  }

  /** Builds a block in every slot from now on. */
  start(): void {
    const slotMs = this.#options.slotMs ?? SLOT_DURATION_MS;
    const delayMs = slotMs - (this.#nowMs() % slotMs);
    this.#timer = setTimeout(() => void this.#tick(), delayMs);
  }

  async #tick(): Promise<void> {
    try {
      await this.produceBlock();
    } catch (error) {
      // The next slot tries again.
      this.#options.onError?.(error);
    }
    if (!this.#isStopped) this.start();
  }

  /** Ends after the block in the making. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#queue.run(async () => this.#log.close());
  }

  produceBlock(): Promise<Block> {
    return this.#queue.run(async () => {
      await this.#submitSetChange();
      const parent = this.#chain.tree.best;
      const extrinsics = this.#producer.chooseExtrinsics();
      const block = await this.#extend(parent, { slot: this.#nextSlot(parent), extrinsics });
      this.#vote();
      return block;
    });
  }

  holdFinality(): void {
    this.#isHeld = true;
  }

  resumeFinality(): Promise<void> {
    return this.#queue.run(async () => {
      this.#isHeld = false;
      this.#vote();
    });
  }

  setVoterFaults(faults: VoterFaults): Promise<void> {
    return this.#queue.run(async () => {
      checkFaults(this.#options, faults);
      this.#faults = keyFaults(faults);
      this.#vote();
    });
  }

  /** Replaces the last `depth` blocks by a branch that is one block longer. */
  fork(depth: number): Promise<readonly Block[]> {
    return this.#queue.run(async () => {
      let parent = this.#forkBase(depth);
      // One slot is left out, so that an empty branch does not repeat the blocks it replaces.
      let slot = nextSlotAfter(parent) + 1;
      const blocks: Block[] = [];
      while (blocks.length <= depth) {
        parent = await this.#extend(parent, { slot, extrinsics: [] });
        blocks.push(parent);
        slot = nextSlotAfter(parent);
      }
      this.#vote();
      return blocks;
    });
  }

  #forkBase(depth: number): Block {
    const { tree } = this.#chain;
    const open = tree.best.header.number - tree.finalized.header.number;
    const base = tree.atNumber(tree.best.header.number - depth);
    if (depth < 1 || depth > open || base === undefined) throw new ForkTooDeepError(depth, open);
    return base;
  }

  #nowMs(): number {
    return (this.#options.clock ?? systemClock).nowMs();
  }

  /** In real time the slot of now, in virtual time the next one; never one that has passed. */
  #nextSlot(parent: Block): number {
    const { genesisTimeMs, slotMs = SLOT_DURATION_MS } = this.#options;
    const isVirtual = genesisTimeMs !== undefined || slotMs !== SLOT_DURATION_MS;
    const isFirst = parent.header.number === 0;
    if (isVirtual && !isFirst) return nextSlotAfter(parent);
    const now = Math.floor((genesisTimeMs ?? this.#nowMs()) / SLOT_DURATION_MS);
    return isFirst ? now : Math.max(nextSlotAfter(parent), now);
  }

  async #extend(
    parent: Block,
    { slot, extrinsics }: { slot: number; extrinsics: readonly Hex[] },
  ): Promise<Block> {
    const owned = this.#producer.nextOwnedSlot(parent, slot);
    const built = await this.#producer.build({ parent, slot: owned, extrinsics });
    this.#log.appendBlock(built);
    await this.#updatePool(this.#chain.tree.import(built.block));
    return built.block;
  }

  async #updatePool({ retracted, enacted, block }: ImportEvent): Promise<void> {
    if (enacted.length === 0) return;
    const { pool, tree } = this.#chain;
    const included = enacted.flatMap(({ extrinsics }) => extrinsics);
    await pool.advance(block, included);
    // The first extrinsic of a block is its inherent, which belongs to that block alone.
    const orphans = retracted.flatMap(({ extrinsics }) => extrinsics.slice(1));
    for (const extrinsic of orphans.filter((orphan) => !included.includes(orphan))) {
      // One that the new branch made invalid has nowhere to go back to.
      await pool
        .submit(extrinsic, () => tree.best)
        .catch((error) => this.#options.onError?.(error));
    }
  }

  async #submitSetChange(): Promise<void> {
    const { setChangeIntervalBlocks: interval, sudoUri = '//Alice' } = this.#options;
    const { best, genesis } = this.#chain.tree;
    const { next, nextSince } = best.grandpa;
    const number = best.header.number + 1;
    if (interval === undefined || number < nextSince + interval - 1) return;
    const authorities = rotateAuthorities(genesis.grandpa.set.authorities, next.setId + 1);
    const extrinsic = signSetChange(this.#chain, { sudoUri, authorities });
    // Refused if another transaction of the key came first: the next block tries again.
    await this.#chain.pool
      .submit(extrinsic, () => best)
      .catch((error) => this.#options.onError?.(error));
  }

  #vote(): void {
    if (this.#isHeld) return;
    const lagBlocks = this.#options.finalityLagBlocks ?? 1;
    this.voter.finalize({ lagBlocks, faults: this.#faults });
  }
}

function keyFaults(faults: VoterFaults): ReadonlyMap<Hex, VoterFault> {
  return new Map(
    Object.entries(faults).map(([uri, fault]) => [deriveGrandpaKey(uri).publicKey, fault]),
  );
}

export class ForkTooDeepError extends BridgeError<{ depth: number; most: number }> {
  readonly code = 'DEVNET_FORK_TOO_DEEP';
  readonly disposition = 'reject';
  constructor(depth: number, most: number) {
    super(`A fork of depth ${depth} was asked for, expected 1 to ${most}, the blocks not final.`, {
      depth,
      most,
    });
  }
}
