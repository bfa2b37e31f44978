import { describe, expect, it } from 'vitest';
import {
  decodeEthereumBlock,
  encodeEthereumBlock,
  finalBlockOf,
} from '../../../../src/light-client/ethereum/final-block.ts';
import { concatBytes, type Hex } from '../../../../src/shared/bytes.ts';
import { makeSigners, makeStore } from '../../../support/ethereum-world.ts';
import { refusal } from '../../../support/refusal.ts';

const hash: Hex = `0x${'ab'.repeat(32)}`;
const bytes = encodeEthereumBlock({ hash, slot: 300 });
const codeOf = (changed: Uint8Array) => refusal(() => decodeEthereumBlock(changed)).code;

describe('what is kept of a final block', () => {
  it('is its hash and the slot that proved it', () => {
    const store = makeStore(160, makeSigners(1).committee);
    const { blockHash } = store.finalizedHeader.execution;
    expect(finalBlockOf(store)).toEqual({ hash: blockHash, slot: 160 });
  });

  it.each([0, 300, Number.MAX_SAFE_INTEGER, undefined])(
    'survives being sealed: slot %s',
    (slot) => {
      const block = slot === undefined ? { hash } : { hash, slot };
      expect(decodeEthereumBlock(encodeEthereumBlock(block))).toEqual(block);
    },
  );

  it('has one encoding', () => {
    expect(codeOf(concatBytes(bytes, Uint8Array.of(0)))).toBe('SCALE_TRAILING_BYTES');
    expect(codeOf(bytes.slice(0, -1))).toBe('SCALE_TRUNCATED');
    expect(codeOf(bytes.with(32, 2))).toBe('SCALE_OUT_OF_RANGE');
    expect(codeOf(bytes.with(32, 0))).toBe('SCALE_TRAILING_BYTES');
  });

  it('has no slot beyond the numbers that are exact', () => {
    const { length } = bytes;
    expect(codeOf(bytes.with(length - 2, 0x20))).toBe('SCALE_OUT_OF_RANGE');
  });
});
