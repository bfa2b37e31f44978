import { blake2b } from '@noble/hashes/blake2.js';

// The slow twin of readTrieValue: unfolds everything that a proof shows into a list, then looks the key up in it.

/** What a proof says of a key: its value, that there is none, or nothing. */
export type Finding = Uint8Array | 'absent' | 'unknown';

interface Unfolded {
  /** Path in nibbles → value. */
  readonly values: Map<string, Uint8Array>;
  /** Paths under which the proof shows nothing, and the one path of a value that it does not show. */
  readonly dark: Set<string>;
  readonly darkValues: Set<string>;
}

/** Looks `key` (hex without prefix) up. Throws on any node in the unfolded trie that cannot be decoded. */
export function naiveRead(root: Uint8Array, key: string, nodes: readonly Uint8Array[]): Finding {
  const blobs = new Map(nodes.map((node) => [hex(blake2b(node, { dkLen: 32 })), hex(node)]));
  const found: Unfolded = { values: new Map(), dark: new Set(), darkValues: new Set() };
  const top = blobs.get(hex(root));
  if (top === undefined) return 'unknown';
  if (top !== '00') unfold(top, '', blobs, found);
  const value = found.values.get(key);
  if (value !== undefined) return value;
  if (found.darkValues.has(key)) return 'unknown';
  return [...found.dark].some((path) => key.startsWith(path)) ? 'unknown' : 'absent';
}

function unfold(
  node: string,
  above: string,
  blobs: ReadonlyMap<string, string>,
  found: Unfolded,
): void {
  const tape = { rest: node };
  const bits = parseInt(take(tape, 1), 16).toString(2).padStart(8, '0');
  const [variant] = ['11', '10', '01', '001', '0001'].filter((prefix) => bits.startsWith(prefix));
  if (variant === undefined) throw new Error(`no node starts with bits ${bits}`);
  const path = above + takePartialKey(tape, bits.slice(variant.length));
  const branch = ['11', '10', '0001'].includes(variant);
  const bitmap = branch ? take(tape, 2) : '0000';
  if (branch && bitmap === '0000') throw new Error('a branch without children');
  takeValue(tape, { variant, path, blobs, found });
  const bitmapBits = parseInt(bitmap.slice(2) + bitmap.slice(0, 2), 16);
  for (let nibble = 0; nibble < 16; nibble++) {
    if (Math.floor(bitmapBits / 2 ** nibble) % 2 === 0) continue;
    unfoldChild(takeSized(tape), path + nibble.toString(16), blobs, found);
  }
  if (tape.rest !== '') throw new Error('bytes after the node');
}

function unfoldChild(
  merkleValue: string,
  path: string,
  blobs: ReadonlyMap<string, string>,
  found: Unfolded,
): void {
  if (merkleValue.length > 64) throw new Error('a merkle value that is too long');
  const node = merkleValue.length < 64 ? merkleValue : blobs.get(merkleValue);
  if (node === undefined) found.dark.add(path);
  else if (merkleValue.length === 64 && node.length < 64) throw new Error('should be inline');
  else unfold(node, path, blobs, found);
}

function takePartialKey(tape: { rest: string }, lengthBits: string): string {
  let count = parseInt(lengthBits, 2);
  if (!lengthBits.includes('0')) {
    let more: number;
    do {
      more = parseInt(take(tape, 1), 16);
      count += more;
    } while (more === 255);
  }
  const packed = take(tape, Math.ceil(count / 2));
  if (count % 2 === 0) return packed;
  if (!packed.startsWith('0')) throw new Error('padding that is not zero');
  return packed.slice(1);
}

function takeValue(
  tape: { rest: string },
  place: {
    variant: string;
    path: string;
    blobs: ReadonlyMap<string, string>;
    found: Unfolded;
  },
): void {
  const { variant, path, blobs, found } = place;
  if (variant === '10') return;
  if (variant === '11' || variant === '01') {
    found.values.set(path, Buffer.from(takeSized(tape), 'hex'));
    return;
  }
  const value = blobs.get(take(tape, 32));
  if (value === undefined) found.darkValues.add(path);
  else if (value.length < 66) throw new Error('should be inline');
  else found.values.set(path, Buffer.from(value, 'hex'));
}

function takeSized(tape: { rest: string }): string {
  const first = parseInt(take(tape, 1), 16);
  const extra = [0, 1, 3, 4][first % 4] ?? 0;
  if (first % 4 === 3 && first !== 3) throw new Error('a compact of more than 32 bits');
  const bytes = [first, ...Buffer.from(take(tape, extra), 'hex')];
  const whole = (first % 4 === 3 ? bytes.slice(1) : bytes).reduceRight(
    (sum, b) => sum * 256 + b,
    0,
  );
  const length = first % 4 === 3 ? whole : Math.floor(whole / 4);
  const least = [0, 64, 16_384, 2 ** 30][first % 4] ?? 0;
  if (length < least) throw new Error('a compact that is not canonical');
  return take(tape, length);
}

function take(tape: { rest: string }, bytes: number): string {
  if (tape.rest.length < bytes * 2) throw new Error('cut short');
  const taken = tape.rest.slice(0, bytes * 2);
  tape.rest = tape.rest.slice(bytes * 2);
  return taken;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
