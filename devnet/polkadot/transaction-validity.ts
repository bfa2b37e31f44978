import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { decodeCompact, fromLittleEndian } from './compact.ts';
import { bytesOf } from './hex.ts';

/** What the runtime says of an extrinsic that could be applied now or later. */
export type ValidTransaction = {
  readonly priority: bigint;
  /** Tags that others must provide first: an account's previous nonce. */
  readonly requires: readonly Hex[];
  readonly provides: readonly Hex[];
  readonly longevityBlocks: bigint;
};

/** Why the runtime refuses it, in the words a node uses. */
export type Invalidity = { readonly kind: 'invalid' | 'unknown'; readonly reason: string };

/** SPEC: sp-runtime, `InvalidTransaction` and its texts. */
const INVALID_REASONS = [
  'Transaction call is not expected',
  'Inability to pay some fees (e.g. account balance too low)',
  'Transaction will be valid in the future',
  'Transaction is outdated',
  'Transaction has a bad signature',
  'Transaction has an ancient birth block',
  'Transaction would exhaust the block limits',
  'InvalidTransaction custom error',
  'A call was labelled as mandatory, but resulted in an Error.',
  'Transaction dispatch is mandatory; transactions must not be validated.',
  'Invalid signing address',
  'The implicit data was unable to be calculated',
  'The transaction extension did not authorize any origin',
] as const;

/** SPEC: sp-runtime, `UnknownTransaction` and its texts. */
const UNKNOWN_REASONS = [
  'Could not lookup information required to validate the transaction',
  'Could not find an unsigned validator for the unsigned transaction',
  'UnknownTransaction custom error',
] as const;

/** Reads `TransactionValidity`, the answer of `TaggedTransactionQueue_validate_transaction`. */
export function decodeValidity(result: Hex): ValidTransaction | Invalidity {
  const bytes = bytesOf(result);
  return bytes[0] === 0 ? decodeValid(bytes.subarray(1)) : decodeInvalidity(bytes.subarray(1));
}

function decodeValid(bytes: Uint8Array): ValidTransaction {
  const requires = decodeTags(bytes, 8);
  const provides = decodeTags(bytes, 8 + requires.length);
  const at = 8 + requires.length + provides.length;
  return {
    priority: fromLittleEndian(bytes.subarray(0, 8)),
    requires: requires.tags,
    provides: provides.tags,
    longevityBlocks: fromLittleEndian(bytes.subarray(at, at + 8)),
  };
}

function decodeTags(bytes: Uint8Array, from: number): { tags: readonly Hex[]; length: number } {
  const [count, prefix] = decodeCompact(bytes, from);
  let at = from + prefix;
  const tags: Hex[] = [];
  for (let i = 0; i < count; i++) {
    const [length, lengthBytes] = decodeCompact(bytes, at);
    at += lengthBytes;
    tags.push(toHex(bytes.subarray(at, at + length)));
    at += length;
  }
  return { tags, length: at - from };
}

/** Reads `TransactionValidityError`: invalid (0) or unknown (1), its kind, a custom code. */
export function decodeInvalidity(bytes: Uint8Array): Invalidity {
  const [group = 0, variant = 0, custom = 0] = bytes;
  const [kind, reasons] =
    group === 0 ? (['invalid', INVALID_REASONS] as const) : (['unknown', UNKNOWN_REASONS] as const);
  const customVariant = group === 0 ? 7 : 2;
  if (variant === customVariant) return { kind, reason: `Custom error: ${custom}` };
  return { kind, reason: reasons[variant] ?? `Variant ${variant}` };
}
