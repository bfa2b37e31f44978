import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANCHOR_ABI, GATEWAY_ABI, REGISTRY_ABI } from '../../src/chains/shared/abi.ts';
import { type DecodedEvent, decodeEvent } from '../../src/chains/shared/decode-event.ts';
import type { Hex } from '../../src/shared/bytes.ts';

// ethers is the reference: what it encodes and decodes.

const ABIS = { GATEWAY_ABI, ANCHOR_ABI, REGISTRY_ABI };

interface Param {
  readonly type: string;
  readonly baseType: string;
  readonly arrayChildren: { readonly components: readonly Param[] | null } | null;
}

function arbitraryOf(param: Param): fc.Arbitrary<unknown> {
  const { type, baseType, arrayChildren } = param;
  if (baseType === 'array') {
    return fc.array(fc.tuple(...(arrayChildren?.components ?? []).map(arbitraryOf)), {
      maxLength: 5,
    });
  }
  const bytes = (least: number, most: number) =>
    fc
      .uint8Array({ minLength: least, maxLength: most })
      .map((array): Hex => `0x${Buffer.from(array).toString('hex')}`);
  if (type === 'bytes') return bytes(0, 100);
  if (type === 'bytes32') return bytes(32, 32);
  if (type === 'address') return bytes(20, 20);
  return fc.bigInt({ min: 0n, max: 2n ** BigInt(type.slice(4)) - 1n });
}

/** What ethers reads, with addresses in small letters and structs as arrays. */
function plain(value: unknown): unknown {
  if (typeof value === 'string') return value.toLowerCase();
  return typeof value === 'bigint' ? value : [...(value as Iterable<unknown>)].map(plain);
}

const events = Object.entries(ABIS).flatMap(([name, abi]) => {
  return abi.fragments.flatMap((fragment) => {
    const event = fragment.type === 'event' ? abi.getEvent(fragment.format()) : null;
    return event === null ? [] : [{ title: `${name}: ${event.name}`, abi, event }];
  });
});

describe.each(events)('an event ($title)', ({ abi, event }) => {
  const args = fc.tuple(...event.inputs.map(arbitraryOf));
  const logOf = (values: readonly unknown[]) => {
    const { topics, data } = abi.encodeEventLog(event, values);
    return { topics: topics.flat() as Hex[], data: data as Hex };
  };

  it('is read as ethers reads it', () => {
    fc.assert(
      fc.property(args, (values) => {
        const log = logOf(values);
        const read = abi.parseLog(log);
        const expected = event.inputs.map(({ name }) => [name, plain(read?.args[name])]);
        expect(decodeEvent(abi, log)).toEqual({
          name: event.name,
          args: Object.fromEntries(expected),
        });
      }),
      { numRuns: 50 },
    );
  });

  it('is refused, or read as ethers reads it, whatever a node makes of it', () => {
    fc.assert(
      fc.property(args, fc.nat(), fc.nat(15), fc.boolean(), (values, at, digit, isCut) => {
        const log = logOf(values);
        const digits = log.data.slice(2);
        // Whole bytes: a node's answer has no others.
        const place = (at % (digits.length + 1)) & -2;
        const changed = isCut ? '' : `0${digit.toString(16)}${digits.slice(place + 2)}`;
        const data: Hex = `0x${digits.slice(0, place)}${changed}`;
        const read = attempt(() => decodeEvent(abi, { ...log, data }));
        if (read === undefined) return;
        const peers = abi.parseLog({ ...log, data });
        for (const { name } of event.inputs)
          expect(read.args[name]).toEqual(plain(peers?.args[name]));
      }),
      { numRuns: 100 },
    );
  });

  it('is refused with fewer topics, or with more', () => {
    const log = logOf(fc.sample(args, 1)[0] ?? []);
    for (const topics of [log.topics.slice(0, -1), [...log.topics, log.topics[0] ?? '0x']]) {
      if (topics.length === 0) continue;
      expect(() => decodeEvent(abi, { ...log, topics })).toThrow(RangeError);
    }
  });
});

function attempt(read: () => DecodedEvent | undefined): DecodedEvent | undefined {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return undefined;
  }
}

it('is none of a log without topics, or with one that the ABI does not know', () => {
  expect(decodeEvent(GATEWAY_ABI, { topics: [], data: '0x' })).toBeUndefined();
  const topics: Hex[] = [`0x${'ab'.repeat(32)}`];
  expect(decodeEvent(GATEWAY_ABI, { topics, data: '0x' })).toBeUndefined();
});
