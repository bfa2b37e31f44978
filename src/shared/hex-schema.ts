import * as z from 'zod';
import { fromHex, type Hex } from './bytes.ts';

// Byte strings as JSON holds them: 0x and lower-case hex digits. One schema for every boundary.

const HEX = /^0x(?:[0-9a-f]{2})*$/;

/** Whether a text is that, of exactly `bytes` bytes if given. Who takes capitals too lowers them first. */
export function isHex(text: string, bytes?: number): text is Hex {
  return (bytes === undefined || text.length === 2 + 2 * bytes) && HEX.test(text);
}

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
    .regex(HEX, 'must be lower-case 0x-prefixed hex')
    .transform((text) => text as Hex);
}

/** The same, read as bytes. */
export function bytesUpTo(maxBytes: number) {
  return hexUpTo(maxBytes).transform((text) => fromHex(text));
}
