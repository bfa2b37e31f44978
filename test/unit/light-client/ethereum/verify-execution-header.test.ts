import { describe, expect, it } from 'vitest';
import { encodeRlp, encodeRlpInteger, type RlpItem } from '../../../../src/codec/rlp.ts';
import { keccak256 } from '../../../../src/crypto/hashes.ts';
import { verifyExecutionHeader } from '../../../../src/light-client/ethereum/verify-execution-header.ts';
import { toHex } from '../../../../src/shared/bytes.ts';
import { WORLD } from '../../../support/ethereum-world.ts';
import { refusal } from '../../../support/refusal.ts';

/** A header with all 23 fields of Amsterdam, of slot 330; older ones are its beginnings. */
const AMSTERDAM: readonly RlpItem[] = [
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
  ...[19, 20, 21].map(hash),
  encodeRlpInteger(330n),
];
/** The first 21, as until Osaka. */
const PRAGUE = AMSTERDAM.slice(0, 21);

function hash(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}

function verify(fields: RlpItem, slot?: number) {
  const rlp = encodeRlp(fields);
  const proven = slot === undefined ? undefined : { slot, config: WORLD };
  return verifyExecutionHeader(rlp, toHex(keccak256(rlp)), proven);
}

function refuse(fields: RlpItem, slot?: number): object {
  const { code, meta } = refusal(() => verify(fields, slot));
  return { code, ...meta };
}

function replace(at: number, item: RlpItem): RlpItem[] {
  return AMSTERDAM.map((field, i) => (i === at ? item : field));
}

describe('the execution header', () => {
  it.each([
    ['Shanghai', 17],
    ['Cancun', 20],
    ['Prague and Osaka', 21],
    ['Amsterdam', 23],
  ])('of %s has %i fields', (_, count) => {
    const header = verify(AMSTERDAM.slice(0, count));
    expect(header).toMatchObject({
      parentHash: toHex(hash(1)),
      stateRoot: toHex(hash(4)),
      receiptsRoot: toHex(hash(6)),
      number: 21925176n,
      timestamp: 1740508595n,
    });
    expect(header.hash).toBe(toHex(keccak256(encodeRlp(AMSTERDAM.slice(0, count)))));
  });

  it.each([0, 15, 16, 18, 19, 22])('has no form with %i fields', (count) => {
    expect(refuse(AMSTERDAM.slice(0, count))).toEqual({
      code: 'ETHEREUM_EXECUTION_HEADER_MALFORMED',
      field: 'header',
      expected: 'a list of 17 or 20 or 21 or 23 fields',
      got: `${count}`,
    });
  });

  it('is refused with more fields than any fork that we know', () => {
    expect(refuse([...AMSTERDAM, hash(21)])).toMatchObject({ field: 'header', got: '24' });
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
    ['blockAccessListHash', 21, new Uint8Array(31)],
    ['blockAccessListHash', 21, new Uint8Array()],
    ['extraData', 12, []],
    ['gasUsed', 10, []],
    ['slotNumber', 22, []],
  ])('is refused with a %s of another form', (field, at, item) => {
    expect(refuse(replace(at, item))).toMatchObject({
      code: 'ETHEREUM_EXECUTION_HEADER_MALFORMED',
      field,
    });
  });

  it('is refused with an integer that has a leading zero or is too long', () => {
    for (const at of [7, 8, 9, 10, 11, 15, 17, 18, 22]) {
      expect(refuse(replace(at, Uint8Array.of(0, 1)))).toMatchObject({ code: 'RLP_MALFORMED' });
      expect(refuse(replace(at, new Uint8Array(33).fill(1)))).toMatchObject({
        code: 'RLP_MALFORMED',
      });
    }
  });

  it('is refused as a string, when it is not canonical, and when it is too long', () => {
    expect(refuse(hash(1))).toMatchObject({ field: 'header', got: 'a string' });
    // As long as a header has fields, and still no list of them.
    expect(refuse(new Uint8Array(21))).toMatchObject({ field: 'header', got: 'a string' });
    expect(refuse(new Uint8Array(1024))).toEqual({
      code: 'ETHEREUM_EXECUTION_HEADER_MALFORMED',
      field: 'header',
      expected: 'at most 1024 bytes',
      got: '1027',
    });
    expect(refuse(new Uint8Array(1021))).toMatchObject({ got: 'a string' });
    const trailing = Uint8Array.of(...encodeRlp(PRAGUE), 0);
    const { code } = refusal(() =>
      verifyExecutionHeader(trailing, toHex(keccak256(trailing)), undefined),
    );
    expect(code).toBe('RLP_MALFORMED');
  });

  it('is refused under another hash', () => {
    const rlp = encodeRlp(PRAGUE);
    const { code, meta } = refusal(() => verifyExecutionHeader(rlp, toHex(hash(9)), undefined));
    expect(code).toBe('ETHEREUM_EXECUTION_HEADER_HASH_MISMATCH');
    expect(meta).toEqual({ field: 'hash', expected: toHex(hash(9)), got: toHex(keccak256(rlp)) });
  });
});

describe('the execution header that is proven at a slot', () => {
  // Capella from slot 0, Deneb from 32, Electra from 80, Fulu from 160, Gloas from 320.
  it.each([
    [31, [17]],
    [32, [20]],
    [79, [20]],
    [80, [21]],
    [319, [21]],
    [331, [21, 23]],
  ])('has at slot %i exactly the fields of its fork, here %j', (slot, counts) => {
    for (const count of [17, 20, 21, 22, 23]) {
      const fields = AMSTERDAM.slice(0, count);
      if (counts.includes(count)) expect(verify(fields, slot).number).toBe(21925176n);
      else {
        expect(refuse(fields, slot)).toEqual({
          code: 'ETHEREUM_EXECUTION_HEADER_MALFORMED',
          field: 'header',
          expected: `a list of ${counts.join(' or ')} fields`,
          got: `${count}`,
        });
      }
    }
  });

  it('may be one of Osaka in the first slots of Gloas, whose bids build on it', () => {
    expect(verify(PRAGUE, 320).timestamp).toBe(1740508595n);
    expect(refuse(PRAGUE.slice(0, 20), 320)).toMatchObject({ field: 'header', got: '20' });
  });

  it('was made before the slot that proves it', () => {
    expect(verify(AMSTERDAM, 331).number).toBe(21925176n);
    for (const slot of [330, 329, 321]) {
      expect(refuse(AMSTERDAM, slot)).toEqual({
        code: 'ETHEREUM_EXECUTION_HEADER_MALFORMED',
        field: 'slotNumber',
        expected: `a slot before ${slot} in a fork whose headers have 23 fields`,
        got: '330',
      });
    }
    const far = replace(22, encodeRlpInteger(2n ** 64n - 1n));
    expect(refuse(far, 331)).toMatchObject({ field: 'slotNumber', got: `${2n ** 64n - 1n}` });
  });

  it('names no slot before its fork', () => {
    expect(verify(replace(22, encodeRlpInteger(320n)), 331).number).toBe(21925176n);
    for (const slotNumber of [319n, 0n]) {
      expect(refuse(replace(22, encodeRlpInteger(slotNumber)), 331)).toMatchObject({
        field: 'slotNumber',
        got: `${slotNumber}`,
      });
    }
  });

  it('is refused at a slot of a fork without rules', () => {
    expect(refuse(AMSTERDAM, 480)).toMatchObject({ code: 'ETHEREUM_FORK_UNSUPPORTED' });
  });
});
