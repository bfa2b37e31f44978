import { blake2b256 } from '../../crypto/hashes.ts';
import type { Hex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import type { Block } from './block-tree.ts';
import { bytesOf, hexOf } from './hex.ts';
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

/** The BLAKE2b-256 hash by which an extrinsic is known. */
export function hashExtrinsic(extrinsic: Hex): Hex {
  return hexOf(blake2b256(bytesOf(extrinsic)));
}

/** Extrinsics waiting for a block: validated at the door, ordered by priority and tags. */
export class TransactionPool {
  readonly events: Signal<PoolEvent> = createSignal();
  readonly #pooled = new Map<Hex, PooledExtrinsic>();
  readonly #validate: Validate;
  readonly #limits: PoolLimits;

  constructor(validate: Validate, limits: PoolLimits = DEFAULT_LIMITS) {
    this.#validate = validate;
    this.#limits = limits;
  }

  /** Every pooled extrinsic, the ready ones first in the order of inclusion. */
  list(): readonly PooledExtrinsic[] {
    const ready = this.ready();
    const chosen = new Set(ready.map(({ hash }) => hash));
    return [...ready, ...[...this.#pooled.values()].filter(({ hash }) => !chosen.has(hash))];
  }

  /**
   * Takes an extrinsic that the runtime finds valid.
   *
   * @throws {PoolError} refused by the runtime, known already, outbid by one that provides the same, or no room
   */
  async submit(extrinsic: Hex, at: Block): Promise<PooledExtrinsic> {
    const hash = hashExtrinsic(extrinsic);
    if (this.#pooled.has(hash)) throw new PoolError('DEVNET_POOL_ALREADY_IMPORTED', { hash });
    const validity = await this.#validate(extrinsic, at);
    if ('kind' in validity) throw refusal(validity, hash);
    // The validation awaited: the same bytes may have come in meanwhile.
    if (this.#pooled.has(hash)) throw new PoolError('DEVNET_POOL_ALREADY_IMPORTED', { hash });
    const entry = createEntry(extrinsic, validity, at);
    this.#replaceRivals(entry);
    this.#makeRoom(entry);
    this.#pooled.set(hash, entry);
    this.#announce(entry);
    return entry;
  }

  /** What a block may include now: highest priority first, after what it requires. */
  ready(): readonly PooledExtrinsic[] {
    const waiting = [...this.#pooled.values()].sort((a, b) => Number(b.priority - a.priority));
    const provided = new Set<Hex>();
    const chosen: PooledExtrinsic[] = [];
    for (;;) {
      const index = waiting.findIndex(({ requires }) => requires.every((tag) => provided.has(tag)));
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
    await this.#revalidate(block);
  }

  #settle(entry: PooledExtrinsic, tags: ReadonlySet<Hex>, block: Block): void {
    const isOvertaken = entry.provides.some((tag) => tags.has(tag));
    if (isOvertaken || entry.validUntil <= block.header.number) {
      this.drop(entry.hash, 'invalid');
      return;
    }
    const requires = entry.requires.filter((tag) => !tags.has(tag));
    if (requires.length < entry.requires.length) {
      this.#pooled.set(entry.hash, { ...entry, requires });
    }
  }

  /** Takes an extrinsic out, telling those who watch it. */
  drop(hash: Hex, kind: 'dropped' | 'invalid'): boolean {
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
    const rivals = [...this.#pooled.values()].filter((pooled) =>
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
      this.drop(weakest.hash, 'dropped');
      bytes -= sizeOf(weakest);
      count--;
    }
    if (count > this.#limits.maxCount || bytes > this.#limits.maxBytes) {
      throw new PoolError('DEVNET_POOL_FULL', { hash: entry.hash });
    }
  }

  #announce(entry: PooledExtrinsic): void {
    const isReady = this.ready().some(({ hash }) => hash === entry.hash);
    this.events.emit({ hash: entry.hash, kind: isReady ? 'ready' : 'future' });
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
