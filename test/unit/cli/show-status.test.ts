import { describe, expect, test, vi } from 'vitest';
import {
  ChainCallReverted,
  ChainError,
  type Receipt,
} from '../../../src/chains/shared/bridged-chain.ts';
import { reportForeign } from '../../../src/cli/foreign-transaction.ts';
import { exitCodeOf, formatView, isSettled, viewAsJson } from '../../../src/cli/print-status.ts';
import { watch } from '../../../src/cli/show-status.ts';
import type { StatusView } from '../../../src/cli/status-view.ts';
import type { LegState } from '../../../src/client/leg-states.ts';
import {
  reportHistory,
  reportUnknown,
  type TransferReport,
} from '../../../src/client/transfer-report.ts';
import { type StateReason, stepFor } from '../../../src/protocol/transfer-state.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { depositLog, GATEWAY, REFUND_TO } from '../../support/bridge-logs.ts';
import { clientChain } from '../../support/client-chain.ts';

const ASSET: Hex = `0x${'cd'.repeat(32)}`;
const HASH: Hex = `0x${'ab'.repeat(32)}`;
const CLIENT = {
  chains: [clientChain(7n, { name: 'ethereum' })],
  tokens: [{ symbol: 'DOT', asset: ASSET, decimals: 2, addresses: {} }],
};
const REF = { chainId: 7n, index: 3n };

function viewOf(...reasons: StateReason[]): StatusView {
  const history = reasons.map((reason) => ({
    ...stepFor(reason),
    chainId: 7n,
    blockNumber: 12,
    transactionHash: HASH,
    amount: 250n,
    asset: ASSET,
  }));
  const times = new Map([['7/12', 1_800_000_000n]]);
  return { report: reportHistory(history, REF), ref: REF, etaSec: 9, times };
}

describe('a view', () => {
  test('has amount, transaction and time of each step, what comes next, when, and who does it', () => {
    const [table = '', ...lines] = formatView(CLIENT, viewOf('deposit-included'));
    expect(table).toMatch(
      new RegExp(`observed +ethereum +12 +2027-01-15 08:00:00 UTC +2\\.5 DOT +${HASH}`),
    );
    expect(lines).toEqual([
      'in flight: a block has the deposit, and may still be replaced',
      'next: the source chain has to finalize the block; nothing to do (in about 9 s)',
      'who: source chain',
    ]);
  });

  test('as JSON has a form that scripts can rely on', () => {
    expect(viewAsJson(CLIENT, viewOf('deposit-included'))).toEqual({
      version: 1,
      transfer: '7:3',
      standing: 'in flight',
      state: 'observed',
      cause: 'a block has the deposit, and may still be replaced',
      who: 'source chain',
      next: 'the source chain has to finalize the block; nothing to do',
      command: null,
      etaSec: 9,
      isOver: false,
      history: [
        {
          state: 'observed',
          reason: 'deposit-included',
          cause: 'a block has the deposit, and may still be replaced',
          chain: 'ethereum',
          chainId: '7',
          block: 12,
          timeSec: 1_800_000_000,
          transaction: HASH,
          amount: '250',
          asset: ASSET,
          tag: null,
          releaseIndex: null,
        },
      ],
      payouts: undefined,
    });
  });

  test.each([
    [viewOf('deposit-included'), 0],
    [{ ...viewOf(), report: reportUnknown('no such thing') }, 4],
    [{ ...viewOf(), report: reportUnknown('elsewhere', 'wrong contract') }, 4],
  ] satisfies [StatusView, number][])(
    'ends with the exit code of its standing: %#',
    (view, code) => {
      expect(exitCodeOf(view)).toBe(code);
    },
  );
});

describe('watching', () => {
  const legs = (...states: LegState['state'][]) => ({
    record: { legs: [] } as never,
    legs: states.map((state) => ({ leg: { mode: 'pooled' } as never, state })),
  });

  test.each([
    [viewOf('deposit-final'), false],
    [viewOf('payout-failed'), true],
    [viewOf('payout-final'), true],
    [{ ...viewOf('commit-final'), order: legs('confirmed', 'not seen') }, false],
    [{ ...viewOf('commit-final'), order: legs('confirmed', 'released') }, false],
    [{ ...viewOf('commit-final'), order: legs('confirmed', 'claimable') }, true],
    [{ ...viewOf('refund-included', 'payout-final'), order: legs('not seen') }, true],
    [{ ...viewOf(), report: reportUnknown('not yet') }, false],
  ] satisfies [StatusView, boolean][])('ends when nothing follows by itself: %#', (view, isEnd) => {
    expect(isSettled(view)).toBe(isEnd);
  });

  test('shows each view and gives the code of the last one', async () => {
    const views = [viewOf('payout-final')];
    const shown: StatusView[] = [];
    const signal = new AbortController().signal;
    const look = async () => views.shift() ?? viewOf();
    const told = { view: (view: StatusView) => shown.push(view), trouble: vi.fn() };
    expect(await watch(look, told, signal)).toBe(0);
    expect(shown).toHaveLength(1);
  });

  test('that is stopped has not failed', async () => {
    const stopping = new AbortController();
    const look = async () => viewOf('deposit-final');
    const told = { view: () => stopping.abort(), trouble: vi.fn() };
    expect(await watch(look, told, stopping.signal)).toBe(0);
  });

  test('goes on while a node is away, and says so once; what fails at the first look ends it', async () => {
    const away = new ChainError('CHAIN_UNAVAILABLE', { chain: 'ethereum', what: 'no answer' });
    const looks = [viewOf('deposit-final'), away, away, viewOf('payout-final')];
    const look = async () => {
      const next = looks.shift() ?? away;
      if (next instanceof ChainError) throw next;
      return next;
    };
    const told = { view: vi.fn(), trouble: vi.fn(), everyMs: 1 };
    expect(await watch(look, told, new AbortController().signal)).toBe(0);
    expect(told.view).toHaveBeenCalledTimes(2);
    expect(told.trouble.mock.calls).toEqual([[away]]);
    await expect(watch(look, told, new AbortController().signal)).rejects.toBe(away);
  });
});

describe('a transaction that no deposit was read of', () => {
  const told = async (
    receiptOf: () => Promise<Receipt | undefined>,
    gateway: Hex = GATEWAY,
  ): Promise<TransferReport> => {
    const head = async () => ({ number: 9, hash: HASH });
    const chain = { name: 'ethereum', chainId: 7n, head, receiptOf };
    return await reportForeign([{ chain, gateway, index: { headNumber: () => 8 } }], HASH);
  };
  const receiptIn = (blockNumber: number, logs: Receipt['logs'] = []) => {
    return async () => ({ transactionHash: HASH, blockNumber, blockHash: HASH, logs });
  };

  test('is another contract’s where a block has it that was read', async () => {
    const report = await told(receiptIn(8));
    expect(report.standing).toBe('wrong contract');
    expect(report.cause).toMatch(/block 8 of ethereum has .* another contract/);
    const elsewhere = await told(receiptIn(8, [depositLog(0n, 8)]), REFUND_TO);
    expect(elsewhere.standing).toBe('wrong contract');
  });

  test('is not read yet where its block came while the chains were read', async () => {
    const newer = await told(receiptIn(9));
    expect(newer).toMatchObject({ standing: 'unknown', isOver: false });
    expect(newer.cause).toMatch(/block 9 of ethereum has .* not read yet/);
    // Another fork has a block of that number now.
    expect(await told(receiptIn(8, [depositLog(0n, 8)]))).toMatchObject({ standing: 'unknown' });
  });

  test('has failed where the chain says so, which no watching changes', async () => {
    const refused = { chain: 'ethereum', data: '0x', reason: 'paused' } as const;
    const report = await told(() => Promise.reject(new ChainCallReverted(refused)));
    expect(report).toMatchObject({ standing: 'failed', isOver: true });
    expect(report.cause).toMatch(/it failed: no deposit was made/);
    const view: StatusView = { ...viewOf(), report };
    expect([exitCodeOf(view), isSettled(view)]).toEqual([4, true]);
  });

  test('is unknown where no chain tells of it, and nothing else is taken for an answer', async () => {
    expect(await told(async () => undefined)).toMatchObject({ standing: 'unknown' });
    const gone = new ChainError('CHAIN_UNAVAILABLE', { chain: 'ethereum', what: 'gone' });
    expect(await told(() => Promise.reject(gone))).toMatchObject({ standing: 'unknown' });
    await expect(told(() => Promise.reject(new TypeError('a fault')))).rejects.toThrow('a fault');
  });
});
