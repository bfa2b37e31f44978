import { describe, expect, test } from 'vitest';
import type { ContractLog } from '../../../src/chains/shared/bridged-chain.ts';
import {
  messagesOf,
  reportSecret,
  reportTag,
  reportTransfer,
  transferHistory,
} from '../../../src/client/report-subject.ts';
import type { Sources } from '../../../src/client/transfer-history.ts';
import { publicTags, sealedTags } from '../../../src/protocol/transfer-tags.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import {
  bridgeLog,
  claimedLog,
  commitLog,
  deferredLog,
  depositLog,
  GATEWAY,
  REFUND_TO,
  releasedLog,
  SENDER,
} from '../../support/bridge-logs.ts';
import { clientChain } from '../../support/client-chain.ts';
import { logIndexOf } from '../../support/log-index-of.ts';

const SOURCE = 31_337n;
const OTHER = 420_420_499n;
const REF = { chainId: SOURCE, index: 0n };
const CLIENT = {
  chains: [clientChain(SOURCE, { gateway: GATEWAY }), clientChain(OTHER, { gateway: GATEWAY })],
};
const TAGS = publicTags(REF, GATEWAY);
const SECRET = new Uint8Array(32).fill(3);
const WORD: Hex = `0x${'cd'.repeat(32)}`;

const sourcesOf = (source: ContractLog[], other: ContractLog[] = [], final = 60): Sources => ({
  chains: new Map([
    [SOURCE, logIndexOf(SOURCE, source, final)],
    [OTHER, logIndexOf(OTHER, other, final)],
  ]),
  anchorChainId: OTHER,
  ingested: new Map(),
});
const report = (source: ContractLog[], other: ContractLog[] = [], final = 60) =>
  reportTransfer(sourcesOf(source, other, final), CLIENT, REF);

describe('a transfer that the chains know', () => {
  test('is in flight, with the amount, the asset and the transaction of each step', () => {
    const told = report([depositLog(0n, 5)], [commitLog(1n, [[SOURCE, 1n]], 9)], 6);
    expect(told).toMatchObject({ standing: 'in flight', state: 'committed', isOver: false });
    expect(told.history[0]).toMatchObject({ amount: 10n, asset: WORD, transactionHash: WORD });
    expect(told.history.at(-1)).toMatchObject({ state: 'committed', transactionHash: WORD });
  });

  test('is paid once its payout is final, and over', () => {
    const paid = releasedLog(4n, TAGS.payouts[0] as Hex, 50);
    const told = report([depositLog(0n, 5)], [commitLog(1n, [[SOURCE, 1n]], 9), paid]);
    expect(told).toMatchObject({ standing: 'paid', isOver: true, who: 'nobody' });
    expect(told.history.at(-1)).toMatchObject({ amount: 9n, releaseIndex: 4n });
  });

  test('is claimable, with the index and the command, where its payout was put aside', () => {
    const aside = deferredLog({ index: 4n, tag: TAGS.payouts[0] as Hex }, 50);
    expect(report([depositLog(0n, 5)], [aside])).toMatchObject({
      standing: 'claimable',
      cause: 'the recipient refused the payout',
      command: `veilspan claim ${OTHER}/4 --config client.json`,
    });
  });

  test.each([
    ['paid back', [releasedLog(0n, TAGS.refund, 9)]],
    [
      'put aside and claimed',
      [
        deferredLog({ index: 0n, tag: TAGS.refund }, 9),
        claimedLog({ index: 0n, tag: TAGS.refund }, 12),
      ],
    ],
  ])('is refunded, and not paid, where its refund was %s', (_, logs) => {
    expect(report([depositLog(0n, 5), ...logs])).toMatchObject({
      standing: 'refunded',
      isOver: true,
    });
  });

  test('is over for the public once a sealed one is anchored, and a transparent one is not', () => {
    const args = [0n, SENDER, WORD, 10n, 1n, 0n, 1_800_000_000n, REFUND_TO, '0x01', WORD];
    const commit = commitLog(1n, [[SOURCE, 1n]], 9);
    expect(report([bridgeLog('Deposited', args, 5)], [commit])).toMatchObject({ isOver: true });
    expect(report([depositLog(0n, 5)], [commit])).toMatchObject({
      state: 'anchored',
      isOver: false,
    });
  });
});

describe('what the chains do not know', () => {
  test('is unknown, with how many messages the gateway has taken', () => {
    const told = reportTransfer(sourcesOf([depositLog(0n, 5)]), CLIENT, { ...REF, index: 7n });
    expect(told).toMatchObject({ standing: 'unknown', state: undefined, history: [] });
    expect(told.cause).toContain('has taken one message so far, and none of index 7');
  });

  test('is unknown where the configuration lacks its chain', () => {
    const told = reportTransfer(sourcesOf([]), CLIENT, { chainId: 7n, index: 0n });
    expect(told).toMatchObject({ standing: 'unknown', cause: 'the configuration has no chain 7' });
    expect(transferHistory(sourcesOf([]), CLIENT, { chainId: 7n, index: 0n })).toEqual([]);
  });

  test('says of a secret that it may wait in its pool as well', () => {
    expect(reportSecret(sourcesOf([]), SECRET).cause).toContain('waits in its pool');
  });
});

describe('what is found by', () => {
  test('a tag secret are the payouts of a sealed transfer and nothing of its deposit', () => {
    const payout = releasedLog(0n, sealedTags(SECRET).payouts[0] as Hex, 9);
    const told = reportSecret(sourcesOf([depositLog(0n, 5), payout], [], 6), SECRET);
    expect(told.history.map(({ state }) => state)).toEqual(['released']);
  });

  test('a tag is one release; a refund is called one', () => {
    const [payout = TAGS.refund] = sealedTags(SECRET).payouts;
    const sources = sourcesOf(
      [depositLog(0n, 5), releasedLog(0n, TAGS.refund, 9)],
      [releasedLog(1n, payout, 9)],
    );
    expect(reportTag(sources, CLIENT, payout)).toMatchObject({ standing: 'paid' });
    expect(reportTag(sources, CLIENT, TAGS.refund)).toMatchObject({ standing: 'refunded' });
    expect(reportTag(sources, CLIENT, WORD)).toMatchObject({ standing: 'unknown' });
  });

  test('a transaction are all messages that it sent', () => {
    const other = { ...depositLog(2n, 7), transactionHash: TAGS.refund };
    const sources = sourcesOf([depositLog(0n, 5), depositLog(1n, 5), other]);
    expect(messagesOf(sources, WORD).map(({ index }) => index)).toEqual([0n, 1n]);
    expect(messagesOf(sources, TAGS.refund)).toEqual([{ chainId: SOURCE, index: 2n }]);
  });
});
