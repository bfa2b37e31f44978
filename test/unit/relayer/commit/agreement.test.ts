import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { EMPTY_HEAD } from '../../../../src/protocol/message.ts';
import { combineBatches, mostAgreed } from '../../../../src/relayer/commit/agreement.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';

const bridge = { log: pino({ level: 'silent' }) };
const address = (byte: string): Hex => `0x${byte.repeat(20)}`;
const OWN = address('5b');
const batch = {
  chainId: 31337n,
  gateway: address('0a'),
  firstIndex: 8n,
  prevHead: EMPTY_HEAD,
  releases: [],
  fees: [],
  consumedCount: 7n,
};
const revealed = (byte: string, change: object = {}) => {
  const signature: Hex = `0x${byte.repeat(65)}`;
  return {
    signer: address(byte),
    batches: [{ batch, submitter: OWN, epoch: 1n, signature, ...change }],
  };
};

describe('what most enclaves say', () => {
  it('is what the first says where none is outvoted', () => {
    expect(mostAgreed(bridge, [1n, 2n], (answer) => answer)).toEqual([1n]);
    expect(mostAgreed(bridge, [], (answer) => answer)).toEqual([]);
  });

  it('is not what the first says alone', () => {
    expect(mostAgreed(bridge, [1n, 2n, 2n], (answer) => answer)).toEqual([2n, 2n]);
  });
});

describe('a batch that enclaves have signed', () => {
  it('bears the signatures of all by ascending signer', () => {
    const [combined] = combineBatches(bridge, [revealed('33'), revealed('11'), revealed('22')]);
    expect(combined).toMatchObject({ batch, submitter: OWN, epoch: 1n });
    expect(combined?.signatures.map((signature) => signature.slice(2, 4))).toEqual([
      '11',
      '22',
      '33',
    ]);
  });

  // The gateway takes all signatures of a batch or none, so one over something else would hold it for good.
  it.each([
    ['another batch on the same head', { batch: { ...batch, consumedCount: 9n } }],
    ['another epoch', { epoch: 2n }],
    ['another submitter', { submitter: address('77') }],
  ])('bears none over %s', (_, change) => {
    const [combined] = combineBatches(bridge, [
      revealed('11', change),
      revealed('22'),
      revealed('33'),
    ]);
    expect(combined).toMatchObject({ batch, submitter: OWN, epoch: 1n });
    expect(combined?.signatures).toHaveLength(2);
  });
});
