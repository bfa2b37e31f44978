// XXH64, not cryptographic: Substrate uses it to spread storage keys. BigInt, since a call hashes a few bytes only.
// SPEC: xxHash fast digest algorithm (github.com/Cyan4973/xxHash doc/xxhash_spec.md), "XXH64 Algorithm Description".

const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;

/** Substrate's `twox_64`: XXH64 with seed 0, little-endian, 8 bytes. */
export function twox64(bytes: Uint8Array): Uint8Array {
  return littleEndian8(xxh64(bytes));
}

function xxh64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const stripes = Math.floor(bytes.length / 32) * 32;
  const start = stripes === 0 ? PRIME_5 : digestStripes(view, stripes);
  return avalanche(digestTail(view, stripes, u64(start + BigInt(bytes.length))));
}

function digestStripes(view: DataView, end: number): bigint {
  let lanes = [PRIME_1 + PRIME_2, PRIME_2, 0n, -PRIME_1].map(u64);
  for (let at = 0; at < end; at += 32) {
    lanes = lanes.map((lane, i) => round(lane, view.getBigUint64(at + 8 * i, true)));
  }
  const turns = [1n, 7n, 12n, 18n];
  const sum = lanes.reduce((total, lane, i) => total + rotate(lane, turns[i] ?? 0n), 0n);
  return lanes.reduce((acc, lane) => u64((acc ^ round(0n, lane)) * PRIME_1 + PRIME_4), u64(sum));
}

function digestTail(view: DataView, from: number, start: bigint): bigint {
  let acc = start;
  let at = from;
  for (; at + 8 <= view.byteLength; at += 8) {
    acc = u64(rotate(acc ^ round(0n, view.getBigUint64(at, true)), 27n) * PRIME_1 + PRIME_4);
  }
  for (; at + 4 <= view.byteLength; at += 4) {
    const lane = u64(BigInt(view.getUint32(at, true)) * PRIME_1);
    acc = u64(rotate(acc ^ lane, 23n) * PRIME_2 + PRIME_3);
  }
  for (; at < view.byteLength; at++) {
    acc = u64(rotate(acc ^ u64(BigInt(view.getUint8(at)) * PRIME_5), 11n) * PRIME_1);
  }
  return acc;
}

function round(acc: bigint, lane: bigint): bigint {
  return u64(rotate(u64(acc + lane * PRIME_2), 31n) * PRIME_1);
}

function avalanche(acc: bigint): bigint {
  const first = u64((acc ^ (acc >> 33n)) * PRIME_2);
  const second = u64((first ^ (first >> 29n)) * PRIME_3);
  return second ^ (second >> 32n);
}

function rotate(value: bigint, bits: bigint): bigint {
  return u64((value << bits) | (value >> (64n - bits)));
}

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function littleEndian8(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}
