import {
  createScaleCursor,
  encodeCompact,
  expectEnd,
  readBytes,
  readVector,
  type ScaleCursor,
} from '../codec/scale.ts';
import { fromBigEndian, fromHex, type Hex, HexError, toHex } from '../shared/bytes.ts';
import { LedgerError } from './ledger-error.ts';

// How everything in a state is written: numbers big-endian at a fixed width, lists as in SCALE behind a compact count.
// Written as hexadecimal digits and turned into bytes once at the end: joining digits takes a third of the time that joining
// small byte strings does, and a round writes many thousand entries.

/** Bytes of an amount. */
const AMOUNT_BYTES = 16;

/** The digits of a number of `length` bytes. @throws {HexError} it does not fit */
export function digitsOf(value: bigint | number, length: number): string {
  const digits = value.toString(16).padStart(2 * length, '0');
  if (value >= 0 && digits.length === 2 * length) return digits;
  throw new HexError(`${value} does not fit ${length} bytes`, { text: String(value) });
}

/** Of a number of 64 bits. @throws {HexError} it does not fit */
export function uint64Digits(value: bigint): string {
  return digitsOf(value, 8);
}

/** Of an amount, 128 bits. @throws {HexError} it does not fit */
export function amountDigits(value: bigint): string {
  return digitsOf(value, AMOUNT_BYTES);
}

/** Of `length` bytes. @throws {HexError} there are more or fewer */
export function hexDigits(value: Hex, length: number): string {
  if (value.length === 2 + 2 * length) return value.slice(2);
  throw new HexError(`not ${length} bytes`, { text: value.slice(0, 80) });
}

/** Of a list: how many there are, then each. */
export function listDigits<T>(items: readonly T[], itemDigits: (item: T) => string): string {
  return countDigits(items.length) + items.map(itemDigits).join('');
}

/** Of a byte string, given by its digits: how many bytes there are, then they. */
export function byteStringDigits(digits: string): string {
  return countDigits(digits.length / 2) + digits;
}

/** Of a count, as a compact. */
export function countDigits(count: number): string {
  return encodeCompact(count).toHex();
}

/** The bytes that the digits stand for. @throws {HexError} something was no hexadecimal digit */
export function bytesOfDigits(...digits: readonly string[]): Uint8Array {
  return fromHex(`0x${digits.join('')}`);
}

/** A number of 64 bits. @throws {ScaleError} SCALE_TRUNCATED, as all below */
export function readUint64(cursor: ScaleCursor): bigint {
  return fromBigEndian(readBytes(cursor, 8));
}

/** A number of 32 bits. */
export function readUint32(cursor: ScaleCursor): number {
  return Number(fromBigEndian(readBytes(cursor, 4)));
}

/** An amount, 128 bits. */
export function readAmount(cursor: ScaleCursor): bigint {
  return fromBigEndian(readBytes(cursor, AMOUNT_BYTES));
}

/** `length` bytes. */
export function readHex(cursor: ScaleCursor, length: number): Hex {
  return toHex(readBytes(cursor, length));
}

/** One of `choices`, by its place. @throws {LedgerError} LEDGER_STATE_MALFORMED: a byte that stands for none */
export function readChoice<T>(cursor: ScaleCursor, choices: readonly T[]): T {
  const [place = 0] = readBytes(cursor, 1);
  const choice = choices[place];
  if (choice === undefined) throw malformed(`a byte below ${choices.length}`, { got: place });
  return choice;
}

/**
 * A list whose keys ascend, none twice.
 *
 * @throws {ScaleError} SCALE_COUNT_EXCEEDED: more than `most`
 * @throws {LedgerError} LEDGER_STATE_MALFORMED: out of order
 */
export function readAscending<T>(
  cursor: ScaleCursor,
  most: number,
  { readItem, keyOf }: { readItem: (cursor: ScaleCursor) => T; keyOf: (item: T) => bigint | Hex },
): T[] {
  const items = readVector(cursor, most, readItem);
  const keys = items.map(keyOf);
  if (keys.some((key, i) => key <= (keys[i - 1] ?? -1n))) {
    throw malformed('a list by ascending key', { got: keys.slice(0, 32).join(' ') });
  }
  return items;
}

/** Reads the whole of `bytes`. @throws {ScaleError} SCALE_TRAILING_BYTES, and what `read` throws */
export function decodeWhole<T>(bytes: Uint8Array, read: (cursor: ScaleCursor) => T): T {
  const cursor = createScaleCursor(bytes);
  const value = read(cursor);
  expectEnd(cursor);
  return value;
}

/** That bytes are not the one encoding of anything. */
export function malformed(
  expected: string,
  meta: Readonly<Record<string, string | bigint | number>>,
): LedgerError {
  return new LedgerError('LEDGER_STATE_MALFORMED', expected, meta);
}
