import { describe, expect, it } from 'vitest';
import {
  type Authority,
  computeThreshold,
  createAuthoritySet,
  votersById,
} from '../../../../src/light-client/polkadot/authority-set.ts';
import { MAX_AUTHORITIES } from '../../../../src/light-client/polkadot/limits.ts';
import { toBigEndian, toHex } from '../../../../src/shared/bytes.ts';
import { testAuthority } from '../../../support/grandpa.ts';
import { refusal } from '../../../support/refusal.ts';

function numbered(count: number, weight = 1n): Authority[] {
  return Array.from({ length: count }, (_, i) => ({
    id: toHex(toBigEndian(BigInt(i + 1000), 32)),
    weight,
  }));
}

const one = numbered(1);

describe('the threshold', () => {
  it.each([
    [1, 1n],
    [2, 2n],
    [3, 3n],
    [4, 3n],
    [6, 5n],
    [10, 7n],
    [297, 199n],
    [600, 401n],
    [1000, 667n],
  ])('of %i authorities is %i', (count, threshold) => {
    expect(computeThreshold(createAuthoritySet(0n, numbered(count)))).toBe(threshold);
  });

  it('counts weights, also those beyond a double', () => {
    const heavy = createAuthoritySet(0n, numbered(3, 1n << 62n));
    expect(computeThreshold(heavy)).toBe((1n << 63n) + 1n);
  });
});

describe('a set is refused', () => {
  it.each([
    ['it is empty', 'AUTHORITY_SET_EMPTY', []],
    ['it is larger than any', 'AUTHORITY_SET_TOO_LARGE', numbered(MAX_AUTHORITIES + 1)],
    ['an authority comes twice', 'AUTHORITY_SET_KEY_REPEATED', [...one, ...numbered(2)]],
    ['a weight is zero', 'AUTHORITY_SET_WEIGHT_ZERO', [...one, { ...numbered(2)[1]!, weight: 0n }]],
    ['the weights exceed u64', 'AUTHORITY_SET_WEIGHT_OVERFLOW', numbered(2, 1n << 63n)],
  ])('if %s', (_, code, authorities) => {
    expect(refusal(() => createAuthoritySet(4n, authorities))).toMatchObject({
      code,
      disposition: 'halt',
      meta: { setId: 4n },
    });
  });

  it.each([
    ['all zeros', `0x${'00'.repeat(32)}`],
    ['the identity', `0x01${'00'.repeat(31)}`],
    ['the identity with the sign bit', `0x01${'00'.repeat(30)}80`],
  ] as const)('if a key is of small order: %s', (_, id) => {
    expect(refusal(() => createAuthoritySet(0n, [...one, { id, weight: 1n }]))).toMatchObject({
      code: 'AUTHORITY_SET_KEY_SMALL_ORDER',
      meta: { id },
    });
  });

  it('if an authority comes twice, in letters of either case', () => {
    const { id } = testAuthority(0);
    const upper = `0x${id.slice(2).toUpperCase()}` as const;
    const twice = [id, upper].map((key) => ({ id: key, weight: 1n }));
    expect(refusal(() => createAuthoritySet(0n, twice)).code).toBe('AUTHORITY_SET_KEY_REPEATED');
  });

  it('if a key is not 32 bytes', () => {
    expect(refusal(() => createAuthoritySet(0n, [{ id: '0x1234', weight: 1n }])).code).toBe(
      'HEX_MALFORMED',
    );
  });

  it.each([-1n, 1n << 64n])('if its id is %i', (setId) => {
    expect(refusal(() => createAuthoritySet(setId, one)).code).toBe(
      'AUTHORITY_SET_ID_OUT_OF_RANGE',
    );
  });
});

describe('a set is taken', () => {
  it('with as many authorities as any has', () => {
    expect(createAuthoritySet(0n, numbered(MAX_AUTHORITIES)).authorities).toHaveLength(2048);
  });

  it.each([0n, (1n << 64n) - 1n])('with the id %i', (setId) => {
    expect(createAuthoritySet(setId, one).setId).toBe(setId);
  });

  it('with weights that fill u64', () => {
    const [heavy] = numbered(1, (1n << 64n) - 2n);
    const [, light] = numbered(2);
    expect(computeThreshold(createAuthoritySet(0n, [heavy!, light!]))).toBe(12297829382473034411n);
  });
});

describe('an installed set', () => {
  it('cannot be changed, by itself or through the list it was made from', () => {
    const list = numbered(3);
    const set = createAuthoritySet(0n, list);
    list.push({ id: testAuthority(0).id, weight: 1n });
    expect(set.authorities).toHaveLength(3);
    expect(Object.isFrozen(set) && Object.isFrozen(set.authorities)).toBe(true);
    expect(set.authorities.every(Object.isFrozen)).toBe(true);
  });

  it('imports its keys once', () => {
    const set = createAuthoritySet(0n, one);
    expect(votersById(set)).toBe(votersById(set));
    expect([...votersById(set).keys()]).toEqual([one[0]?.id]);
  });
});
