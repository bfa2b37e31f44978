import { describe, expect, test } from 'vitest';
import { type LegState, legStates, withPayouts } from '../../../src/client/leg-states.ts';
import {
  formatOrderRecord,
  formatPostFile,
  type OrderRecord,
  parseOrderRecord,
  parsePostFile,
} from '../../../src/client/order-record.ts';
import { reportHistory } from '../../../src/client/transfer-report.ts';
import { POST_ENVELOPE_BYTES } from '../../../src/protocol/envelope.ts';
import { payoutTag } from '../../../src/protocol/tag.ts';
import { stepFor } from '../../../src/protocol/transfer-state.ts';
import { deferredLog, releasedLog } from '../../support/bridge-logs.ts';
import { accountOf, EAST, legOf, WEST, WEST_COIN, wordOf } from '../../support/ledger.ts';
import { logIndexOf } from '../../support/log-index-of.ts';
import { refusal } from '../../support/refusal.ts';

const SECRET = new Uint8Array(32).fill(0x5e);
const legs = [
  legOf(),
  legOf({ mode: 'direct' }),
  legOf({ mode: 'transfer', chainId: 0n, recipient: wordOf(7) }),
  legOf({ chainId: WEST }),
].map(({ crowd: _, ...leg }) => leg);
const RECORD: OrderRecord = {
  account: accountOf(1),
  tagSecret: SECRET,
  asset: WEST_COIN,
  legs,
  patience: 77n,
  transfer: { chainId: WEST, index: 3n },
};

describe('an order that its owner keeps', () => {
  test('reads as it was written, with a deposit or without', () => {
    expect(parseOrderRecord(formatOrderRecord(RECORD))).toEqual(RECORD);
    const { transfer: _, ...posted } = RECORD;
    expect(parseOrderRecord(formatOrderRecord(posted))).toEqual(posted);
  });

  test.each([
    ['text', 'hello'],
    ['a sealed order', formatPostFile(new Uint8Array(POST_ENVELOPE_BYTES))],
    ['an amount with a sign', formatOrderRecord(RECORD).replace('"100"', '"-100"')],
    ['a key that nobody knows', formatOrderRecord(RECORD).replace('"kind"', '"more": 1, "kind"')],
  ])('is not read from %s', (_, text) => {
    expect(refusal(() => parseOrderRecord(text)).code).toBe('CONFIG_ORDER_FILE');
  });
});

test('a sealed order is handed on as it is, and holds no secret of the record', () => {
  const envelope = new Uint8Array(POST_ENVELOPE_BYTES).fill(2);
  expect(parsePostFile(formatPostFile(envelope))).toEqual(envelope);
  expect(refusal(() => parsePostFile(formatOrderRecord(RECORD))).code).toBe('CONFIG_ORDER_FILE');
  expect(refusal(() => parsePostFile(formatPostFile(envelope.slice(1)))).code).toBe(
    'CONFIG_ORDER_FILE',
  );
});

test('each leg of an order is where its own tag is, on whichever chain', () => {
  const sources = {
    chains: new Map([
      [WEST, logIndexOf(WEST, [deferredLog({ index: 0n, tag: payoutTag(SECRET, 3) }, 5)], 9)],
      [EAST, logIndexOf(EAST, [releasedLog(0n, payoutTag(SECRET, 0), 5)], 9)],
    ]),
    anchorChainId: WEST,
    ingested: new Map(),
  };
  expect(legStates(sources, RECORD)).toMatchObject([
    { state: 'confirmed', blockNumber: 5 },
    { state: 'not seen' },
    { state: 'inside' },
    { state: 'claimable', reason: 'payout-failed' },
  ]);
});

test.each([
  [['confirmed'], 'paid', /its payout is final/, true],
  [['confirmed', 'confirmed', 'inside'], 'paid', /its 2 payouts are final/, true],
  [['confirmed', 'not seen'], 'in flight', /1 of 2 payouts are final/, false],
  [['released'], 'in flight', /0 of 1 payouts are final/, false],
  [['claimable', 'confirmed'], 'claimable', /of 2 payouts 1 could not be made/, false],
  [['inside'], 'in flight', /its commit is final/, false],
] satisfies [LegState['state'][], string, RegExp, boolean][])(
  'an order whose payouts are %j is %s',
  (states, standing, cause, isOver) => {
    const history = [{ ...stepFor('commit-final'), chainId: WEST, blockNumber: 3 }];
    const report = reportHistory(history, { chainId: WEST, index: 0n });
    if (report === undefined) throw new RangeError('it has a step');
    const legs = states.map((state): LegState => {
      return {
        leg: { mode: 'direct' } as never,
        state,
        claim: state === 'claimable' ? 'claim it' : undefined,
      };
    });
    const told = withPayouts(report, legs);
    expect(told).toMatchObject({ standing, cause: expect.stringMatching(cause), isOver });
    expect(told.command).toBe(standing === 'claimable' ? 'claim it' : undefined);
  },
);
