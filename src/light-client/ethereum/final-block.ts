import * as z from 'zod';
import {
  createScaleCursor,
  encodeU64,
  expectEnd,
  readBytes,
  readU8,
  readU64,
  ScaleError,
} from '../../codec/scale.ts';
import { concatBytes, fromHex, type Hex, toHex } from '../../shared/bytes.ts';
import { hexOf } from '../../shared/hex-schema.ts';
import type { LightClientStore } from './types.ts';

/**
 * An execution block that is final. The hash alone is kept of it: whoever needs more takes it from the RLP header that
 * has that hash, whose form depends on the fork and so on the slot.
 */
export interface EthereumBlock {
  /** 32 bytes, of the execution block. */
  readonly hash: Hex;
  /** Of the beacon block that proves it; undefined where it is taken to be final without a proof. */
  readonly slot?: number | undefined;
}

/** An execution block that somebody takes to be final. */
export const ethereumBlockSchema: z.ZodType<EthereumBlock> = z.strictObject({
  hash: hexOf(32),
  slot: z.int().min(0).optional(),
});

/** The newest final block of a store. */
export function finalBlockOf({ finalizedHeader }: LightClientStore): EthereumBlock {
  return { hash: finalizedHeader.execution.blockHash, slot: finalizedHeader.beacon.slot };
}

/** hash 32 ‖ Option<slot u64>, in SCALE. */
export function encodeEthereumBlock({ hash, slot }: EthereumBlock): Uint8Array {
  const rest =
    slot === undefined ? [Uint8Array.of(0)] : [Uint8Array.of(1), encodeU64(BigInt(slot))];
  return concatBytes(fromHex(hash, 32), ...rest);
}

/** The inverse of {@link encodeEthereumBlock}. @throws {ScaleError} not the encoding of any */
export function decodeEthereumBlock(bytes: Uint8Array): EthereumBlock {
  const cursor = createScaleCursor(bytes);
  const hash = toHex(readBytes(cursor, 32));
  const flag = readU8(cursor);
  if (flag > 1) throw new ScaleError('SCALE_OUT_OF_RANGE', 32, `a flag of 0 or 1, got ${flag}`);
  const slot = flag === 0 ? undefined : readU64(cursor);
  expectEnd(cursor);
  if (slot === undefined) return { hash };
  if (slot > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new ScaleError('SCALE_OUT_OF_RANGE', 33, `a slot below 2^53, got ${slot}`);
  }
  return { hash, slot: Number(slot) };
}
