import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiView } from '../../../src/cli/status-api-view.ts';
import type { Subject } from '../../../src/cli/status-subject.ts';
import { fetchApiStatus } from '../../../src/client/status-api.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { type TransferAnswer, transferAnswer } from '../../../src/status/answers.ts';

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const address = (byte: string): Hex => `0x${byte.repeat(20)}`;
const SEEN = '2026-01-01T00:00:00.000Z';
const SEALED: Subject = { kind: 'transfer', ref: { chainId: 7n, index: 1n } };

const standing = (reason: string, state: string) => ({
  state,
  reason,
  standing: 'in flight',
  cause: 'as the API says',
  isOver: false,
  next: { who: 'relayer', what: 'something', command: null },
  eta: null,
});
const step = (reason: string, state: string, blockNumber = 5) => ({
  state,
  reason,
  chainId: '7',
  blockNumber,
  transactionHash: word('ab'),
  seenAt: SEEN,
});
const PAYOUT = {
  id: '8/4',
  chainId: '8',
  index: '4',
  tag: word('0a'),
  isRefund: false,
  asset: word('03'),
  recipient: address('04'),
  paid: '0',
  deferred: '90',
  blockNumber: 9,
  isFinal: true,
  transactionHash: word('cd'),
  timeSec: 1_800_000_060,
  ...standing('payout-failed', 'claimable'),
  steps: [{ ...step('payout-failed', 'claimable', 9), chainId: '8' }],
  claims: [],
};
const TRANSFER = {
  id: '7/0',
  chainId: '7',
  index: '0',
  sentAtSec: 1_800_000_000,
  sender: address('01'),
  refundTo: address('02'),
  asset: word('03'),
  amount: '100',
  fee: '1',
  destination: '8',
  blockNumber: 5,
  isFinal: true,
  transactionHash: word('ab'),
  ...standing('deposit-final', 'finalized'),
  eta: {
    until: 'confirmed',
    basis: 'history',
    samples: 9,
    p50Sec: 42,
    p90Sec: 60,
    p99Sec: null,
    note: '',
  },
  steps: [step('deposit-included', 'observed'), step('deposit-final', 'finalized')],
  payouts: [],
};

/** Answers of the real API's form: what it does not give, this test cannot either. */
const ANSWERS: Record<string, unknown> = {
  '/v1/transfers/7/0': TRANSFER,
  '/v1/transfers/7/1': {
    ...TRANSFER,
    index: '1',
    destination: null,
    steps: [step('commit-final', 'anchored')],
  },
  '/v1/transfers/7/2': { ...TRANSFER, index: '2', payouts: [PAYOUT] },
  '/v1/transfers/7/3': { nonsense: true },
  [`/v1/transactions/${word('ab')}/transfers`]: {
    transfers: [TRANSFER, { ...TRANSFER, index: '9' }],
  },
  '/v1/payouts/find': { payouts: [PAYOUT] },
};

describe('a status API that is asked instead of the chains', () => {
  let server: Server;
  let url: string;
  const asked: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const answer = ANSWERS[request.url ?? ''];
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? { code: 'STATUS_UNKNOWN', message: 'none' }));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => server.close());

  const look = (subject: Subject) => openApiView(url, subject).look();
  const ref = (index: bigint): Subject => ({ kind: 'transfer', ref: { chainId: 7n, index } });

  it('answers in the form that the API has', () => {
    const parsed: TransferAnswer = transferAnswer.parse(TRANSFER);
    expect(parsed.id).toBe('7/0');
    expect(transferAnswer.safeParse({ ...TRANSFER, payouts: [PAYOUT] }).success).toBe(true);
  });

  it('says how a transfer stands, with its steps, and when half of those before it were done', async () => {
    const view = await look(ref(0n));
    expect(view).toMatchObject({
      etaSec: 42,
      report: { standing: 'in flight', state: 'finalized' },
    });
    expect(view.report?.history[0]).toMatchObject({ amount: 100n, transactionHash: word('ab') });
  });

  it('says when blocks were made, as far as the API does', async () => {
    const paid = await look(ref(2n));
    expect(paid.times).toEqual(
      new Map([
        ['7/5', 1_800_000_000n],
        ['8/9', 1_800_000_060n],
      ]),
    );
    expect((await look({ kind: 'tag', tag: word('0a') })).times.get('8/9')).toBe(1_800_000_060n);
  });

  it('ends for the public with the commit of a sealed one, and at what is put aside', async () => {
    expect(await look(SEALED)).toMatchObject({ report: { isOver: true, state: 'anchored' } });
    const { report } = await look(ref(2n));
    expect(report).toMatchObject({ standing: 'claimable', isOver: false });
    expect(report?.command).toContain('veilspan claim 8/4');
  });

  it('is asked for a tag in the body, where nothing on the way keeps it', async () => {
    const view = await look({ kind: 'tag', tag: word('0a') });
    expect(view.report).toMatchObject({ standing: 'claimable' });
    expect(asked.at(-1)).toBe('POST /v1/payouts/find');
  });

  it('knows nothing of what it knows nothing of', async () => {
    expect(await look(ref(99n))).toMatchObject({ report: { standing: 'unknown' } });
  });

  it('has a transaction of several messages named one by one', async () => {
    const several = look({ kind: 'deposit', transactionHash: word('ab') });
    await expect(several).rejects.toMatchObject({ code: 'CONFIG_COMMAND_LINE' });
  });

  it('is never asked by a secret or for an order', () => {
    const before = asked.length;
    for (const subject of [
      { kind: 'tagSecret', secret: new Uint8Array(32) },
      { kind: 'order', file: 'order.json' },
    ] satisfies Subject[]) {
      expect(() => openApiView(url, subject)).toThrow(/which payouts belong together/);
    }
    expect(asked).toHaveLength(before);
  });

  it('is none where something else answers, or nothing does', async () => {
    const subject = { kind: 'transfer', ref: { chainId: 7n, index: 3n } } as const;
    await expect(fetchApiStatus(url, subject)).rejects.toMatchObject({
      code: 'STATUS_API_MALFORMED',
    });
    await expect(fetchApiStatus('http://127.0.0.1:1', subject)).rejects.toMatchObject({
      code: 'STATUS_API_UNREACHABLE',
    });
  });
});
