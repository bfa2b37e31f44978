import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import { type DevKey, deriveAccountKey } from './authority-keys.ts';
import { type BuiltBlock, buildBlock } from './block-builder.ts';
import type { Block } from './block-tree.ts';
import type { Chain } from './chain.ts';
import { getTopStorage } from './chain-state.ts';
import { decodeCompact } from './compact.ts';
import { readAuraSlot } from './header.ts';
import { hashExtrinsic } from './transaction-pool.ts';

/** The runtime's `SLOT_DURATION`. */
export const SLOT_DURATION_MS = 2000;
/** twox128("Aura") ++ twox128("Authorities") */
const AURA_AUTHORITIES = '0x57f8dc2f5ab09467896f47300f0424385e0621c4869aa60c02be9adcc98a0d1d';
/** The runtime's `MaxAuthorities`: after so many slots it is the first author's turn again. */
const MAX_AUTHORITIES = 32;
/** More than fit: the normal part of a block's length is 3.75 MiB. */
const MAX_BLOCK_BYTES = 3 * 1024 * 1024;
/** Keeps a block's execution within its slot: about a millisecond and a half each. */
const MAX_BLOCK_EXTRINSICS = 500;

export type BlockRequest = {
  readonly parent: Block;
  readonly slot: number;
  readonly extrinsics: readonly Hex[];
};

/** Builds blocks as the Aura author of their slot would. */
export class BlockProducer {
  readonly #chain: Chain;
  readonly #keys: ReadonlyMap<Hex, DevKey>;

  /** @param uris whose Aura keys the chain owns */
  constructor(chain: Chain, uris: readonly string[]) {
    this.#chain = chain;
    this.#keys = new Map(uris.map(deriveAccountKey).map((key) => [key.publicKey, key]));
  }

  /**
   * The first slot from `slot` on whose author's key the chain owns; others stay empty, as on a
   * chain whose author is away.
   *
   * @throws {SlotAuthorUnknownError} none of the authors is one of the chain's
   */
  nextOwnedSlot(parent: Block, slot: number): number {
    for (let owned = slot; owned < slot + MAX_AUTHORITIES; owned++) {
      if (this.#keys.has(this.#authorOf(parent, owned))) return owned;
    }
    throw new SlotAuthorUnknownError(slot, this.#authorOf(parent, slot));
  }

  /** Builds a block without importing it. What the runtime refuses leaves the pool. */
  async build({ parent, slot, extrinsics }: BlockRequest): Promise<BuiltBlock> {
    const id = this.#authorOf(parent, slot);
    const author = this.#keys.get(id);
    if (author === undefined) throw new SlotAuthorUnknownError(slot, id);
    const timestampMs = slot * SLOT_DURATION_MS;
    const built = await buildBlock(this.#chain.builder, {
      parent,
      slot,
      timestampMs,
      author,
      extrinsics,
    });
    for (const { extrinsic } of built.refused) {
      this.#chain.pool.ban(hashExtrinsic(extrinsic), { kind: 'invalid', at: parent });
    }
    return built;
  }

  /** The pool's ready extrinsics up to a block's size. */
  chooseExtrinsics(): readonly Hex[] {
    let bytes = 0;
    const chosen: Hex[] = [];
    for (const { extrinsic } of this.#chain.pool.ready()) {
      bytes += extrinsic.length / 2 - 1;
      if (bytes > MAX_BLOCK_BYTES || chosen.length === MAX_BLOCK_EXTRINSICS) break;
      chosen.push(extrinsic);
    }
    return chosen;
  }

  #authorOf({ state }: Block, slot: number): Hex {
    const encoded = getTopStorage(state, AURA_AUTHORITIES) ?? Uint8Array.of(0);
    const [count, prefix] = decodeCompact(encoded);
    const at = prefix + 32 * (slot % Math.max(count, 1));
    return toHex(encoded.subarray(at, at + 32));
  }
}

/** The first slot that a child of `parent` may claim. */
export function nextSlotAfter(parent: Block): number {
  return (readAuraSlot(parent.header) ?? 0) + 1;
}

export class SlotAuthorUnknownError extends BridgeError<{ slot: number; author: Hex }> {
  readonly code = 'DEVNET_SLOT_AUTHOR_UNKNOWN';
  readonly disposition = 'reject';
  constructor(slot: number, author: Hex) {
    super(`Slot ${slot} belongs to ${author}, which is no development key of this chain.`, {
      slot,
      author,
    });
  }
}
