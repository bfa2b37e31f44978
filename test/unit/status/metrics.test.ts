import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordBatches } from '../../../src/relayer/journal/batches.ts';
import { type OpenDatabase, openEmbedded } from '../../../src/relayer/journal/database.ts';
import { placeHold } from '../../../src/relayer/journal/holds.ts';
import { claimLease } from '../../../src/relayer/journal/leases.ts';
import { recordIntents } from '../../../src/relayer/journal/submissions.ts';
import { Vitals } from '../../../src/relayer/vitals.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { createHeads } from '../../../src/status/heads.ts';
import type { MetricSources } from '../../../src/status/metric-facts.ts';
import { createMetrics } from '../../../src/status/metrics.ts';
import type { ChainPlace } from '../../../src/status/sources.ts';

// The journal is real; of the two chains one answers, and of the other no node does.

/** A journal is long in opening on a busy machine. */
const PATIENCE_MS = 60_000;
const COIN = 10n ** 18n;
const SIGNER: Hex = `0x${'0b'.repeat(20)}`;
const word = (fill: string): Hex => `0x${fill.repeat(32)}`;
const away = () => Promise.reject(new Error('away'));

function placeOf(name: string, chainId: bigint, head: ChainPlace['chain']['head']): ChainPlace {
  // CAST: nothing else of a chain is asked for metrics.
  const chain = { head, finalizedHead: head } as unknown as ChainPlace['chain'];
  return {
    chainId,
    name,
    gateway: SIGNER,
    isAnchor: false,
    lagSec: 900n,
    registry: undefined,
    fromBlock: 0,
    chain,
    rule: async () => ({ kind: 'grandpa', blockMs: 6000, lagBlocks: 2 }),
  };
}

async function fill({ database }: OpenDatabase): Promise<void> {
  const fence = await claimLease(database, { lease: 'test', holder: 'test', leaseMs: 60_000 });
  if (fence === undefined) throw new Error('the lease is taken');
  const sign = (nonce: number, fill: string, costWei: bigint) =>
    recordIntents(database, fence, [
      {
        hash: word(fill),
        nonce,
        raw: '0x00',
        signedAt: 1,
        costWei,
        chainId: 1n,
        account: SIGNER,
        subject: 'commit 1',
      },
    ]);
  // Two of one nonce, of which a block takes one, and one more.
  await sign(0, '01', COIN);
  await sign(0, '02', 2n * COIN);
  await sign(1, '03', COIN / 2n);
  const release = {
    tag: word('0a'),
    asset: word('0b'),
    recipient: SIGNER,
    amount: 1n,
    refundOf: 0n,
  };
  const batch = (firstIndex: bigint, prevHead: Hex, count: number) => ({
    epoch: 1n,
    submitter: SIGNER,
    signatures: [],
    batch: {
      chainId: 1n,
      gateway: SIGNER,
      firstIndex,
      prevHead,
      releases: Array.from({ length: count }, () => release),
      fees: [],
      consumedCount: 0n,
    },
  });
  await recordBatches(database, [batch(0n, word('0c'), 4), batch(4n, word('0d'), 2)]);
}

describe('what a relayer is measured by', () => {
  let journal: OpenDatabase;
  let lines: readonly string[];
  const head = async () => ({ number: 7, hash: word('07') });
  const places = [placeOf('near', 1n, head), placeOf('far', 2n, away)];
  const rpcOf = (name: string, failures: number) => ({
    name,
    calls: () => new Map([['eth_call', 3]]),
    endpoints: () => [
      { host: `${name}:1`, score: 0.5, answers: 3, failures, lies: 1, distrustedFor: undefined },
    ],
  });
  const accountOf = (name: string, chainId: bigint, balanceWei: () => Promise<bigint>) => ({
    chain: { name, chainId, balanceWei },
    signer: { address: SIGNER },
    limits: { dayWei: 10n * COIN, leastBalanceWei: COIN },
  });
  const has = (sample: string) => expect(lines).toContain(sample);
  const hasNone = (start: string) =>
    expect(lines.filter((line) => line.startsWith(start))).toEqual([]);

  beforeAll(async () => {
    journal = await openEmbedded();
    await fill(journal);
    const reason = 'a look';
    const hourAgo = Date.now() - 3_600_000;
    await placeHold(journal.database, { subject: 'lane commit', reason, atMs: hourAgo });
    await placeHold(journal.database, { subject: 'batch 1/0', reason, atMs: Date.now() });
    const sources: MetricSources = {
      vitals: new Vitals(),
      database: journal.database,
      places,
      heads: createHeads(places),
      rpc: [rpcOf('near', 0), rpcOf('far', 9)],
      accounts: [accountOf('near', 1n, async () => 7n * COIN), accountOf('far', 2n, away)],
      cadenceSec: 300n,
      queueCounts: away,
    };
    lines = (await createMetrics(sources)()).split('\n');
  }, PATIENCE_MS);
  afterAll(() => journal.close());

  it('has how often each chain was asked for what, and how its nodes did', () => {
    has('veilspan_rpc_calls{chain="near",method="eth_call"} 3');
    has('veilspan_endpoint_score{chain="far",node="far:1"} 0.5');
    has('veilspan_endpoint_failures{chain="far",node="far:1"} 9');
    has('veilspan_endpoint_lies{chain="near",node="near:1"} 1');
  });

  it('has fees as the limit of the day counts them, each nonce once, beside that limit', () => {
    has(`veilspan_fees_day_coins{chain="near",account="${SIGNER}"} 2.5`);
    has(`veilspan_fees_day_limit_coins{chain="near",account="${SIGNER}"} 10`);
    has(`veilspan_fees_day_coins{chain="far",account="${SIGNER}"} 0`);
  });

  it('has balances that a node says, and says nothing of the others', () => {
    has(`veilspan_balance_coins{chain="near",account="${SIGNER}"} 7`);
    has(`veilspan_balance_least_coins{chain="far",account="${SIGNER}"} 1`);
    hasNone('veilspan_balance_coins{chain="far"');
  });

  it('has the releases that are revealed and that no final block shows', () => {
    has('veilspan_releases_due{chain="near"} 6');
    has('veilspan_releases_due{chain="far"} 0');
    has('veilspan_commit_cadence_seconds 300');
    has('veilspan_chain_lag_allowed_seconds{chain="far"} 900');
  });

  it('has how long the operator has held something', () => {
    const [line = ''] = lines.filter((each) => each.startsWith('veilspan_oldest_hold_seconds '));
    expect(Math.abs(Number(line.split(' ')[1]) - 3600)).toBeLessThan(60);
  });

  it('loses nothing else to a chain or a queue that does not answer', () => {
    has('veilspan_chain_reachable{chain="far"} 0');
    has('veilspan_chain_head{chain="near"} 7');
    has('veilspan_messages{chain="far"} 0');
    hasNone('veilspan_chain_head{chain="far"');
    hasNone('veilspan_queue_jobs{');
  });
});
