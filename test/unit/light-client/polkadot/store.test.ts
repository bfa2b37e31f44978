import { describe, expect, it } from 'vitest';
import {
  type PolkadotConfig,
  polkadotConfigSchema,
} from '../../../../src/light-client/polkadot/config.ts';
import { initializePolkadotStore } from '../../../../src/light-client/polkadot/store.ts';
import {
  decodePolkadotStore,
  encodePolkadotStore,
} from '../../../../src/light-client/polkadot/store-codec.ts';
import { concatBytes, type Hex } from '../../../../src/shared/bytes.ts';
import { testAuthority } from '../../../support/grandpa.ts';
import { refusal } from '../../../support/refusal.ts';

const checkpoint = {
  number: 512_271,
  hash: `0x${'11'.repeat(32)}`,
  stateRoot: `0x${'22'.repeat(32)}`,
  setId: 50,
  authorities: [
    { id: testAuthority(0).id, weight: 1 },
    { id: testAuthority(1).id, weight: 3 },
  ],
};
const config = polkadotConfigSchema.parse({ checkpoint });

describe('the configuration', () => {
  it.each([
    ['an unknown key', { checkpoint, extra: 1 }, []],
    ['no checkpoint', {}, ['checkpoint']],
    ['a short hash', withCheckpoint({ hash: '0x11' }), ['checkpoint', 'hash']],
    [
      'an upper-case hash',
      withCheckpoint({ hash: `0x${'AA'.repeat(32)}` }),
      ['checkpoint', 'hash'],
    ],
    ['a number beyond u32', withCheckpoint({ number: 2 ** 32 }), ['checkpoint', 'number']],
    ['no authority', withCheckpoint({ authorities: [] }), ['checkpoint', 'authorities']],
    ['half a number', withCheckpoint({ number: 0.5 }), ['checkpoint', 'number']],
    ['a negative number', withCheckpoint({ number: -1 }), ['checkpoint', 'number']],
    ['half a set id', withCheckpoint({ setId: 0.5 }), ['checkpoint', 'setId']],
    ['a negative set id', withCheckpoint({ setId: -1 }), ['checkpoint', 'setId']],
    ['half a second', withCheckpoint({ timestampSec: 0.5 }), ['checkpoint', 'timestampSec']],
    ['a time before 1970', withCheckpoint({ timestampSec: -1 }), ['checkpoint', 'timestampSec']],
    [
      'half a weight',
      withCheckpoint({ authorities: [{ id: testAuthority(0).id, weight: 1.5 }] }),
      ['checkpoint', 'authorities', 0, 'weight'],
    ],
    [
      'a weight of zero',
      withCheckpoint({ authorities: [{ id: testAuthority(0).id, weight: 0 }] }),
      ['checkpoint', 'authorities', 0, 'weight'],
    ],
  ])('is refused for %s, naming the place', (_, input, path) => {
    const result = polkadotConfigSchema.safeParse(input);
    expect(result.error?.issues[0]?.path).toEqual(path);
  });
});

describe('the configuration of genesis', () => {
  it('has the least of every number, and may have the highest block number', () => {
    const genesis = { number: 0, setId: 0, timestampSec: 0 };
    expect(polkadotConfigSchema.parse(withCheckpoint(genesis)).checkpoint).toMatchObject(genesis);
    const last = { number: 2 ** 32 - 1 };
    expect(polkadotConfigSchema.parse(withCheckpoint(last)).checkpoint).toMatchObject(last);
  });
});

function withCheckpoint(change: object): object {
  return { checkpoint: { ...checkpoint, ...change } };
}

describe('a store', () => {
  it('starts at the checkpoint', () => {
    const store = initializePolkadotStore(config);
    expect(store.finalized).toEqual({
      number: 512_271,
      hash: checkpoint.hash,
      stateRoot: checkpoint.stateRoot,
    });
    expect(store.authoritySet.setId).toBe(50n);
    expect(store.authoritySet.authorities[1]).toEqual({ id: testAuthority(1).id, weight: 3n });
  });

  it('does not start from a checkpoint whose authorities cannot be a set', () => {
    const blank: PolkadotConfig['checkpoint']['authorities'][number] = {
      id: `0x${'00'.repeat(32)}` as Hex,
      weight: 1,
    };
    const bad = { ...config, checkpoint: { ...config.checkpoint, authorities: [blank] } };
    expect(refusal(() => initializePolkadotStore(bad)).code).toBe('AUTHORITY_SET_KEY_SMALL_ORDER');
  });

  it('survives being sealed', () => {
    const store = initializePolkadotStore(config);
    expect(decodePolkadotStore(encodePolkadotStore(store))).toEqual(store);
  });
});

describe('sealed bytes are refused', () => {
  const bytes = encodePolkadotStore(initializePolkadotStore(config));

  it('when cut short anywhere', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(() => decodePolkadotStore(bytes.subarray(0, length))).code).toBe(
        'SCALE_TRUNCATED',
      );
    }
  });

  it('when extended', () => {
    const extended = concatBytes(bytes, Uint8Array.of(0));
    expect(refusal(() => decodePolkadotStore(extended)).code).toBe('SCALE_TRAILING_BYTES');
  });

  it('when written in another layout', () => {
    const other = Uint8Array.from(bytes);
    other[0] = 2;
    expect(refusal(() => decodePolkadotStore(other))).toMatchObject({
      code: 'POLKADOT_STORE_VERSION_UNKNOWN',
      disposition: 'halt',
      meta: { version: 2 },
    });
  });

  it('when an authority lost its weight', () => {
    const other = Uint8Array.from(bytes).fill(0, bytes.length - 8);
    expect(refusal(() => decodePolkadotStore(other)).code).toBe('AUTHORITY_SET_WEIGHT_ZERO');
  });
});
