/** A run of half bytes, high half first, as a view: nibble `i` is nibble `start + i` of `bytes`. */
export interface Nibbles {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly count: number;
}

/** The nibbles of a whole key. */
export function keyNibbles(key: Uint8Array): Nibbles {
  return { bytes: key, start: 0, count: key.length * 2 };
}

/**
 * `count` nibbles as trie nodes write them: an odd count leaves the first half byte empty.
 *
 * @param bytes exactly `ceil(count / 2)`
 * @returns undefined if that half byte is not 0
 */
export function readNibbles(bytes: Uint8Array, count: number): Nibbles | undefined {
  const start = count % 2;
  return start === 1 && (bytes[0] ?? 0) > 15 ? undefined : { bytes, start, count };
}

/** Nibble `index`, 0 to 15; `index` is below the count. */
export function nibbleAt({ bytes, start }: Nibbles, index: number): number {
  const at = start + index;
  const byte = bytes[at >> 1] ?? 0;
  return at % 2 === 0 ? byte >> 4 : byte & 15;
}

/** True if `path`, from nibble `depth` on, begins with `part`. */
export function continuesWith(path: Nibbles, depth: number, part: Nibbles): boolean {
  if (part.count > path.count - depth) return false;
  for (let i = 0; i < part.count; i++) {
    if (nibbleAt(path, depth + i) !== nibbleAt(part, i)) return false;
  }
  return true;
}
