import { describe, expect, test } from 'vitest';
import type { OpenedMessage } from '../../../src/ledger/settle.ts';
import { blindingOf, stateId } from '../../../src/ledger/state-id.ts';
import { assetId } from '../../../src/protocol/asset.ts';
import type { OpenedEnvelope } from '../../../src/protocol/envelope.ts';
import { appendMessage, EMPTY_HEAD, type Message } from '../../../src/protocol/message.ts';
import { positionAfterBatch } from '../../../src/protocol/release.ts';
import {
  addressOf,
  BENEFICIARY,
  BENEFICIARY_ACCOUNT,
  EAST,
  GENESIS,
  LEDGER_SECRET,
  messageOf,
  NORTH,
  RECIPIENT,
  SENDER,
  sealedOrder,
  step,
  WEST,
  WEST_COIN,
} from '../../support/ledger.ts';

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

describe('the commit', () => {
  test('names number, both state ids, every cursor and the beneficiary, and leaves zero what no rule reads yet', () => {
    const { commit, state } = step(GENESIS, row(3));
    expect(commit).toEqual({
      number: 1n,
      round: 0n,
      asOf: 0n,
      prevState: stateId(GENESIS, blindingOf(LEDGER_SECRET, 0n)),
      postState: stateId(state, blindingOf(LEDGER_SECRET, 1n)),
      inputs: [
        { chainId: WEST, count: 3n },
        { chainId: EAST, count: 0n },
        { chainId: NORTH, count: 0n },
      ],
      control: 0n,
      paid: [],
      beneficiary: BENEFICIARY_ACCOUNT,
    });
  });

  test('of no messages moves nothing but the number', () => {
    const { state, batches } = step(GENESIS, []);
    expect(batches).toEqual([]);
    expect(state).toEqual({ ...GENESIS, number: 1n });
  });
});

describe('the inbox', () => {
  test('moves to the head that the gateway stores', () => {
    const messages = row(2);
    const { state } = step(GENESIS, messages);
    const start = { count: 0n, head: EMPTY_HEAD };
    const expected = messages.map(({ message }) => message).reduce(appendMessage, start);
    expect(state.chains[0]?.inbox).toEqual(expected);
    expect(state.chains[1]?.inbox).toEqual(start);
  });
});

describe('the supply', () => {
  test('is locked at the origin and minted where it is paid, fees included', () => {
    const { state } = step(GENESIS, row(2));
    expect(state.supply).toEqual([
      { asset: WEST_COIN, locked: 2_000n, minted: [{ chainId: EAST, amount: 2_000n }] },
    ]);
  });

  test('is not listed any more when all of it has come home', () => {
    const { state } = step(GENESIS, row(1));
    const back = opened({ chainId: EAST, destination: WEST });
    expect(step(state, [back]).state.supply).toEqual([]);
  });

  test('moves between two chains that both are not the origin', () => {
    const { state } = step(GENESIS, row(1));
    const onward = opened({ chainId: EAST, destination: NORTH, amount: 400n });
    expect(step(state, [onward]).state.supply).toEqual([
      {
        asset: WEST_COIN,
        locked: 1_000n,
        minted: [
          { chainId: EAST, amount: 600n },
          { chainId: NORTH, amount: 400n },
        ],
      },
    ]);
  });

  test('is what it was after a refund, whose fee is paid on the source chain too', () => {
    const { state, batches } = step(GENESIS, [opened({}, unopened)]);
    expect(state.supply).toEqual([]);
    expect(batches).toHaveLength(1);
    expect(batches[0]).toMatchObject({ chainId: WEST, fees: [{ asset: WEST_COIN, amount: 5n }] });
    expect(batches[0]?.releases).toHaveLength(2);
  });
});

describe('fees', () => {
  test('are pooled per chain and asset: half to the beneficiary, the rest to who submits', () => {
    const { batches } = step(GENESIS, row(2, { fee: 9n }));
    expect(batches).toHaveLength(1);
    const shares = batches[0]?.releases.filter(({ recipient }) => recipient === BENEFICIARY);
    expect(shares?.map(({ amount }) => amount)).toEqual([9n]);
    expect(batches[0]?.fees).toEqual([{ asset: WEST_COIN, amount: 9n }]);
  });

  test('of an odd pool leave the odd unit to the submitter', () => {
    const { batches } = step(GENESIS, row(1, { fee: 1n }));
    expect(batches[0]?.releases.map(({ recipient }) => recipient)).toEqual([RECIPIENT]);
    expect(batches[0]?.fees).toEqual([{ asset: WEST_COIN, amount: 1n }]);
  });

  test('of zero leave no entry', () => {
    const { batches } = step(GENESIS, row(1, { fee: 0n }));
    expect(batches[0]?.releases).toHaveLength(1);
    expect(batches[0]?.fees).toEqual([]);
  });

  test('are spread over the batches evenly, the remainder on the first', () => {
    const { batches } = step(GENESIS, row(40, { fee: 1n }));
    // 40 payouts and the beneficiary's release of 20; 20 over three batches.
    expect(batches.map(({ releases }) => releases.length)).toEqual([16, 16, 9]);
    expect(batches.map(({ fees }) => fees)).toEqual([
      [{ asset: WEST_COIN, amount: 8n }],
      [{ asset: WEST_COIN, amount: 6n }],
      [{ asset: WEST_COIN, amount: 6n }],
    ]);
  });

  test('of more assets than a batch has room for each find a batch', () => {
    const assets = Array.from({ length: 40 }, (_, i) => assetId(WEST, addressOf(i + 1)));
    const messages = assets.map((asset, i) => opened({ index: BigInt(i), asset, fee: 1n }));
    const { batches } = step(GENESIS, messages);
    expect(batches.map(({ fees }) => fees.length)).toEqual([16, 16, 8]);
    expect(batches.flatMap(({ fees }) => fees.map(({ asset }) => asset))).toEqual(assets);
  });

  test('of seventeen assets over three batches go where there is room, and all of them', () => {
    const assets = Array.from({ length: 17 }, (_, i) => assetId(WEST, addressOf(i + 1)));
    const messages = assets.map((asset, i) => opened({ index: BigInt(i), asset, fee: 7n }));
    const { batches } = step(GENESIS, messages);
    expect(batches.map(({ fees }) => fees.map(({ amount }) => amount))).toEqual([
      Array(16).fill(2n),
      [4n],
      Array(16).fill(2n),
    ]);
  });
});

describe('batches', () => {
  test('follow each other by index and head, and the state knows the end', () => {
    const { batches, state } = step(GENESIS, row(40));
    let position = { count: 0n, head: EMPTY_HEAD };
    for (const batch of batches) {
      expect({ count: batch.firstIndex, head: batch.prevHead }).toEqual(position);
      position = positionAfterBatch(batch);
    }
    expect(state.chains.map(({ released }) => released)[1]).toEqual(position);
    const more = step(state, [opened({ index: 40n })]);
    expect(more.batches[0]).toMatchObject({ firstIndex: 41n, prevHead: position.head });
  });

  test('say how much of their own chain’s outbox is consumed, all of it in each', () => {
    const messages = [...row(20), opened({ index: 20n }, unopened)];
    const first = step(GENESIS, messages);
    expect(first.batches.map(({ chainId, consumedCount }) => [chainId, consumedCount])).toEqual([
      [WEST, 21n],
      [EAST, 0n],
      [EAST, 0n],
    ]);
    const back = opened({ chainId: EAST, destination: WEST });
    const second = step(first.state, [back]);
    expect(second.batches.map(({ chainId, consumedCount }) => [chainId, consumedCount])).toEqual([
      [WEST, 21n],
    ]);
  });

  test('come by ascending chain id', () => {
    const messages = [
      opened({ destination: NORTH }),
      opened({ index: 1n }),
      opened({ index: 2n }, unopened),
    ];
    const { batches } = step(GENESIS, messages);
    expect(batches.map(({ chainId }) => chainId)).toEqual([WEST, EAST, NORTH]);
  });

  test('do not keep the order of the deposits', () => {
    const messages = Array.from({ length: 15 }, (_, i) =>
      opened({ index: BigInt(i), fee: 0n }, { kind: 'transparent', recipient: addressOf(i + 1) }),
    );
    const { batches } = step(GENESIS, messages);
    const recipients = batches[0]?.releases.map(({ recipient }) => recipient);
    expect(recipients).not.toEqual(messages.map((_, i) => addressOf(i + 1)));
    expect(recipients?.toSorted()).toEqual(messages.map((_, i) => addressOf(i + 1)));
  });

  test('pay every payout of an order', () => {
    const payouts = [1, 2, 3, 4].map((i) => ({ recipient: addressOf(i), amount: 100n }));
    const { batches } = step(GENESIS, [opened({ fee: 0n }, sealedOrder({ payouts }))]);
    const amounts = new Map(batches[0]?.releases.map((r) => [r.recipient, r.amount]));
    expect(amounts.get(addressOf(1))).toBe(100n);
    expect(amounts.get(addressOf(4))).toBe(700n);
  });
});

test('a transition changes neither its state nor its messages', () => {
  const { state } = step(GENESIS, row(2));
  const before = structuredClone(state);
  const messages = [opened({ chainId: EAST, destination: WEST, sender: SENDER })];
  step(state, messages);
  expect(state).toEqual(before);
});
