import { describe, expect, it } from 'vitest';
import { encodeRlp, encodeRlpInteger, type RlpItem } from '../../../../src/codec/rlp.ts';
import { keccak256 } from '../../../../src/crypto/hashes.ts';
import { verifyExecutionHeader } from '../../../../src/light-client/ethereum/verify-execution-header.ts';
import { toHex } from '../../../../src/shared/bytes.ts';
import { refusal } from '../../../support/refusal.ts';

/** A header with all 21 fields of Prague; older ones are its beginnings. */
const PRAGUE: readonly RlpItem[] = [
  ...[1, 2].map(hash),
  new Uint8Array(20).fill(3),
  ...[4, 5, 6].map(hash),
  new Uint8Array(256),
  ...[0n, 21925176n, 36_000_000n, 16_312_048n, 1740508595n].map(encodeRlpInteger),
  new Uint8Array(24).fill(12),
  hash(13),
  new Uint8Array(8),
  encodeRlpInteger(1708588230n),
  hash(16),
  ...[0n, 74973184n].map(encodeRlpInteger),
  ...[19, 20].map(hash),
];

function hash(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}

function verify(fields: RlpItem) {
  const rlp = encodeRlp(fields);
  return verifyExecutionHeader(rlp, toHex(keccak256(rlp)));
}

function refuse(fields: RlpItem): object {
  const { code, meta } = refusal(() => verify(fields));
  return { code, ...meta };
}

function replace(at: number, item: RlpItem): RlpItem[] {
  return PRAGUE.map((field, i) => (i === at ? item : field));
}

describe('the execution header', () => {
  it.each([
    ['London and Paris', 16],
    ['Shanghai', 17],
    ['Cancun', 20],
    ['Prague and Osaka', 21],
  ])('of %s has %i fields', (_, count) => {
    const header = verify(PRAGUE.slice(0, count));
    expect(header).toMatchObject({
      parentHash: toHex(hash(1)),
      stateRoot: toHex(hash(4)),
      receiptsRoot: toHex(hash(6)),
      number: 21925176n,
      timestamp: 1740508595n,
    });
    expect(header.hash).toBe(toHex(keccak256(encodeRlp(PRAGUE.slice(0, count)))));
  });

  it.each([0, 15, 18, 19])('has no form with %i fields', (count) => {
    expect(refuse(PRAGUE.slice(0, count))).toEqual({
      code: 'ETHEREUM_EXECUTION_HEADER_MALFORMED',
      field: 'header',
      expected: 'a list of 16, 17, 20, 21 fields',
      got: `${count}`,
    });
  });

  it('is refused with more fields than any fork that we know', () => {
    expect(refuse([...PRAGUE, hash(21)])).toMatchObject({ field: 'header', got: '22' });
  });

  it.each<[string, number, RlpItem]>([
    ['parentHash', 0, new Uint8Array(31)],
    ['beneficiary', 2, new Uint8Array(32)],
    ['stateRoot', 3, new Uint8Array(33)],
    ['stateRoot', 3, []],
    ['logsBloom', 6, new Uint8Array(255)],
    ['extraData', 12, new Uint8Array(33)],
    ['nonce', 14, new Uint8Array(7)],
    ['requestsHash', 20, new Uint8Array()],
  ])('is refused with a %s of another form', (field, at, item) => {
    expect(refuse(replace(at, item))).toMatchObject({
      code: 'ETHEREUM_EXECUTION_HEADER_MALFORMED',
      field,
    });
  });

  it('is refused with an integer that has a leading zero or is too long', () => {
    for (const at of [7, 8, 9, 10, 11, 15, 17, 18]) {
      expect(refuse(replace(at, Uint8Array.of(0, 1)))).toMatchObject({ code: 'RLP_MALFORMED' });
      expect(refuse(replace(at, new Uint8Array(33).fill(1)))).toMatchObject({
        code: 'RLP_MALFORMED',
      });
    }
  });

  it('is refused as a string, when it is not canonical, and when it is too long', () => {
    expect(refuse(hash(1))).toMatchObject({ field: 'header', got: 'a string' });
    expect(refuse(new Uint8Array(1024))).toEqual({
      code: 'ETHEREUM_EXECUTION_HEADER_MALFORMED',
      field: 'header',
      expected: 'at most 1024 bytes',
      got: '1027',
    });
    const trailing = Uint8Array.of(...encodeRlp(PRAGUE), 0);
    const { code } = refusal(() => verifyExecutionHeader(trailing, toHex(keccak256(trailing))));
    expect(code).toBe('RLP_MALFORMED');
  });

  it('is refused under another hash', () => {
    const rlp = encodeRlp(PRAGUE);
    const { code, meta } = refusal(() => verifyExecutionHeader(rlp, toHex(hash(9))));
    expect(code).toBe('ETHEREUM_EXECUTION_HEADER_HASH_MISMATCH');
    expect(meta).toEqual({ field: 'hash', expected: toHex(hash(9)), got: toHex(keccak256(rlp)) });
  });
});
