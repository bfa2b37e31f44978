import { createHmac } from 'node:crypto';
import { concat, keccak256, toUtf8Bytes } from 'ethers';
import { describe, expect, test } from 'vitest';
import { genesisState, type LedgerState } from '../../../src/ledger/state.ts';
import { decodeState, encodeState } from '../../../src/ledger/state-codec.ts';
import { blindingOf, stateId } from '../../../src/ledger/state-id.ts';
import { assetId } from '../../../src/protocol/asset.ts';
import { EMPTY_HEAD } from '../../../src/protocol/message.ts';
import { toHex } from '../../../src/shared/bytes.ts';
import { addressOf, EAST, LEDGER_SECRET, NORTH, WEST, WEST_COIN } from '../../support/ledger.ts';
import { refusal } from '../../support/refusal.ts';

const head = (byte: string) => `0x${byte.repeat(32)}` as const;
const STATE: LedgerState = {
  number: 5n,
  chains: [
    {
      chainId: WEST,
      gateway: addressOf(0xa1),
      inbox: { count: 7n, head: head('b1') },
      released: { count: 0n, head: EMPTY_HEAD },
    },
    {
      chainId: EAST,
      gateway: addressOf(0xa2),
      inbox: { count: 0n, head: EMPTY_HEAD },
      released: { count: 258n, head: head('b2') },
    },
  ],
  supply: [{ asset: WEST_COIN, locked: 513n, minted: [{ chainId: EAST, amount: 513n }] }],
};

describe('genesisState', () => {
  const west = { chainId: WEST, gateway: addressOf(0xa1) };
  const east = { chainId: EAST, gateway: addressOf(0xa2) };

  test('starts with number 0, chains by ascending id, empty chains and no supply', () => {
    const empty = { count: 0n, head: EMPTY_HEAD };
    expect(genesisState([east, west])).toEqual({
      number: 0n,
      chains: [
        { ...west, inbox: empty, released: empty },
        { ...east, inbox: empty, released: empty },
      ],
      supply: [],
    });
  });

  test('has room for 16 chains', () => {
    const chains = Array.from({ length: 16 }, (_, i) => ({ ...west, chainId: BigInt(16 - i) }));
    const ids = genesisState(chains).chains.map(({ chainId }) => chainId);
    expect(ids).toEqual(Array.from({ length: 16 }, (_, i) => BigInt(i + 1)));
  });

  test.each([
    ['no chain', []],
    ['a chain twice', [west, east, west]],
    ['17 chains', Array.from({ length: 17 }, (_, i) => ({ ...west, chainId: BigInt(i + 1) }))],
  ])('refuses %s', (_, chains) => {
    expect(refusal(() => genesisState(chains)).code).toBe('LEDGER_CHAINS_INVALID');
  });
});

describe('the encoding', () => {
  test('is the documented bytes', () => {
    const expected = [
      '01',
      '0500000000000000',
      '08',
      `6400000000000000${'a1'.repeat(20)}0700000000000000${'b1'.repeat(32)}`,
      `0000000000000000${'00'.repeat(32)}`,
      `c800000000000000${'a2'.repeat(20)}0000000000000000${'00'.repeat(32)}`,
      `0201000000000000${'b2'.repeat(32)}`,
      '04',
      `000000000000000000000064${'00'.repeat(20)}${'0201'.padStart(32, '0')}`,
      `04c800000000000000${'0201'.padStart(32, '0')}`,
    ].join('');
    expect(toHex(encodeState(STATE))).toBe(`0x${expected}`);
    expect(decodeState(encodeState(STATE))).toEqual(STATE);
  });

  test('with any byte more or less is refused', () => {
    const good = encodeState(STATE);
    for (let length = 0; length < good.length; length++) {
      expect(refusal(() => decodeState(good.subarray(0, length))).code).toBe('SCALE_TRUNCATED');
    }
    const longer = new Uint8Array([...good, 0]);
    expect(refusal(() => decodeState(longer)).code).toBe('SCALE_TRAILING_BYTES');
  });

  const [west, east] = STATE.chains;
  const [supply] = STATE.supply;
  const mint = (chainId: bigint, amount: bigint) => ({ chainId, amount });
  const withSupply = (part: object): LedgerState => ({
    ...STATE,
    supply: [{ ...supply!, ...part }],
  });
  /** With a third chain, on which the asset may be as well. */
  const withNorth = (minted: ReturnType<typeof mint>[]): LedgerState => ({
    ...withSupply({ minted }),
    chains: [...STATE.chains, { ...east!, chainId: NORTH }],
  });
  test('of an asset on two chains is read', () => {
    const state = withNorth([mint(EAST, 1n), mint(NORTH, 512n)]);
    expect(decodeState(encodeState(state))).toEqual(state);
  });

  test.each<[string, LedgerState]>([
    ['no chain', { ...STATE, chains: [], supply: [] }],
    ['chains out of order', { ...STATE, chains: [east!, west!] }],
    ['a chain twice', { ...STATE, chains: [west!, west!], supply: [] }],
    ['an asset twice', { ...STATE, supply: [supply!, supply!] }],
    [
      'assets out of order',
      { ...STATE, supply: [supply!, { ...supply!, asset: assetId(1n, addressOf(1)) }] },
    ],
    ['nothing locked', withSupply({ locked: 0n, minted: [] })],
    ['more locked than minted', withSupply({ locked: 514n })],
    ['less locked than minted', withSupply({ locked: 512n })],
    ['an amount of zero', withSupply({ locked: 0n, minted: [mint(EAST, 0n)] })],
    ['an amount of zero beside all that is locked', withNorth([mint(EAST, 0n), mint(NORTH, 513n)])],
    ['an asset minted at its origin', withSupply({ minted: [mint(WEST, 513n)] })],
    ['an asset minted on an unknown chain', withSupply({ minted: [mint(NORTH, 513n)] })],
    ['one chain twice', withSupply({ minted: [mint(EAST, 500n), mint(EAST, 13n)] })],
  ])('of %s is refused', (_, state) => {
    expect(refusal(() => decodeState(encodeState(state))).code).toBe('LEDGER_STATE_MALFORMED');
  });

  test('of another version is refused', () => {
    const other = encodeState(STATE).fill(2, 0, 1);
    const { code, meta } = refusal(() => decodeState(other));
    expect(code).toBe('LEDGER_STATE_MALFORMED');
    expect(meta).toEqual({ version: 2 });
  });

  test('that announces more chains or assets than there may be is refused before they are read', () => {
    const chains = encodeState(STATE).fill(17 << 2, 9, 10);
    expect(refusal(() => decodeState(chains)).code).toBe('SCALE_COUNT_EXCEEDED');
    const assets = encodeState({ ...STATE, supply: [] }).subarray(0, -1);
    const many = new Uint8Array([...assets, 0x06, 0, 0x04, 0]);
    expect(refusal(() => decodeState(many)).code).toBe('SCALE_COUNT_EXCEEDED');
  });
});

describe('the state id', () => {
  const blinding = blindingOf(LEDGER_SECRET, 5n);

  test('hashes encoding and blinding', () => {
    expect(stateId(STATE, blinding)).toBe(keccak256(concat([encodeState(STATE), blinding])));
  });

  test('differs by state and by blinding', () => {
    const other = { ...STATE, number: 6n };
    const ids = [
      stateId(STATE, blinding),
      stateId(other, blinding),
      stateId(STATE, blindingOf(LEDGER_SECRET, 6n)),
      stateId(STATE, blindingOf(new Uint8Array(32), 5n)),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  test('is blinded by an HMAC under the ledger secret of the published label and the number', () => {
    const message = concat([toUtf8Bytes('veilspan/state-blinding/v1'), '0x0000000000000005']);
    const expected = createHmac('sha256', LEDGER_SECRET)
      .update(Buffer.from(message.slice(2), 'hex'))
      .digest('hex');
    expect(toHex(blinding)).toBe(`0x${expected}`);
  });
});
