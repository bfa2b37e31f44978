import { describe, expect, test } from 'vitest';
import type { OpenedMessage } from '../../../src/ledger/settle.ts';
import { assetId } from '../../../src/protocol/asset.ts';
import type { OpenedEnvelope } from '../../../src/protocol/envelope.ts';
import type { Message } from '../../../src/protocol/message.ts';
import {
  addressOf,
  EAST,
  EAST_COIN,
  GENESIS,
  messageOf,
  RECIPIENT,
  step,
  WEST,
  WEST_COIN,
  ZERO,
} from '../../support/ledger.ts';
import { refusal } from '../../support/refusal.ts';

const transparent: OpenedEnvelope = { kind: 'transparent', recipient: RECIPIENT };
const unopened: OpenedEnvelope = { kind: 'unopened', reason: 'undecryptable' };
const opened = (
  change: Partial<Message> = {},
  envelope: OpenedEnvelope = transparent,
): OpenedMessage => ({
  message: messageOf(change),
  envelope,
});
/** As many deposits like the usual one, in a row. */
const row = (count: number, change: Partial<Message> = {}): OpenedMessage[] =>
  Array.from({ length: count }, (_, i) => opened({ index: BigInt(i), ...change }));

describe('the ledger stops at', () => {
  test('a gap in the indices', () => {
    const { code, meta, disposition } = refusal(() => step(GENESIS, [opened({ index: 1n })]));
    expect(code).toBe('LEDGER_MESSAGE_OUT_OF_ORDER');
    expect(disposition).toBe('halt');
    expect(meta).toEqual({ chainId: WEST, index: 1n, next: 0n });
  });

  test('a message consumed before', () => {
    const { state } = step(GENESIS, row(1));
    expect(refusal(() => step(state, row(1))).code).toBe('LEDGER_MESSAGE_OUT_OF_ORDER');
    expect(refusal(() => step(GENESIS, [...row(1), ...row(1)])).code).toBe(
      'LEDGER_MESSAGE_OUT_OF_ORDER',
    );
  });

  test('chains out of order', () => {
    const fromEast = opened({ chainId: EAST, asset: EAST_COIN, destination: WEST });
    const { code, meta } = refusal(() => step(GENESIS, [fromEast, ...row(1)]));
    expect(code).toBe('LEDGER_MESSAGE_OUT_OF_ORDER');
    expect(meta).toEqual({ chainId: WEST, index: 0n, next: 0n });
  });

  test.each<[string, Partial<Message>]>([
    ['a chain it does not have', { chainId: 999n, gateway: addressOf(0xa1) }],
    ['another gateway of its chain', { gateway: addressOf(0xa2) }],
  ])('a message of %s', (_, change) => {
    const { code, meta } = refusal(() => step(GENESIS, [opened(change)]));
    expect(code).toBe('LEDGER_MESSAGE_FOREIGN');
    expect(meta).toMatchObject({ chainId: change.chainId ?? WEST, gateway: change.gateway });
  });

  test.each<[string, Partial<Message>]>([
    ['an amount of zero', { amount: 0n, fee: 0n }],
    ['a fee that is the amount', { amount: 10n, fee: 10n }],
    ['a fee above the amount', { amount: 10n, fee: 11n }],
    ['a negative fee', { fee: -1n }],
    ['an amount of 2^128', { amount: 1n << 128n }],
    ['a refund to the zero address', { refundTo: ZERO }],
    ['a refund to its own gateway', { refundTo: addressOf(0xa1) }],
  ])('a message with %s', (_, change) => {
    const { code, meta } = refusal(() => step(GENESIS, [opened(change)]));
    expect(code).toBe('LEDGER_MESSAGE_IMPOSSIBLE');
    expect(meta).toMatchObject(change);
  });

  test('a burn of what was never minted there', () => {
    const { code, meta } = refusal(() =>
      step(GENESIS, [opened({ chainId: EAST, destination: WEST })]),
    );
    expect(code).toBe('LEDGER_SUPPLY_BROKEN');
    expect(meta).toEqual({ asset: WEST_COIN, chainId: EAST, amount: 1_000n, balance: -1_000n });
  });

  test('a burn of one unit more than was minted there, even if it is refunded', () => {
    const { state } = step(GENESIS, row(1));
    const tooMuch = opened({ chainId: EAST, destination: WEST, amount: 1_001n }, unopened);
    expect(refusal(() => step(state, [tooMuch])).code).toBe('LEDGER_SUPPLY_BROKEN');
  });

  test('an asset whose origin is no chain of the ledger', () => {
    const asset = assetId(999n, addressOf(1));
    expect(refusal(() => step(GENESIS, [opened({ asset })])).code).toBe('LEDGER_SUPPLY_BROKEN');
  });

  test('a supply that outgrows 128 bits', () => {
    const amount = 1n << 127n;
    const messages = row(2, { amount });
    const { code, meta } = refusal(() => step(GENESIS, messages));
    expect(code).toBe('LEDGER_SUPPLY_BROKEN');
    expect(meta).toEqual({ asset: WEST_COIN, chainId: WEST, amount, balance: 1n << 128n });
  });

  test('pooled fees that outgrow 128 bits', () => {
    const change = { amount: (1n << 128n) - 1n, fee: 1n << 127n };
    const messages = row(2, change).map(({ message }) => ({ message, envelope: unopened }));
    const { code, meta } = refusal(() => step(GENESIS, messages));
    expect(code).toBe('LEDGER_SUPPLY_BROKEN');
    expect(meta).toEqual({ asset: WEST_COIN, pooled: 1n << 128n });
  });

  test('a state in which less is locked than is minted', () => {
    const supply = [{ asset: EAST_COIN, locked: 1n, minted: [{ chainId: WEST, amount: 2n }] }];
    const { code, meta } = refusal(() => step({ ...GENESIS, supply }, []));
    expect(code).toBe('LEDGER_SUPPLY_BROKEN');
    expect(meta).toEqual({ asset: EAST_COIN, locked: 1n, sum: 2n });
  });

  test('more leaving the origin than is locked there', () => {
    const supply = [{ asset: WEST_COIN, locked: 1n, minted: [{ chainId: EAST, amount: 2_000n }] }];
    const back = opened({ chainId: EAST, destination: WEST });
    const { code, meta } = refusal(() => step({ ...GENESIS, supply }, [back]));
    expect(code).toBe('LEDGER_SUPPLY_BROKEN');
    expect(meta).toMatchObject({ chainId: WEST, balance: -999n });
  });
});
