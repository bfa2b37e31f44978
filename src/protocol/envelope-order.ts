import {
  concatBytes,
  fromBigEndian,
  fromHex,
  type Hex,
  toBigEndian,
  toHex,
} from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';

// What a sealed envelope says, as plaintext of a fixed length, so that no ciphertext tells how much it holds:
// 0x01 ‖ payoutCount u8 ‖ payouts (recipient 20 ‖ amount u128) ‖ delaySec u32 ‖ leastAnonymitySet u16 ‖
// refundAddress 20 ‖ tagSecret 32 ‖ memoLength u8 ‖ memo ‖ zeros. Integers are big-endian.

/** Length of every encoded order. */
export const ORDER_BYTES = 455;
/** Payouts in one order at most; at least one. */
export const MAX_PAYOUTS = 4;
/** Bytes of a memo at most. */
export const MAX_MEMO_BYTES = 128;
/** Bytes of a tag secret. */
export const TAG_SECRET_BYTES = 32;

const VERSION = 1;
const ADDRESS_BYTES = 20;
const AMOUNT_BYTES = 16;

/** One recipient and what it is to get. */
export interface Payout {
  /** 20 bytes. */
  readonly recipient: Hex;
  /** In the asset's smallest unit, below 2^128. The last payout also gets what the others leave. */
  readonly amount: bigint;
}

/** What a user asks for in a sealed envelope. */
export interface Order {
  /** 1 … 4. */
  readonly payouts: readonly Payout[];
  /** Seconds to wait before paying out, 32 bits. */
  readonly delaySec: number;
  /** Smallest number of transfers to hide among, 16 bits; 0 and 1 ask for nothing. */
  readonly leastAnonymitySet: number;
  /** Who is paid on the source chain if the order cannot be done, 20 bytes; zero is the deposit’s `refundTo`. */
  readonly refundAddress: Hex;
  /** 32 unpredictable bytes that no other order has: the payouts' tags come from it. */
  readonly tagSecret: Uint8Array;
  /** At most 128 bytes for the recipient's own use; never shown on a chain. */
  readonly memo: Uint8Array;
}

/** The order's one encoding, 455 bytes. @throws {OrderError} ORDER_UNENCODABLE: a part is out of range */
export function encodeOrder(order: Order): Uint8Array {
  requireEncodable(order);
  const content = concatBytes(
    Uint8Array.of(VERSION, order.payouts.length),
    ...order.payouts.map(encodePayout),
    toBigEndian(BigInt(order.delaySec), 4),
    toBigEndian(BigInt(order.leastAnonymitySet), 2),
    fromHex(order.refundAddress, ADDRESS_BYTES),
    order.tagSecret,
    Uint8Array.of(order.memo.length),
    order.memo,
  );
  return concatBytes(content, new Uint8Array(ORDER_BYTES - content.length));
}

/**
 * The inverse of {@link encodeOrder}.
 *
 * @param bytes untrusted
 * @throws {OrderError} ORDER_MALFORMED: not the one encoding of any order
 */
export function decodeOrder(bytes: Uint8Array): Order {
  if (bytes.length !== ORDER_BYTES) throw malformed(`${ORDER_BYTES} bytes, got ${bytes.length}`);
  let offset = 0;
  const take = (length: number) => {
    offset += length;
    return bytes.slice(offset - length, offset);
  };
  const takeNumber = (length: number) => Number(fromBigEndian(take(length)));
  const takeAddress = () => toHex(take(ADDRESS_BYTES));
  requireIn('version', takeNumber(1), [VERSION, VERSION]);
  const payoutCount = requireIn('number of payouts', takeNumber(1), [1, MAX_PAYOUTS]);
  const order = {
    payouts: Array.from({ length: payoutCount }, () => ({
      recipient: takeAddress(),
      amount: fromBigEndian(take(AMOUNT_BYTES)),
    })),
    delaySec: takeNumber(4),
    leastAnonymitySet: takeNumber(2),
    refundAddress: takeAddress(),
    tagSecret: take(TAG_SECRET_BYTES),
    memo: take(requireIn('memo length', takeNumber(1), [0, MAX_MEMO_BYTES])),
  };
  if (bytes.subarray(offset).some((byte) => byte !== 0)) throw malformed('zeros behind the memo');
  return order;
}

function encodePayout({ recipient, amount }: Payout): Uint8Array {
  return concatBytes(fromHex(recipient, ADDRESS_BYTES), toBigEndian(amount, AMOUNT_BYTES));
}

function requireEncodable({ payouts, delaySec, leastAnonymitySet, tagSecret, memo }: Order): void {
  requireUint('number of payouts', payouts.length, { least: 1, most: MAX_PAYOUTS });
  requireUint('delaySec', delaySec, { most: 2 ** 32 - 1 });
  requireUint('leastAnonymitySet', leastAnonymitySet, { most: 2 ** 16 - 1 });
  requireUint('bytes of the memo', memo.length, { most: MAX_MEMO_BYTES });
  const exactly = { least: TAG_SECRET_BYTES, most: TAG_SECRET_BYTES };
  requireUint('bytes of the tag secret', tagSecret.length, exactly);
  for (const { amount } of payouts) {
    const fits = amount >= 0n && amount >> 128n === 0n;
    if (!fits) throw unencodable(`an amount of 0 … 2^128 − 1, got ${amount}`);
  }
}

function requireUint(
  what: string,
  value: number,
  { least = 0, most }: { readonly least?: number; readonly most: number },
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw unencodable(`${what} of ${least} … ${most}, got ${value}`);
}

function requireIn(what: string, value: number, [least, most]: readonly [number, number]): number {
  if (value >= least && value <= most) return value;
  throw malformed(`${what} of ${least} … ${most}, got ${value}`);
}

function malformed(expected: string): OrderError {
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
