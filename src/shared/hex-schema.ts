import * as z from 'zod';
import type { Hex } from './bytes.ts';

/** Byte strings as JSON holds them: 0x and lower-case hex digits. One schema for every boundary. */

/** Exactly `bytes` bytes. */
export function hexOf(bytes: number) {
  return z
    .string()
    .regex(
      new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`),
      `must be ${bytes} bytes of lower-case 0x-prefixed hex`,
    )
    .transform((text) => text as Hex);
}

/** At most `maxBytes` bytes. The length is checked before the text is looked at. */
export function hexUpTo(maxBytes: number) {
  return z
    .string()
    .max(2 + 2 * maxBytes)
    .regex(/^0x(?:[0-9a-f]{2})*$/, 'must be lower-case 0x-prefixed hex')
    .transform((text) => text as Hex);
}
