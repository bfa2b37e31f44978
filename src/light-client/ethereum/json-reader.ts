import { fromHex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import { isHex } from '../../shared/hex-schema.ts';

// Reads untrusted JSON of the Beacon API: every value is bounded before it is converted, and a refusal
// names the field. Unknown fields are skipped: nodes may add some.

/** A value inside a JSON document, with the way to it. */
export interface JsonNode {
  readonly value: unknown;
  readonly path: string;
}

/** The named member of an object. @throws {BeaconJsonError} no object, or no such member */
export function readField(node: JsonNode, name: string): JsonNode {
  const field = readOptionalField(node, name);
  if (field === undefined)
    throw malformed({ ...node, path: join(node.path, name) }, 'a value', 'none');
  return field;
}

/** The named member, or undefined if it is absent or null. @throws {BeaconJsonError} no object */
export function readOptionalField(node: JsonNode, name: string): JsonNode | undefined {
  const { value, path } = node;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(node, 'an object');
  }
  // CAST: an object that is no array; only own members are read.
  const member = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
  if (member === undefined || member === null) return undefined;
  return { value: member, path: join(path, name) };
}

/** The elements of an array of `min` … `max`. @throws {BeaconJsonError} no array, or another length */
export function readList(node: JsonNode, min: number, max: number): readonly JsonNode[] {
  const { value, path } = node;
  if (!Array.isArray(value)) throw malformed(node, 'an array');
  if (value.length < min || value.length > max) {
    throw malformed(node, `${min} to ${max} elements`, `${value.length}`);
  }
  // Not map: it would step over holes, which no JSON has but an in-memory document may.
  return Array.from(value, (element: unknown, i) => ({ value: element, path: `${path}[${i}]` }));
}

/** A decimal uint64 in a string. @throws {BeaconJsonError} anything else, also a leading zero */
export function readUint64(node: JsonNode): bigint {
  return readUint(node, 64);
}

/** A decimal uint256 in a string. @throws {BeaconJsonError} anything else, also a leading zero */
export function readUint256(node: JsonNode): bigint {
  return readUint(node, 256);
}

/** A slot: a decimal uint64 in a string that is also a safe integer. @throws {BeaconJsonError} */
export function readSlot(node: JsonNode): number {
  const slot = readUint64(node);
  if (slot > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed(node, 'a slot below 2^53', `${slot}`);
  return Number(slot);
}

/** Exactly `length` bytes in hex. @throws {BeaconJsonError} no hex, or another length */
export function readBytes(node: JsonNode, length: number): Uint8Array {
  return readBytesUpTo(node, length, length);
}

/** `min` … `max` bytes in hex. @throws {BeaconJsonError} no hex, or another length */
export function readBytesUpTo(node: JsonNode, min: number, max: number): Uint8Array {
  const { value } = node;
  if (typeof value !== 'string') throw malformed(node, 'bytes in hex with 0x');
  const length = (value.length - 2) / 2;
  if (length < min || length > max) throw malformed(node, `${min} to ${max} bytes`, `${length}`);
  if (!isHex(value.toLowerCase())) throw malformed(node, 'bytes in hex with 0x');
  return fromHex(value);
}

/** A string. @throws {BeaconJsonError} anything else */
export function readString(node: JsonNode): string {
  if (typeof node.value !== 'string') throw malformed(node, 'a string');
  return node.value;
}

/** The longest decimal of 256 bits has 78 digits. */
const DECIMAL = /^(?:0|[1-9][0-9]{0,77})$/;

function readUint(node: JsonNode, bits: number): bigint {
  const { value } = node;
  if (typeof value !== 'string' || !DECIMAL.test(value))
    throw malformed(node, 'a decimal in a string');
  const uint = BigInt(value);
  if (uint >> BigInt(bits) !== 0n) throw malformed(node, `at most ${bits} bits`, value);
  return uint;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function malformed(node: JsonNode, expected: string, got?: string): BeaconJsonError {
  const found = got ?? describe(node.value);
  return new BeaconJsonError({ field: node.path || 'the document', expected, got: found });
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

/** The document is not what the Beacon API specifies. */
export class BeaconJsonError extends BridgeError<{ field: string; expected: string; got: string }> {
  readonly code = 'ETHEREUM_JSON_MALFORMED';
  readonly disposition = 'reject';
  constructor(meta: { field: string; expected: string; got: string }) {
    const { field, expected, got } = meta;
    super(`Beacon API ${field}: expected ${expected}, got ${got}; ask another node.`, meta);
  }
}
