import { concatBytes, fromHex, type Hex, toBigEndian, toHex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import { type FieldReader, isZero } from './field-reader.ts';
import {
  CROWD_FACTORS,
  type CrowdFactor,
  LEG_MODES,
  type Leg,
  type LegMode,
  MAX_LEGS,
  MAX_MEMO_BYTES,
  type OrderTerms,
  TAG_SECRET_BYTES,
} from './order.ts';

// SPEC: docs/wire-formats.md, "Orders". What the plaintexts of both kinds of orders have in common, every field at a place of its own:
// legCount u8 ‖ six legs (mode u8 ‖ chainId u64 ‖ recipient 32 ‖ amount u128 ‖ crowd u8; zeros if unused) ‖ notBefore u64 ‖
// patience u64 ‖ afterPatience u8 ‖ tagSecret 32 ‖ memoLength u8 ‖ memo 128 (zeros behind it). Integers are big-endian.

/** The only version of an order's plaintext. */
export const ORDER_VERSION = 1;

const LEG_BYTES = 58;
const AFTER_PATIENCE = ['return', 'wait'] as const;

/** The terms' one encoding, 527 bytes. @throws {OrderError} ORDER_UNENCODABLE: a part is out of range */
export function encodeTerms(terms: OrderTerms): Uint8Array {
  requireAtMost('number of legs', terms.legs.length, MAX_LEGS);
  requireAtMost('bytes of the memo', terms.memo.length, MAX_MEMO_BYTES);
  if (terms.tagSecret.length !== TAG_SECRET_BYTES) {
    throw unencodable(`a tag secret of ${TAG_SECRET_BYTES} bytes, got ${terms.tagSecret.length}`);
  }
  const unused = new Uint8Array((MAX_LEGS - terms.legs.length) * LEG_BYTES);
  return concatBytes(
    Uint8Array.of(terms.legs.length),
    ...terms.legs.map(encodeLeg),
    unused,
    encodeUint('notBefore', terms.notBefore, 8),
    encodeUint('patience', terms.patience, 8),
    Uint8Array.of(AFTER_PATIENCE.indexOf(terms.afterPatience)),
    terms.tagSecret,
    Uint8Array.of(terms.memo.length),
    terms.memo,
    new Uint8Array(MAX_MEMO_BYTES - terms.memo.length),
  );
}

/**
 * The inverse of {@link encodeTerms}. All six legs are read, so that the work does not tell how many are used.
 *
 * @param fields untrusted, at the terms' first byte
 * @throws {OrderError} ORDER_MALFORMED: not the one encoding of any terms
 */
export function decodeTerms(fields: FieldReader): OrderTerms {
  const legCount = fields.number(1);
  const slots = Array.from({ length: MAX_LEGS }, () => readSlot(fields));
  if (legCount > MAX_LEGS) throw malformed(`at most ${MAX_LEGS} legs, got ${legCount}`);
  if (!slots.slice(legCount).every(isUnused)) throw malformed('zeros in the place of unused legs');
  const legs = slots.slice(0, legCount).map(legOf);
  const notBefore = fields.uint64();
  const patience = fields.uint64();
  const afterPatience = AFTER_PATIENCE[fields.number(1)];
  if (afterPatience === undefined) throw malformed('0 or 1 for what follows patience');
  const tagSecret = fields.bytes(TAG_SECRET_BYTES);
  return { legs, notBefore, patience, afterPatience, tagSecret, memo: readMemo(fields) };
}

function readMemo(fields: FieldReader): Uint8Array {
  const length = fields.number(1);
  const field = fields.bytes(MAX_MEMO_BYTES);
  if (length > MAX_MEMO_BYTES) throw malformed(`a memo of at most ${MAX_MEMO_BYTES} bytes`);
  if (!isZero(field.subarray(length))) throw malformed('zeros behind the memo');
  return field.slice(0, length);
}

/** A leg's fields, before it is known whether they are one. */
interface Slot {
  readonly mode: number;
  readonly chainId: bigint;
  readonly recipient: Hex;
  readonly amount: bigint;
  readonly crowd: number;
}

const MODES: readonly (LegMode | undefined)[] = [undefined, 'direct', 'pooled', 'transfer'];
const ZERO_WORD = toHex(new Uint8Array(32));

function readSlot(fields: FieldReader): Slot {
  return {
    mode: fields.number(1),
    chainId: fields.uint64(),
    recipient: fields.hex(32),
    amount: fields.uint128(),
    crowd: fields.number(1),
  };
}

function isUnused({ mode, chainId, recipient, amount, crowd }: Slot): boolean {
  return mode === 0 && chainId === 0n && recipient === ZERO_WORD && amount === 0n && crowd === 0;
}

function legOf({ chainId, recipient, amount, ...codes }: Slot): Leg {
  const mode = MODES[codes.mode];
  const crowd = CROWD_FACTORS.find((factor) => factor === codes.crowd);
  if (mode === undefined) throw malformed(`a leg of mode 1, 2 or 3, got ${codes.mode}`);
  if (crowd === undefined) throw malformed(`a crowd of 1, 2 or 4, got ${codes.crowd}`);
  const expected = expectedOfMode(mode, chainId, crowd);
  if (expected !== undefined) throw malformed(expected);
  return { mode, chainId, recipient, amount, crowd };
}

/** What a leg of this mode should have and has not; undefined if nothing. */
function expectedOfMode(mode: LegMode, chainId: bigint, crowd: CrowdFactor): string | undefined {
  if (mode === 'transfer' && chainId !== 0n) return `chain 0 in a transfer, got ${chainId}`;
  if (mode !== 'pooled' && crowd !== 1) return `a crowd of 1 in a leg without a pool, got ${crowd}`;
  return undefined;
}

function encodeLeg({ mode, chainId, recipient, amount, crowd }: Leg): Uint8Array {
  const expected = expectedOfMode(mode, chainId, crowd);
  if (expected !== undefined) throw unencodable(expected);
  if (!CROWD_FACTORS.includes(crowd)) throw unencodable(`a crowd of 1, 2 or 4, got ${crowd}`);
  return concatBytes(
    Uint8Array.of(LEG_MODES[mode]),
    encodeUint('chain id', chainId, 8),
    fromHex(recipient, 32),
    encodeUint('amount', amount, 16),
    Uint8Array.of(crowd),
  );
}

/** An unsigned big-endian integer. @throws {OrderError} ORDER_UNENCODABLE: it does not fit */
export function encodeUint(what: string, value: bigint, bytes: number): Uint8Array {
  if (value >= 0n && value >> BigInt(8 * bytes) === 0n) return toBigEndian(value, bytes);
  throw unencodable(`${what} of ${8 * bytes} bits, got ${value}`);
}

function requireAtMost(what: string, value: number, most: number): void {
  if (value > most) throw unencodable(`${what} of at most ${most}, got ${value}`);
}

/** Bytes that are not the one encoding of any order. */
export function malformed(expected: string): OrderError {
  return new OrderError('ORDER_MALFORMED', `Expected ${expected}; the order counts as unopened.`);
}

function unencodable(expected: string): OrderError {
  return new OrderError('ORDER_UNENCODABLE', `Expected ${expected}; correct the order.`);
}

export class OrderError extends BridgeError<{ what: string }> {
  readonly code: 'ORDER_MALFORMED' | 'ORDER_UNENCODABLE';
  readonly disposition = 'reject';
  constructor(code: 'ORDER_MALFORMED' | 'ORDER_UNENCODABLE', what: string) {
    super(what, { what });
    this.code = code;
  }
}
