import { z } from 'zod';
import type { Hex } from '../../shared/bytes.ts';
import { hexOf, hexUpTo } from '../../shared/hex-schema.ts';
import { MAX_ANSWER_BYTES } from './json-rpc.ts';

// Hex as nodes of every kind write it. Some use capitals; what is read here has small letters.

const lowered = z.string().toLowerCase();

/** Any number of bytes. */
export const hexBytes = lowered.pipe(hexUpTo(MAX_ANSWER_BYTES));

/** Exactly `bytes` bytes. */
export function hexWord(bytes: number) {
  return lowered.pipe(hexOf(bytes));
}

/** 32 bytes. */
export const hash = hexWord(32);

/** 20 bytes. */
export const address = hexWord(20);

/** An integer of at most 256 bits, in as many digits as the node likes to write. */
export const quantity = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,64}$/)
  .transform((text) => BigInt(text));

/** An integer as Ethereum's nodes want it. SPEC: execution-apis, uint: no leading zeros. */
export function toQuantity(value: number | bigint): Hex {
  return `0x${value.toString(16)}`;
}

/** An integer that is a number in JSON if that can hold it. */
export const integer = z.union([z.int().nonnegative().transform(BigInt), quantity]);
