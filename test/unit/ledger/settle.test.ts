import { describe, expect, test } from 'vitest';
import { type RefundReason, settleMessage } from '../../../src/ledger/settle.ts';
import type { OpenedEnvelope } from '../../../src/protocol/envelope.ts';
import { payoutTag, publicTag, REFUND_PAYOUT_INDEX } from '../../../src/protocol/tag.ts';
import {
  addressOf,
  EAST,
  GATEWAYS,
  messageOf,
  NORTH,
  RECIPIENT,
  REFUND_TO,
  sealedOrder,
  WEST,
  WEST_COIN,
  ZERO,
} from '../../support/ledger.ts';

const WEST_GATEWAY = GATEWAYS.get(WEST)!;
const EAST_GATEWAY = GATEWAYS.get(EAST)!;
const CHAINS = new Map([
  [WEST, WEST_GATEWAY],
  [EAST, EAST_GATEWAY],
]);
const unopened: OpenedEnvelope = { kind: 'unopened', reason: 'undecryptable' };
const SECRET = new Uint8Array(32).fill(0x5e);
const message = messageOf();
const publicRefundTag = publicTag(WEST, message.gateway, 0n, REFUND_PAYOUT_INDEX);
const sealedRefundTag = payoutTag(SECRET, REFUND_PAYOUT_INDEX);

describe('a payout', () => {
  test('of a transparent envelope is everything but the fee, under a tag that anyone can compute', () => {
    const envelope: OpenedEnvelope = { kind: 'transparent', recipient: RECIPIENT };
    expect(settleMessage({ message, envelope }, CHAINS)).toEqual({
      chainId: EAST,
      releases: [
        {
          tag: publicTag(WEST, message.gateway, 0n, 0),
          asset: WEST_COIN,
          recipient: RECIPIENT,
          amount: 990n,
          refundOf: 0n,
        },
      ],
    });
  });

  test('of a sealed order has the tag of its secret and place', () => {
    const payouts = [1, 2, 3, 4].map((i) => ({ recipient: addressOf(i), amount: BigInt(100 * i) }));
    const { chainId, releases } = settleMessage(
      { message: messageOf({ amount: 1_010n }), envelope: sealedOrder({ payouts }) },
      CHAINS,
    );
    expect(chainId).toBe(EAST);
    expect(releases).toEqual(
      payouts.map((payout, i) => ({
        ...payout,
        asset: WEST_COIN,
        tag: payoutTag(SECRET, i),
        refundOf: 0n,
      })),
    );
  });

  test('that is the last of its order also gets what the others leave', () => {
    const payouts = [
      { recipient: addressOf(1), amount: 100n },
      { recipient: addressOf(2), amount: 0n },
    ];
    const { releases } = settleMessage({ message, envelope: sealedOrder({ payouts }) }, CHAINS);
    expect(releases.map(({ amount }) => amount)).toEqual([100n, 890n]);
  });

  test('to the address of another chain’s gateway is made: here somebody else may have it', () => {
    const envelope: OpenedEnvelope = { kind: 'transparent', recipient: WEST_GATEWAY };
    expect(settleMessage({ message, envelope }, CHAINS).refundReason).toBeUndefined();
  });

  test('of an order that asks to hide among one transfer, itself, is made', () => {
    const envelope = sealedOrder({ leastAnonymitySet: 1 });
    expect(settleMessage({ message, envelope }, CHAINS).refundReason).toBeUndefined();
  });
});

describe('a refund', () => {
  const sealedCases: [RefundReason, OpenedEnvelope, bigint][] = [
    ['unknown-destination', sealedOrder(), NORTH],
    ['unknown-destination', sealedOrder(), WEST],
    ['delay-unsupported', sealedOrder({ delaySec: 1 }), EAST],
    ['anonymity-set-unsupported', sealedOrder({ leastAnonymitySet: 2 }), EAST],
    ['zero-recipient', sealedOrder({ payouts: [{ recipient: ZERO, amount: 1n }] }), EAST],
    [
      'zero-recipient',
      sealedOrder({
        payouts: [
          { recipient: RECIPIENT, amount: 1n },
          { recipient: ZERO, amount: 1n },
        ],
      }),
      EAST,
    ],
    [
      'gateway-recipient',
      sealedOrder({
        payouts: [
          { recipient: RECIPIENT, amount: 1n },
          { recipient: EAST_GATEWAY, amount: 1n },
        ],
      }),
      EAST,
    ],
    [
      'zero-payout',
      sealedOrder({
        payouts: [
          { recipient: RECIPIENT, amount: 0n },
          { recipient: RECIPIENT, amount: 1n },
        ],
      }),
      EAST,
    ],
    [
      'zero-payout',
      sealedOrder({
        payouts: [
          { recipient: RECIPIENT, amount: 990n },
          { recipient: RECIPIENT, amount: 0n },
        ],
      }),
      EAST,
    ],
    [
      'payouts-exceed-amount',
      sealedOrder({ payouts: [{ recipient: RECIPIENT, amount: 991n }] }),
      EAST,
    ],
    [
      'payouts-exceed-amount',
      sealedOrder({
        payouts: [
          { recipient: RECIPIENT, amount: (1n << 128n) - 1n },
          { recipient: RECIPIENT, amount: (1n << 128n) - 1n },
        ],
      }),
      EAST,
    ],
  ];

  test.each(sealedCases)(
    'for %s goes to where the deposit says, under a tag of the order, and names its message',
    (refundReason, envelope, destination) => {
      const settlement = settleMessage({ message: messageOf({ destination }), envelope }, CHAINS);
      expect(settlement).toEqual({
        chainId: WEST,
        releases: [
          {
            tag: sealedRefundTag,
            asset: WEST_COIN,
            recipient: REFUND_TO,
            amount: 990n,
            refundOf: 1n,
          },
        ],
        refundReason,
      });
    },
  );

  const publicCases: [RefundReason, OpenedEnvelope, bigint][] = [
    ['envelope-unopened', unopened, EAST],
    ['envelope-unopened', { kind: 'unopened', reason: 'unknown-epoch' }, NORTH],
    ['unknown-destination', { kind: 'transparent', recipient: RECIPIENT }, NORTH],
    ['unknown-destination', { kind: 'transparent', recipient: RECIPIENT }, WEST],
    ['zero-recipient', { kind: 'transparent', recipient: ZERO }, EAST],
    ['gateway-recipient', { kind: 'transparent', recipient: EAST_GATEWAY }, EAST],
  ];

  test.each(publicCases)(
    'for %s goes to where the deposit says, under a tag that anyone can compute, and names its message',
    (refundReason, envelope, destination) => {
      const settlement = settleMessage({ message: messageOf({ destination }), envelope }, CHAINS);
      expect(settlement).toEqual({
        chainId: WEST,
        releases: [
          {
            tag: publicRefundTag,
            asset: WEST_COIN,
            recipient: REFUND_TO,
            amount: 990n,
            refundOf: 1n,
          },
        ],
        refundReason,
      });
    },
  );

  test('goes to the refund address if the order names one', () => {
    const envelope = sealedOrder({ delaySec: 1, refundAddress: addressOf(0xf1) });
    const { releases } = settleMessage({ message, envelope }, CHAINS);
    expect(releases).toEqual([
      {
        tag: sealedRefundTag,
        asset: WEST_COIN,
        recipient: addressOf(0xf1),
        amount: 990n,
        refundOf: 1n,
      },
    ]);
  });

  test('goes to where the deposit says if the order names the gateway that is to pay', () => {
    const envelope = sealedOrder({ delaySec: 1, refundAddress: WEST_GATEWAY });
    const { releases } = settleMessage({ message, envelope }, CHAINS);
    expect(releases.map(({ recipient }) => recipient)).toEqual([REFUND_TO]);
  });

  test('names its message by index, counted from 1', () => {
    const late = messageOf({ index: 41n });
    const { releases } = settleMessage({ message: late, envelope: unopened }, CHAINS);
    expect(releases.map(({ refundOf }) => refundOf)).toEqual([42n]);
  });
});
