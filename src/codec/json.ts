import { toHex } from '../shared/bytes.ts';

/**
 * Writes a value as JSON the way everything here does: integers beyond JSON's as decimal text, byte strings as 0x and
 * lower-case hex. Whoever reads it knows from its schema which text is which.
 */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member === 'bigint') return member.toString();
    return member instanceof Uint8Array ? toHex(member) : member;
  });
}
