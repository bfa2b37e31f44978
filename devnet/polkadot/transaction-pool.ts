import { blake2b256 } from '../../src/crypto/hashes.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import type { Block } from './block-tree.ts';
import { bytesOf } from './hex.ts';
import { createSignal, type Signal } from './signal.ts';
import type { Invalidity, ValidTransaction } from './transaction-validity.ts';

/** Asks the runtime about an extrinsic at a block. */
export type Validate = (extrinsic: Hex, at: Block) => Promise<ValidTransaction | Invalidity>;

export type PooledExtrinsic = ValidTransaction & {
  readonly extrinsic: Hex;
  readonly hash: Hex;
  /** The last block that may include it. */
  readonly validUntil: number;
};

/** What the pool does with an extrinsic, for those who watch it. */
export type PoolEvent = { readonly hash: Hex } & (
  | { readonly kind: 'ready' | 'future' | 'dropped' | 'invalid' }
  | { readonly kind: 'usurped'; readonly by: Hex }
);

export type PoolLimits = { readonly maxCount: number; readonly maxBytes: number };

const DEFAULT_LIMITS: PoolLimits = { maxCount: 4096, maxBytes: 16 * 1024 * 1024 };
/** Each costs a run of the executor, so only some are asked about again after a block. */
const REVALIDATED_PER_BLOCK = 4;
/** Blocks may come faster than the runtime answers. */
const MAX_VALIDATIONS = 3;
/** Half an hour of slots, as a node bans what it found invalid or was told to remove. */
const BAN_BLOCKS = 900;

/** The BLAKE2b-256 hash by which an extrinsic is known. */
export function hashExtrinsic(extrinsic: Hex): Hex {
  return toHex(blake2b256(bytesOf(extrinsic)));
}

/** Extrinsics waiting for a block: validated at the door, ordered by priority and tags. */
export class TransactionPool {
  readonly events: Signal<PoolEvent> = createSignal();
  readonly #pooled = new Map<Hex, PooledExtrinsic>();
  readonly #bannedUntil = new Map<Hex, number>();
  readonly #validate: Validate;
  readonly #limits: PoolLimits;

  constructor(validate: Validate, limits: PoolLimits = DEFAULT_LIMITS) {
    this.#validate = validate;
    this.#limits = limits;
  }

  /**
   * Takes an extrinsic that the runtime finds valid.
   *
   * @param best the best block, asked for again after every wait
   * @throws {PoolError} refused by the runtime, known already, banned, outbid by one that provides the same, or no room
   */
  async submit(extrinsic: Hex, best: () => Block): Promise<PooledExtrinsic> {
    const hash = hashExtrinsic(extrinsic);
    this.#refuseKnown(hash, best());
    const { validity, at } = await this.#validateAtBest(extrinsic, best);
    if ('kind' in validity) throw refusal(validity, hash);
    // The validation awaited: the same bytes may have come in meanwhile.
    this.#refuseKnown(hash, at);
    const entry = createEntry(extrinsic, validity, at);
    const isReady = this.#isReady(entry);
    if (isReady) this.#replaceRivals(entry);
    this.#makeRoom(entry);
    this.#pooled.set(hash, entry);
    this.events.emit({ hash, kind: isReady ? 'ready' : 'future' });
    return entry;
  }

  /** A block that comes during the validation changes what the extrinsic requires. */
  async #validateAtBest(extrinsic: Hex, best: () => Block) {
    let at = best();
    let validity = await this.#validate(extrinsic, at);
    for (let tries = 1; at !== best() && tries < MAX_VALIDATIONS; tries++) {
      at = best();
      validity = await this.#validate(extrinsic, at);
    }
    return { validity, at };
  }

  #refuseKnown(hash: Hex, at: Block): void {
    if (this.#pooled.has(hash)) throw new PoolError('DEVNET_POOL_ALREADY_IMPORTED', { hash });
    const bannedUntil = this.#bannedUntil.get(hash) ?? 0;
    if (bannedUntil > at.header.number) throw new PoolError('DEVNET_POOL_BANNED', { hash });
    this.#bannedUntil.delete(hash);
  }

  #isReady({ requires }: PooledExtrinsic): boolean {
    const provided = new Set(this.ready().flatMap(({ provides }) => provides));
    return requires.every((tag) => provided.has(tag));
  }

  /** What a block may include now: highest priority first, after what it requires. */
  ready(): readonly PooledExtrinsic[] {
    const waiting = [...this.#pooled.values()].sort((a, b) => Number(b.priority - a.priority));
    const provided = new Set<Hex>();
    const chosen: PooledExtrinsic[] = [];
    for (;;) {
      const index = waiting.findIndex(
        ({ requires, provides }) =>
          requires.every((tag) => provided.has(tag)) && !provides.some((tag) => provided.has(tag)),
      );
      const [next] = index < 0 ? [] : waiting.splice(index, 1);
      if (next === undefined) return chosen;
      chosen.push(next);
      for (const tag of next.provides) provided.add(tag);
    }
  }

  /** Takes out what a new best block includes, what it made impossible, and what has expired. */
  async advance(block: Block, included: readonly Hex[]): Promise<void> {
    const tags = new Set<Hex>();
    for (const hash of included.map(hashExtrinsic)) {
      for (const tag of this.#pooled.get(hash)?.provides ?? []) tags.add(tag);
      this.#pooled.delete(hash);
    }
    for (const entry of [...this.#pooled.values()]) this.#settle(entry, tags, block);
    for (const [hash, until] of [...this.#bannedUntil]) {
      if (until <= block.header.number) this.#bannedUntil.delete(hash);
    }
    await this.#revalidate(block);
  }

  #settle(entry: PooledExtrinsic, tags: ReadonlySet<Hex>, block: Block): void {
    const isOvertaken = entry.provides.some((tag) => tags.has(tag));
    if (isOvertaken || entry.validUntil <= block.header.number) {
      this.#remove(entry.hash, 'invalid');
      return;
    }
    const requires = entry.requires.filter((tag) => !tags.has(tag));
    if (requires.length < entry.requires.length) {
      this.#pooled.set(entry.hash, { ...entry, requires });
    }
  }

  /** Takes an extrinsic out that is not to come back for a while; false if it is not pooled. */
  ban(hash: Hex, { kind, at }: { kind: 'dropped' | 'invalid'; at: Block }): boolean {
    const isKnown = this.#remove(hash, kind);
    if (isKnown) this.#bannedUntil.set(hash, at.header.number + BAN_BLOCKS);
    return isKnown;
  }

  #remove(hash: Hex, kind: 'dropped' | 'invalid'): boolean {
    const isKnown = this.#pooled.delete(hash);
    if (isKnown) this.events.emit({ hash, kind });
    return isKnown;
  }

  /** Asks again about some of those left behind, the ones waiting longest first. */
  async #revalidate(block: Block): Promise<void> {
    for (const entry of [...this.#pooled.values()].slice(0, REVALIDATED_PER_BLOCK)) {
      const validity = await this.#validate(entry.extrinsic, block);
      if (!this.#pooled.delete(entry.hash)) continue;
      if ('kind' in validity) this.events.emit({ hash: entry.hash, kind: 'invalid' });
      else this.#pooled.set(entry.hash, createEntry(entry.extrinsic, validity, block));
    }
  }

  /** Two extrinsics that provide the same tag exclude each other: the higher priority stays. */
  #replaceRivals(entry: PooledExtrinsic): void {
    const rivals = this.ready().filter((pooled) =>
      pooled.provides.some((tag) => entry.provides.includes(tag)),
    );
    const strongest = rivals.find(({ priority }) => priority >= entry.priority);
    if (strongest !== undefined) {
      const meta = { hash: entry.hash, reason: `${strongest.priority} vs ${entry.priority}` };
      throw new PoolError('DEVNET_POOL_PRIORITY_TOO_LOW', meta);
    }
    for (const { hash } of rivals) {
      this.#pooled.delete(hash);
      this.events.emit({ hash, kind: 'usurped', by: entry.hash });
    }
  }

  #makeRoom(entry: PooledExtrinsic): void {
    const weakestFirst = [...this.#pooled.values()].sort((a, b) => Number(a.priority - b.priority));
    let bytes = sizeOf(entry) + weakestFirst.reduce((sum, pooled) => sum + sizeOf(pooled), 0);
    let count = weakestFirst.length + 1;
    for (const weakest of weakestFirst) {
      if (count <= this.#limits.maxCount && bytes <= this.#limits.maxBytes) return;
      if (weakest.priority >= entry.priority) break;
      this.#remove(weakest.hash, 'dropped');
      bytes -= sizeOf(weakest);
      count--;
    }
    if (count > this.#limits.maxCount || bytes > this.#limits.maxBytes) {
      throw new PoolError('DEVNET_POOL_FULL', { hash: entry.hash });
    }
  }
}

function createEntry(extrinsic: Hex, validity: ValidTransaction, at: Block): PooledExtrinsic {
  const { longevityBlocks } = validity;
  const longevity =
    longevityBlocks > 1n << 32n ? Number.POSITIVE_INFINITY : Number(longevityBlocks);
  return {
    ...validity,
    extrinsic,
    hash: hashExtrinsic(extrinsic),
    validUntil: at.header.number + longevity,
  };
}

function sizeOf({ extrinsic }: PooledExtrinsic): number {
  return extrinsic.length / 2 - 1;
}

function refusal({ kind, reason }: Invalidity, hash: Hex): PoolError {
  const code = kind === 'invalid' ? 'DEVNET_POOL_INVALID' : 'DEVNET_POOL_UNKNOWN_VALIDITY';
  return new PoolError(code, { hash, reason });
}

export type PoolErrorCode =
  | 'DEVNET_POOL_INVALID'
  | 'DEVNET_POOL_UNKNOWN_VALIDITY'
  | 'DEVNET_POOL_BANNED'
  | 'DEVNET_POOL_ALREADY_IMPORTED'
  | 'DEVNET_POOL_PRIORITY_TOO_LOW'
  | 'DEVNET_POOL_FULL';

export class PoolError extends BridgeError<{ hash: Hex; reason?: string }> {
  readonly code: PoolErrorCode;
  readonly disposition = 'reject';
  constructor(code: PoolErrorCode, meta: { hash: Hex; reason?: string }) {
    super(`The pool refuses extrinsic ${meta.hash}: ${meta.reason ?? code}.`, meta);
    this.code = code;
  }
}
