import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  messageSubject,
  REASONS,
  releaseSubject,
  type StateReason,
  stepFor,
} from '../../src/protocol/transfer-state.ts';
import { type OpenDatabase, openEmbedded } from '../../src/relayer/journal/database.ts';
import { journalChanges } from '../../src/relayer/journal/journal-changes.ts';
import { recordMessages } from '../../src/relayer/journal/messages.ts';
import { recordReleases } from '../../src/relayer/journal/releases.ts';
import type { StateChange } from '../../src/relayer/journal/state-changes.ts';
import { wipe } from '../../src/relayer/operate/rebuild-journal.ts';
import { encodeOtlp } from '../../src/relayer/trace/encode-otlp.ts';
import { spansOfChanges, spansOfProof } from '../../src/relayer/trace/read-spans.ts';
import type { Span } from '../../src/relayer/trace/spans.ts';
import type { Hex } from '../../src/shared/bytes.ts';

// SECURITY: whoever holds all traces must not learn which deposit a payout is of. So no trace has both, and neither is told in another
// way because the other is there. Ids, places and indexes are drawn from few, so that the two kinds coincide as often as they can.

const CHAINS = [1n, 2n].map((chainId) => {
  return { chainId, gateway: `0x${`0${chainId}`.repeat(20)}` as Hex, lagSec: 60n };
});
const TELLER: Hex = `0x${'7e'.repeat(20)}`;
const SECRETS = ['5ec0', '5ec1', '5ec2', '5ec3', '5ec4', '5ec5'] as const;
const wordOf = (kind: string, n = 0n): Hex => `0x${kind}${`${n}`.padStart(60, '0')}`;
const log = pino({ level: 'silent' });

let journal: OpenDatabase;
beforeAll(async () => {
  journal = await openEmbedded();
}, 60_000);
afterAll(() => journal.close());

const ALL = Object.keys(REASONS) as StateReason[];
const happening = fc.record({
  chainId: fc.constantFrom(1n, 2n),
  index: fc.bigInt({ min: 0n, max: 3n }),
  reason: fc.constantFrom(...ALL),
  atMs: fc.integer({ min: 1_800_000_000_000, max: 1_800_000_900_000 }),
});
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const seen = fc.record({
  deposits: fc.array(happening, { minLength: 1, maxLength: 12 }),
  releases: fc.array(happening, { minLength: 1, maxLength: 12 }),
  batchLength: fc.bigInt({ min: 1n, max: 3n }),
  enclaves: fc.boolean(),
});
type Seen = typeof seen extends fc.Arbitrary<infer T> ? T : never;

const changeOf =
  (subjectOf: typeof messageSubject) =>
  ({ chainId, index, reason, atMs }: Happening): StateChange => {
    const subject = subjectOf(chainId, index);
    return { subject, ...stepFor(reason), chainId, blockNumber: 7, atMs };
  };

async function spansOf({ deposits, releases, batchLength, enclaves }: Seen): Promise<Span[]> {
  const { database } = journal;
  await wipe(database);
  const sent = new Map(deposits.map((each) => [`${each.chainId}/${each.index}`, messageOf(each)]));
  await recordMessages(database, [...sent.values()]);
  for (const { chainId } of CHAINS) {
    const own = releases.filter((release) => release.chainId === chainId);
    const rows = [...new Map(own.map((row) => [row.index, releaseOf(row, batchLength)])).values()];
    const seen = { releases: rows, skips: [], claims: [], isFinal: false };
    await recordReleases(database, chainId, seen);
  }
  const changes = [
    ...deposits.map(changeOf(messageSubject)),
    ...releases.map(changeOf(releaseSubject)),
  ];
  await journalChanges({ database, log }, changes);
  const sources = {
    database,
    chains: CHAINS,
    schedule: { startSec: 1_800_000_000n, roundSec: 300n },
    teller: TELLER,
  };
  const spans = await spansOfChanges(
    sources,
    changes.map((change, id) => ({ ...change, id })),
  );
  if (!enclaves) return spans;
  const proof = { enclave: 'enclave-1', chainId: 1n, from: 0n, end: 4n, atMs: 1_800_000_000_000 };
  return [...spans, ...(await spansOfProof(sources, proof))];
}

function messageOf({ chainId, index }: Happening) {
  const [sender, refundTo, asset, envelope] = SECRETS.map((kind) => wordOf(kind));
  return {
    chainId,
    index,
    sentAtSec: 1_800_000_000n,
    sender: sender as Hex,
    refundTo: refundTo as Hex,
    asset: asset as Hex,
    amount: 5n,
    fee: 1n,
    destination: 0n,
    envelope: envelope as Hex,
    blockNumber: 7,
    isFinal: false,
    transactionHash: wordOf('7a'),
  };
}

function releaseOf({ chainId, index }: Happening, batchLength: bigint) {
  return {
    chainId,
    index,
    tag: wordOf('5ec4', index),
    asset: wordOf('5ec2'),
    recipient: wordOf('5ec5'),
    amount: 5n,
    deferReason: 0,
    blockNumber: 7,
    blockHash: wordOf('b1'),
    // All of a batch are in one transaction, and one that began a deposit may have the same hash.
    transactionHash: index < batchLength ? wordOf('7a') : wordOf('7b', index / batchLength),
  };
}

const isRelease = (span: Span) => 'veilspan.release' in span.attributes || span.name === 'batch';
const told = (spans: readonly Span[]) => spans.map((span) => encodeOtlp(TELLER, [span])).toSorted();

it('no trace has both a deposit and a payout, and neither is told in another way because of the other', async () => {
  await fc.assert(
    fc.asyncProperty(seen, async (all) => {
      const spans = await spansOf(all);
      const payouts = spans.filter(isRelease);
      const deposits = spans.filter((span) => !isRelease(span));
      const traces = new Set(payouts.map(({ traceId }) => traceId));
      expect(deposits.filter(({ traceId }) => traces.has(traceId))).toEqual([]);
      const ids = new Set(payouts.map(({ spanId }) => spanId));
      expect(deposits.filter(({ parentSpanId = '' }) => ids.has(parentSpanId))).toEqual([]);
      expect(told(await spansOf({ ...all, releases: [] }))).toEqual(told(deposits));
      expect(told(await spansOf({ ...all, deposits: [], enclaves: false }))).toEqual(told(payouts));
    }),
    { numRuns: 25 },
  );
});

it('no span has who paid, who is paid, what and how much, the sealed order or the tag', async () => {
  await fc.assert(
    fc.asyncProperty(seen, async (all) => {
      const text = told(await spansOf(all)).join('\n');
      for (const secret of SECRETS) expect(text).not.toContain(secret);
      const keys = [...text.matchAll(/"key":"([^"]+)"/g)].map(([, key]) => key);
      expect(keys.filter((key = '') => !KEYS.has(key))).toEqual([]);
    }),
    { numRuns: 10 },
  );
});

const KEYS = new Set([
  'service.name',
  'service.instance.id',
  'veilspan.chain_id',
  'veilspan.index',
  'veilspan.state',
  'veilspan.reason',
  'veilspan.block',
  'veilspan.round',
  'veilspan.enclave',
  'veilspan.release',
]);
