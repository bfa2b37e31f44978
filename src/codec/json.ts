import { toHex } from '../shared/bytes.ts';

/**
 * Writes a value as JSON the way everything here does: integers beyond JSON's as decimal text, byte strings as 0x and
 * lower-case hex. Whoever reads it knows from its schema which text is which.
 */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, encodeMember);
}

function encodeMember(this: unknown, key: string, value: unknown): unknown {
  // Read from the holder: by now `toJSON` has replaced what is given beside the key, which is meant for secrets and not for bytes.
  const member = (this as Record<string, unknown>)[key];
  if (typeof member === 'bigint') return member.toString();
  return member instanceof Uint8Array ? toHex(member) : value;
}
