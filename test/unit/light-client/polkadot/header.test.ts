import { describe, expect, it } from 'vitest';
import { encodeByteVector, encodeCompact, encodeVector } from '../../../../src/codec/scale.ts';
import { decodeHeader, headerHash } from '../../../../src/light-client/polkadot/header.ts';
import { MAX_HEADER_BYTES } from '../../../../src/light-client/polkadot/limits.ts';
import { concatBytes, toHex, utf8 } from '../../../../src/shared/bytes.ts';
import { childBlock, genesis } from '../../../support/grandpa.ts';
import { refusal } from '../../../support/refusal.ts';

const payload = encodeByteVector(Uint8Array.of(1, 2, 3));
const engineItem = (kind: number) => concatBytes(Uint8Array.of(kind), utf8('TEST'), payload);
const digest = [
  concatBytes(Uint8Array.of(0), payload),
  engineItem(4),
  engineItem(5),
  engineItem(6),
  Uint8Array.of(8),
];
const block = childBlock(genesis, { digest, stateRoot: new Uint8Array(32).fill(9) });

/** A header with these bytes in place of the number and of the digest. */
function headerOf(number: Uint8Array, logs: Uint8Array): Uint8Array {
  return concatBytes(new Uint8Array(32), number, new Uint8Array(64), logs);
}

describe('a header', () => {
  it('is decoded field by field', () => {
    const header = decodeHeader(block.header);
    expect(header.parentHash).toEqual(genesis.hash);
    expect(header.number).toBe(1);
    expect(header.stateRoot).toEqual(new Uint8Array(32).fill(9));
    expect(header.digest.map(({ kind }) => kind)).toEqual([
      'other',
      'consensus',
      'seal',
      'preRuntime',
      'runtimeEnvironmentUpdated',
    ]);
    expect(header.digest[1]).toMatchObject({
      engine: utf8('TEST'),
      payload: Uint8Array.of(1, 2, 3),
    });
  });

  it('is hashed as a whole', () => {
    expect(headerHash(decodeHeader(block.header))).toBe(toHex(block.hash));
  });

  it('is a view of its bytes', () => {
    const header = decodeHeader(block.header);
    expect(header.stateRoot.buffer).toBe(block.header.buffer);
    expect(header.encoded.buffer).toBe(block.header.buffer);
  });

  it.each([0, 63, 64, 16_383, 16_384, 2 ** 30 - 1, 2 ** 30, 2 ** 32 - 1])(
    'may have the number %i',
    (number) => {
      expect(decodeHeader(headerOf(encodeCompact(number), Uint8Array.of(0))).number).toBe(number);
    },
  );
});

describe('a header is refused', () => {
  const none = Uint8Array.of(0);

  it('when any byte is missing at its end', () => {
    for (let length = 0; length < block.header.length; length++) {
      expect(refusal(() => decodeHeader(block.header.subarray(0, length))).code).toBe(
        'SCALE_TRUNCATED',
      );
    }
  });

  it('when a byte follows it', () => {
    expect(refusal(() => decodeHeader(concatBytes(block.header, none))).code).toBe(
      'SCALE_TRAILING_BYTES',
    );
  });

  it.each([
    ['two bytes for 1', [0x05, 0x00]],
    ['four bytes for 1', [0x06, 0, 0, 0]],
    ['five bytes for 1', [0x03, 1, 0, 0, 0]],
  ])('when its number takes %s', (_, number) => {
    expect(refusal(() => decodeHeader(headerOf(Uint8Array.from(number), none))).code).toBe(
      'SCALE_COMPACT_NOT_CANONICAL',
    );
  });

  it('when its number exceeds u32', () => {
    const number = Uint8Array.of(0x07, 0, 0, 0, 0, 1);
    expect(refusal(() => decodeHeader(headerOf(number, none))).code).toBe(
      'SCALE_COMPACT_TOO_LARGE',
    );
  });

  it.each([1, 2, 3, 7, 9, 255])('when a digest item is of the unknown kind %i', (kind) => {
    const logs = encodeVector([concatBytes(Uint8Array.of(kind), utf8('TEST'), payload)]);
    expect(refusal(() => decodeHeader(headerOf(encodeCompact(1), logs)))).toMatchObject({
      code: 'HEADER_DIGEST_UNKNOWN',
      meta: { got: kind },
    });
  });

  it('when its digest claims more items than any has, before one is read', () => {
    const logs = encodeCompact(2 ** 31);
    expect(refusal(() => decodeHeader(headerOf(encodeCompact(1), logs))).code).toBe(
      'SCALE_COUNT_EXCEEDED',
    );
  });

  it('when it is longer than any is', () => {
    expect(refusal(() => decodeHeader(new Uint8Array(MAX_HEADER_BYTES))).code).toBe(
      'SCALE_TRAILING_BYTES',
    );
    expect(refusal(() => decodeHeader(new Uint8Array(MAX_HEADER_BYTES + 1))).code).toBe(
      'HEADER_TOO_LONG',
    );
  });
});
