import { concatBytes } from '../../src/shared/bytes.ts';
import type { Random } from './random.ts';

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

/** Bytes that decoders give a meaning to: lengths, continuation marks, signs. */
const TELLING = [
  0, 1, 2, 3, 4, 0x1f, 0x20, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xb8, 0xc0, 0xf8, 0xfe, 0xff,
];
/** Lengths far beyond what follows: SCALE compacts, RLP long forms, an all-ones integer. */
const HUGE = [
  'feffffff',
  '03ffffffff',
  '13ffffffffffffffff',
  'fbffffffff',
  'bbffffffff',
  'ffffffffffffffff',
].map((hex) => Uint8Array.fromHex(hex));
const MOST_INSERTED = 96;

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) =>
    replace(bytes, random.below(bytes.length), (byte) => byte ^ (1 << random.below(8))),
  (bytes, random) => replace(bytes, random.below(bytes.length), () => random.below(256)),
  (bytes, random) => replace(bytes, random.below(bytes.length), () => random.pick(TELLING)),
  (bytes, random) => replace(bytes, random.below(bytes.length), (byte) => byte + 1),
  (bytes, random) => replace(bytes, random.below(bytes.length), (byte) => byte - 1),
  (bytes, random) => bytes.slice(0, random.below(bytes.length)),
  (bytes, random) => bytes.slice(random.below(bytes.length)),
  (bytes, random) => concatBytes(bytes, random.bytes(1 + random.below(MOST_INSERTED))),
  (bytes, random) =>
    concatBytes(bytes, new Uint8Array(1 + random.below(4096)).fill(random.pick(TELLING))),
  (bytes, random) =>
    insert(bytes, random.below(bytes.length + 1), random.bytes(1 + random.below(MOST_INSERTED))),
  (bytes, random) => insert(bytes, random.below(bytes.length + 1), random.pick(HUGE)),
  overwriteWithHuge,
  removeRange,
  duplicateRange,
  swapRanges,
  blankRange,
];

/** One to three changes, anywhere. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  let changed = bytes;
  for (let left = 1 + (random.below(4) === 0 ? random.below(3) : 0); left > 0; left--) {
    changed =
      changed.length === 0
        ? random.bytes(1 + random.below(40))
        : random.pick(MUTATIONS)(changed, random);
  }
  return changed;
}

/** One bit of the byte at `at` flipped. */
export function flipBit(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  return replace(bytes, at, (byte) => byte ^ (1 << bit));
}

function replace(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at] = change(bytes[at] ?? 0);
  return changed;
}

function insert(bytes: Uint8Array, at: number, added: Uint8Array): Uint8Array {
  return concatBytes(bytes.subarray(0, at), added, bytes.subarray(at));
}

function overwriteWithHuge(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length);
  const huge = random.pick(HUGE);
  return concatBytes(bytes.subarray(0, at), huge, bytes.subarray(at + huge.length));
}

/** Two places in order. */
function range(bytes: Uint8Array, random: Random): readonly [number, number] {
  const start = random.below(bytes.length);
  const length = 1 + random.below(random.below(3) === 0 ? bytes.length : 64);
  return [start, Math.min(bytes.length, start + length)];
}

function removeRange(bytes: Uint8Array, random: Random): Uint8Array {
  const [start, end] = range(bytes, random);
  return concatBytes(bytes.subarray(0, start), bytes.subarray(end));
}

function duplicateRange(bytes: Uint8Array, random: Random): Uint8Array {
  const [start, end] = range(bytes, random);
  return insert(bytes, end, bytes.subarray(start, end));
}

function swapRanges(bytes: Uint8Array, random: Random): Uint8Array {
  const length = 1 + random.below(Math.min(64, Math.ceil(bytes.length / 2)));
  const [one, other] = [
    random.below(bytes.length - length + 1),
    random.below(bytes.length - length + 1),
  ];
  const changed = Uint8Array.from(bytes);
  changed.set(bytes.subarray(other, other + length), one);
  changed.set(bytes.subarray(one, one + length), other);
  return changed;
}

function blankRange(bytes: Uint8Array, random: Random): Uint8Array {
  const [start, end] = range(bytes, random);
  return Uint8Array.from(bytes).fill(random.pick([0, 0xff]), start, end);
}
