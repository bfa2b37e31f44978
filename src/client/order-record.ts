import { z } from 'zod';
import { LEG_MODES, type Leg, type LegMode } from '../protocol/order.ts';
import { payoutTag } from '../protocol/tag.ts';
import type { TransferRef } from '../protocol/transfer-tags.ts';
import { fromHex, type Hex, toHex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import { hexOf } from '../shared/hex-schema.ts';

// What a user keeps of an order, to find its payouts with. SECURITY: whoever has it can link the two ends.

/** An order, as its owner remembers it. */
export interface OrderRecord {
  /** 32 bytes. */
  readonly account: Hex;
  readonly tagSecret: Uint8Array;
  readonly asset: Hex;
  readonly legs: readonly Pick<Leg, 'mode' | 'chainId' | 'recipient' | 'amount'>[];
  readonly patience: bigint;
  /** The deposit that it came with; undefined if it was posted. */
  readonly transfer?: TransferRef | undefined;
}

const decimal = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,38})$/, 'must be a decimal integer')
  .transform((text) => BigInt(text));
const MODES = Object.keys(LEG_MODES) as [LegMode, ...LegMode[]];

const recordSchema = z.strictObject({
  kind: z.literal('veilspan-order'),
  version: z.literal(1),
  account: hexOf(32),
  tagSecret: hexOf(32).transform((secret) => fromHex(secret, 32)),
  asset: hexOf(32),
  legs: z.array(
    z.strictObject({
      mode: z.enum(MODES),
      chainId: decimal,
      recipient: hexOf(32),
      amount: decimal,
    }),
  ),
  patience: decimal,
  transfer: z.strictObject({ chainId: decimal, index: decimal }).optional(),
});

/** The record as a JSON file holds it. */
export function formatOrderRecord({ tagSecret, legs, ...record }: OrderRecord): string {
  const kept = legs.map(({ mode, chainId, recipient, amount }) => ({
    mode,
    chainId,
    recipient,
    amount,
  }));
  const json = {
    kind: 'veilspan-order',
    version: 1,
    tagSecret: toHex(tagSecret),
    legs: kept,
    ...record,
  };
  const asText = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);
  return `${JSON.stringify(json, asText, 2)}\n`;
}

/** Reads what {@link formatOrderRecord} wrote. @throws {OrderFileError} */
export function parseOrderRecord(text: string): OrderRecord {
  const { kind: _, version: __, ...record } = parseFile(recordSchema, text);
  return record;
}

/** A sealed order to be posted, as a file holds it: nothing in it is a secret. */
const postSchema = z.strictObject({
  kind: z.literal('veilspan-post'),
  version: z.literal(1),
  envelope: hexOf(832).transform((envelope) => fromHex(envelope)),
});

/** A sealed order as a JSON file holds it. @param envelope 832 bytes */
export function formatPostFile(envelope: Uint8Array): string {
  const json = { kind: 'veilspan-post', version: 1, envelope: toHex(envelope) };
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

/** The envelope in what {@link formatPostFile} wrote. @throws {OrderFileError} */
export function parsePostFile(text: string): Uint8Array {
  return parseFile(postSchema, text).envelope;
}

function parseFile<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const what = cause instanceof z.ZodError ? z.prettifyError(cause) : 'no JSON';
    throw new OrderFileError(what);
  }
}

/** The tag of one of an order's legs, by which its payout is found. 32 bytes. */
export function legTag({ tagSecret }: Pick<OrderRecord, 'tagSecret'>, leg: number): Hex {
  return payoutTag(tagSecret, leg);
}

/** A file that is no order of ours. */
export class OrderFileError extends BridgeError<{ what: string }> {
  readonly code = 'CONFIG_ORDER_FILE';
  readonly disposition = 'reject';
  constructor(what: string) {
    super(`The file holds no order: ${what}.`, { what });
  }
}
