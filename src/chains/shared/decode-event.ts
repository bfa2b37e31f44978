import type { EventFragment, Interface, ParamType } from 'ethers';
import type { Hex } from '../../shared/bytes.ts';
import type { ContractLog } from './bridged-chain.ts';

// ethers writes the hexadecimal digits of an envelope one by one, each time as a new string, and an object for every word it reads: 80 KB for a
// log of one, nearly half of all that a relayer allocates while deposits come in. What is here cuts the digits that are there already. It reads
// what events of the bridge have and no more, and test/property/decode-event.test.ts holds it to ethers.
// SPEC: Solidity, "Contract ABI Specification", Events and Strict Encoding Mode.

/** An argument: an integer, bytes of any length or an address in hexadecimal, or structs of such. */
export type EventValue = bigint | Hex | readonly (readonly EventValue[])[];

/** What a log says, by the names of its event's parameters. */
export interface DecodedEvent {
  readonly name: string;
  readonly args: Readonly<Record<string, EventValue>>;
}

/** An argument that is bytes, or an address. */
export function hexArg({ args }: DecodedEvent, name: string): Hex {
  // CAST: a parameter's type in the ABI is the type of its value.
  return args[name] as Hex;
}

/** An argument that is an integer. */
export function integerArg({ args }: DecodedEvent, name: string): bigint {
  // CAST: as above.
  return args[name] as bigint;
}

/** Hexadecimal digits of a word of 32 bytes. */
const DIGITS = 64;

/**
 * Reads a log by the event that its first topic names.
 *
 * @returns undefined if the ABI has no such event
 * @throws {RangeError} it does not fit its event
 */
export function decodeEvent(
  abi: Interface,
  { topics, data }: Pick<ContractLog, 'topics' | 'data'>,
): DecodedEvent | undefined {
  const [id, ...indexed] = topics;
  const event = id === undefined ? null : abi.getEvent(id);
  if (event === null) return undefined;
  const { name, inputs } = event;
  if (indexed.length !== inputs.filter((input) => input.indexed).length) {
    throw new RangeError(`${name} has ${topics.length} topics`);
  }
  return { name, args: readArgs(event, indexed.map(digitsOf), digitsOf(data)) };
}

function digitsOf(hex: Hex): string {
  return hex.slice(2).toLowerCase();
}

function readArgs(
  { inputs }: EventFragment,
  topics: readonly string[],
  data: string,
): DecodedEvent['args'] {
  let [topic, head] = [0, 0];
  const args: Record<string, EventValue> = {};
  for (const input of inputs) {
    args[input.name] = input.indexed
      ? readWord(input, topics[topic++] ?? '')
      : readValue(input, data, head++);
  }
  return args;
}

/** Reads what the word at `head` is, or says where it is. */
function readValue(param: ParamType, data: string, head: number): EventValue {
  if (param.type === 'bytes') return readBytes(data, indexAt(data, head));
  if (param.baseType === 'array') return readStructs(param, data, indexAt(data, head));
  return readWord(param, wordAt(data, head));
}

function readBytes(data: string, index: number): Hex {
  const first = (index + 1) * DIGITS;
  const end = first + numberAt(data, index) * 2;
  if (end > data.length) throw new RangeError('bytes go on behind the end');
  return `0x${data.slice(first, end)}`;
}

function readStructs({ arrayChildren }: ParamType, data: string, index: number): EventValue {
  const fields = arrayChildren?.components ?? [];
  const count = numberAt(data, index);
  const end = index + 1 + count * fields.length;
  if (end * DIGITS > data.length) throw new RangeError('an array goes on behind the end');
  return Array.from({ length: count }, (_, i) => {
    const first = index + 1 + i * fields.length;
    return fields.map((field, j) => readWord(field, wordAt(data, first + j)));
  });
}

/** Reads a value that fills a word: an integer, an address or 32 bytes. */
function readWord({ type }: Pick<ParamType, 'type'>, word: string): EventValue {
  if (word.length !== DIGITS) throw new RangeError('a word has not 32 bytes');
  if (type === 'bytes32') return `0x${word}`;
  const bits = type === 'address' ? 160 : Number(/^uint(\d+)$/.exec(type)?.[1]);
  if (Number.isNaN(bits)) throw new TypeError(`no event of the bridge has a ${type}`);
  const value = BigInt(`0x${word}`);
  if (value >> BigInt(bits) !== 0n) throw new RangeError(`${value} is no ${type}`);
  return type === 'address' ? `0x${word.slice(-40)}` : value;
}

function wordAt(data: string, index: number): string {
  return data.slice(index * DIGITS, (index + 1) * DIGITS);
}

/** A length, or a place. No answer of a node is as long as 32 bits can say. */
function numberAt(data: string, index: number): number {
  return Number(readWord({ type: 'uint32' }, wordAt(data, index)));
}

/** The word that a word says the place of, in bytes. */
function indexAt(data: string, head: number): number {
  const index = numberAt(data, head) / 32;
  if (Number.isInteger(index)) return index;
  throw new RangeError('a place that is not at the beginning of a word');
}
