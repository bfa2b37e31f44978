import { concatBytes, fromHex } from '../shared/bytes.ts';
import { readFields } from './field-reader.ts';
import type { DepositOrder } from './order.ts';
import { decodeTerms, encodeTerms, malformed, ORDER_VERSION } from './order-terms.ts';

// SPEC: docs/wire-formats.md, "Orders". version u8 ‖ account 32 ‖ terms 527 ‖ zeros.

/** Length of every encoded order of a deposit. */
export const DEPOSIT_ORDER_BYTES = 583;

/** The order's one encoding, 583 bytes. @throws {OrderError} ORDER_UNENCODABLE @throws {HexError} not 32 bytes */
export function encodeDepositOrder(order: DepositOrder): Uint8Array {
  const encoded = new Uint8Array(DEPOSIT_ORDER_BYTES);
  const account = fromHex(order.account, 32);
  encoded.set(concatBytes(Uint8Array.of(ORDER_VERSION), account, encodeTerms(order)));
  return encoded;
}

/**
 * The inverse of {@link encodeDepositOrder}.
 *
 * @param bytes untrusted
 * @throws {OrderError} ORDER_MALFORMED: not the one encoding of any order
 */
export function decodeDepositOrder(bytes: Uint8Array): DepositOrder {
  if (bytes.length !== DEPOSIT_ORDER_BYTES) {
    throw malformed(`${DEPOSIT_ORDER_BYTES} bytes, got ${bytes.length}`);
  }
  const fields = readFields(bytes);
  const version = fields.number(1);
  if (version !== ORDER_VERSION) throw malformed(`version ${ORDER_VERSION}, got ${version}`);
  const order = { account: fields.hex(32), ...decodeTerms(fields) };
  if (!fields.isRestZero()) throw malformed('zeros behind the order');
  return order;
}
