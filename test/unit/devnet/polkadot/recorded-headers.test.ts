import { describe, expect, it } from 'vitest';
import {
  advanceGrandpaPoint,
  computeThreshold,
  createGenesisPoint,
} from '../../../../devnet/polkadot/authority-set.ts';
import {
  computeHeaderHash,
  decodeHeader,
  encodeAuraPreDigest,
  encodeHeader,
  readAuraSlot,
} from '../../../../devnet/polkadot/header.ts';
import { bytesOf } from '../../../../devnet/polkadot/hex.ts';
import { type Hex, toHex } from '../../../../src/shared/bytes.ts';
import { refusal } from '../../../support/refusal.ts';
import { readVectorJson, vectorsMissing } from '../../../support/vectors.ts';

type Recorded = { headers: Hex[] };

describe.skipIf(vectorsMissing)('headers that native nodes made', () => {
  const recorded = vectorsMissing
    ? { headers: [] }
    : readVectorJson<Recorded>('substrate-node/revive-three-authorities.json');
  const { headers } = recorded;

  it('are encoded to the same bytes and linked by the same hashes', () => {
    expect(headers.length).toBeGreaterThan(100);
    let parentHash: Hex | undefined;
    for (const bytes of headers) {
      const header = decodeHeader(bytesOf(bytes));
      expect(toHex(encodeHeader(header))).toBe(bytes);
      if (parentHash !== undefined) expect(header.parentHash).toBe(parentHash);
      parentHash = computeHeaderHash(header);
    }
  });

  it('claim slots that are read back', () => {
    const slots = headers
      .map((bytes) => decodeHeader(bytesOf(bytes)))
      .filter(({ number }) => number > 0)
      .map((header) => {
        const slot = readAuraSlot(header) ?? 0;
        expect(header.logs).toContain(encodeAuraPreDigest(slot));
        return slot;
      });
    expect(slots).toEqual([...new Set(slots)].sort((a, b) => a - b));
  });

  it('hand over where the recording says', () => {
    const ends: [number, number, bigint][] = [];
    let point = createGenesisPoint([{ id: '0x00', weight: 1n }]);
    for (const bytes of headers) {
      const header = decodeHeader(bytesOf(bytes));
      if (header.number === 0) continue;
      point = advanceGrandpaPoint(point, header);
      if (point.endsSet) {
        ends.push([header.number, point.next.authorities.length, computeThreshold(point.next)]);
      }
    }
    expect(ends).toEqual([
      [11, 4, 3n],
      [22, 3, 5n],
    ]);
    expect([point.set.setId, point.nextSince]).toEqual([2, 23]);
  });
});

describe('the header codec', () => {
  it('refuses a digest item that no runtime makes', () => {
    const empty = { parentHash: zero, number: 1, stateRoot: zero, extrinsicsRoot: zero };
    const bytes = encodeHeader({ ...empty, logs: ['0x07'] });
    const refused = refusal(() => decodeHeader(bytes));
    expect([refused.code, refused.meta]).toEqual(['DEVNET_DIGEST_ITEM_UNKNOWN', { kind: 7 }]);
  });
});

const zero: Hex = `0x${'00'.repeat(32)}`;
