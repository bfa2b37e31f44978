import { encodeRlp as ethersEncodeRlp, type RlpStructuredData } from 'ethers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeRlp, encodeRlp, type RlpItem } from '../../../src/codec/rlp.ts';
import { toHex } from '../../../src/shared/bytes.ts';
import { BridgeError } from '../../../src/shared/errors.ts';
import { rlp } from '../../reference/ethereum/rlp.ts';

const { item } = fc.letrec<{ item: RlpItem }>((tie) => ({
  item: fc.oneof(
    { maxDepth: 4 },
    fc.uint8Array({ maxLength: 3 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('item'), { maxLength: 5 }),
  ),
}));

const toEthers = (value: RlpItem): RlpStructuredData =>
  value instanceof Uint8Array ? toHex(value) : value.map(toEthers);

it('encodes as the definition and as ethers do, and decodes what it has encoded', () => {
  fc.assert(
    fc.property(item, (value) => {
      const encoded = encodeRlp(value);
      expect([...encoded]).toEqual(rlp(value));
      expect(toHex(encoded)).toBe(ethersEncodeRlp(toEthers(value)));
      expect(decodeRlp(encoded)).toEqual(value);
    }),
  );
});

it('accepts no two encodings of one item', () => {
  const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
  fc.assert(
    fc.property(item, fc.array(change, { maxLength: 4 }), (value, changes) => {
      const encoded = encodeRlp(value);
      for (const [at, bits] of changes)
        encoded[at % encoded.length] = (encoded[at % encoded.length] ?? 0) ^ bits;
      const decoded = decodeOrRefuse(encoded);
      if (decoded !== undefined) expect(encodeRlp(decoded)).toEqual(encoded);
    }),
    { numRuns: 500 },
  );
});

function decodeOrRefuse(encoded: Uint8Array): RlpItem | undefined {
  try {
    return decodeRlp(encoded);
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'RLP_MALFORMED') return undefined;
    throw error;
  }
}
