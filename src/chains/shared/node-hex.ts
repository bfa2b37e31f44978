import { z } from 'zod';
import type { Hex } from '../../shared/bytes.ts';

// Hex as nodes of every kind write it. Some use capitals; what is read here has small letters.

const lowered = (pattern: RegExp) =>
  z
    .string()
    .regex(pattern)
    .transform((text) => text.toLowerCase() as Hex);

/** Any number of bytes. */
export const hexBytes = lowered(/^0x(?:[0-9a-fA-F]{2})*$/);

/** Exactly `bytes` bytes. */
export function hexWord(bytes: number) {
  return lowered(new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`));
}

/** 32 bytes. */
export const hash = hexWord(32);

/** 20 bytes. */
export const address = hexWord(20);
