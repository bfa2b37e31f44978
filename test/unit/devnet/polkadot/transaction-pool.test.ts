import { describe, expect, it } from 'vitest';
import type { Block } from '../../../../devnet/polkadot/block-tree.ts';
import {
  hashExtrinsic,
  type PoolEvent,
  TransactionPool,
} from '../../../../devnet/polkadot/transaction-pool.ts';
import type {
  Invalidity,
  ValidTransaction,
} from '../../../../devnet/polkadot/transaction-validity.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';

type Verdict = Partial<ValidTransaction> | Invalidity;

/** A pool whose runtime says what the test wrote down for each extrinsic. */
function createPool(
  verdicts: Record<Hex, Verdict>,
  limits?: { maxCount: number; maxBytes: number },
) {
  const validate = async (extrinsic: Hex): Promise<ValidTransaction | Invalidity> => {
    const verdict = verdicts[extrinsic] ?? {};
    if ('kind' in verdict) return verdict;
    return { priority: 1n, requires: [], provides: [extrinsic], longevityBlocks: 100n, ...verdict };
  };
  const pool = new TransactionPool(validate, limits);
  const events: string[] = [];
  const nameOf = new Map<Hex, Hex>();
  pool.events.subscribe((event: PoolEvent) =>
    events.push(`${nameOf.get(event.hash) ?? '?'} ${event.kind}`),
  );
  const submit = async (extrinsic: Hex, at = blockAt(1)) => {
    nameOf.set(hashExtrinsic(extrinsic), extrinsic);
    return pool.submit(extrinsic, () => at);
  };
  const ready = () => pool.ready().map(({ extrinsic }) => extrinsic);
  return { pool, events, submit, ready };
}

function blockAt(number: number): Block {
  // CAST: the pool looks at nothing but the height.
  return { header: { number } } as Block;
}

describe('the transaction pool', () => {
  it('orders by priority, but never before what is required', async () => {
    const { submit, ready } = createPool({
      '0x01': { priority: 1n, provides: ['0xa1'] },
      '0x02': { priority: 9n, requires: ['0xa1'] },
      '0x03': { priority: 5n },
    });
    for (const extrinsic of ['0x02', '0x01', '0x03'] as const) await submit(extrinsic);
    expect(ready()).toEqual(['0x03', '0x01', '0x02']);
  });

  it('refuses what the runtime refuses, with its reason', async () => {
    const { submit, ready } = createPool({
      '0x01': { kind: 'invalid', reason: 'Transaction is outdated' },
    });
    const refused = await asyncRefusal(submit('0x01'));
    expect([refused.code, refused.meta]).toMatchObject([
      'DEVNET_POOL_INVALID',
      { reason: 'Transaction is outdated' },
    ]);
    expect(ready()).toEqual([]);
  });

  it('takes an extrinsic once', async () => {
    const { submit } = createPool({});
    await submit('0x01');
    expect((await asyncRefusal(submit('0x01'))).code).toBe('DEVNET_POOL_ALREADY_IMPORTED');
    const racing = createPool({});
    const both = await Promise.allSettled([racing.submit('0x01'), racing.submit('0x01')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('lets a higher priority usurp the same nonce, and refuses a lower or equal one', async () => {
    const provides: Hex[] = ['0xaa'];
    const { submit, ready, events } = createPool({
      '0x01': { provides, priority: 2n },
      '0x02': { provides, priority: 3n },
      '0x03': { provides, priority: 3n },
    });
    await submit('0x01');
    await submit('0x02');
    expect((await asyncRefusal(submit('0x03'))).code).toBe('DEVNET_POOL_PRIORITY_TOO_LOW');
    expect(ready()).toEqual(['0x02']);
    expect(events).toEqual(['0x01 ready', '0x01 usurped', '0x02 ready']);
  });

  it('asks again if a block came while the runtime was answering', async () => {
    const asked: number[] = [];
    let best = blockAt(1);
    const pool = new TransactionPool(async (extrinsic, at) => {
      asked.push(at.header.number);
      if (asked.length === 1) best = blockAt(2);
      const requires: Hex[] = at.header.number === 1 ? ['0xa1'] : [];
      return { priority: 1n, requires, provides: [extrinsic], longevityBlocks: 9n };
    });
    const { requires, validUntil } = await pool.submit('0x01', () => best);
    expect([asked, requires, validUntil]).toEqual([[1, 2], [], 11]);
  });

  it('keeps an early one as future until a block provides what it needs', async () => {
    const verdicts: Record<Hex, Verdict> = {
      '0x01': { provides: ['0xa1'] },
      '0x02': { requires: ['0xa1'] },
    };
    const { pool, submit, ready, events } = createPool(verdicts);
    await submit('0x02');
    expect(ready()).toEqual([]);
    await submit('0x01');
    expect(events).toEqual(['0x02 future', '0x01 ready']);
    verdicts['0x02'] = {};
    await pool.advance(blockAt(2), ['0x01']);
    expect(ready()).toEqual(['0x02']);
  });

  it('drops after a block what the block overtook, what expired and what became invalid', async () => {
    const verdicts: Record<Hex, Verdict> = {
      '0x01': { provides: ['0xaa'], priority: 9n },
      '0x02': { longevityBlocks: 2n },
      '0x03': {},
      '0x04': {},
    };
    const { pool, submit, ready } = createPool(verdicts);
    for (const extrinsic of ['0x01', '0x02', '0x03', '0x04'] as const) await submit(extrinsic);
    verdicts['0x03'] = { kind: 'invalid', reason: 'x' };
    await pool.advance(blockAt(3), ['0x01']);
    expect(ready()).toEqual(['0x04']);
  });

  it('bans what was removed as invalid for a while', async () => {
    const { pool, submit, ready } = createPool({});
    const { hash } = await submit('0x01');
    expect(pool.ban(hash, { kind: 'invalid', at: blockAt(1) })).toBe(true);
    expect((await asyncRefusal(submit('0x01', blockAt(2)))).code).toBe('DEVNET_POOL_BANNED');
    await submit('0x01', blockAt(1000));
    expect(ready()).toEqual(['0x01']);
  });

  it('makes room by dropping the lowest priority, and is full for any lower', async () => {
    const { submit, ready, events } = createPool(
      {
        '0x01': { priority: 1n },
        '0x02': { priority: 5n },
        '0x03': { priority: 4n },
        '0x04': { priority: 2n },
      },
      { maxCount: 2, maxBytes: 100 },
    );
    for (const extrinsic of ['0x01', '0x02', '0x03'] as const) await submit(extrinsic);
    expect((await asyncRefusal(submit('0x04'))).code).toBe('DEVNET_POOL_FULL');
    expect(ready()).toEqual(['0x02', '0x03']);
    expect(events).toContain('0x01 dropped');
  });
});
