import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Bridge } from '../../../../src/relayer/bridge.ts';
import { type OpenDatabase, openEmbedded } from '../../../../src/relayer/journal/database.ts';
import { journalChanges } from '../../../../src/relayer/journal/journal-changes.ts';
import { releaseLeases } from '../../../../src/relayer/journal/leases.ts';
import { wipe } from '../../../../src/relayer/operate/rebuild-journal.ts';
import { Proofs } from '../../../../src/relayer/trace/proofs.ts';
import {
  createTraces,
  type TraceOptions,
  type Traces,
} from '../../../../src/relayer/trace/trace-transfers.ts';
import { Vitals } from '../../../../src/relayer/vitals.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { GATEWAY, releasedLog } from '../../../support/bridge-logs.ts';
import {
  commitOf,
  createStatusWorld,
  depositOf,
  ETHEREUM,
  POLKADOT,
  payoutTagOf,
  START_SEC,
  type StatusWorld,
  wordOf,
} from '../../../support/status-world.ts';
import { startTraceCollector, type TraceCollector } from '../../../support/trace-collector.ts';

// The journal, what reads logs into it, and the collector's socket are real.

const PATIENCE_MS = 60_000;
const TELLER: Hex = `0x${'7e'.repeat(20)}`;
const START_MS = Number(START_SEC) * 1000;

const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 });

let journal: OpenDatabase;
let world: StatusWorld;
let collector: TraceCollector;
beforeAll(async () => {
  journal = await openEmbedded();
}, PATIENCE_MS);
beforeEach(async () => {
  await wipe(journal.database);
  await journal.database.execute('TRUNCATE traced, leases');
  world = createStatusWorld(journal.database);
  collector = await startTraceCollector();
});
afterEach(() => collector.close());
afterAll(() => journal.close());

interface Relayer {
  readonly proofs: Proofs;
  readonly vitals: Vitals;
  readonly traces: Traces;
  stop(): Promise<void>;
}

function startRelayer(options: TraceOptions = {}, holder = 'one', teller = TELLER): Relayer {
  const stopping = new AbortController();
  const { signal } = stopping;
  const [vitals, proofs] = [new Vitals({ signal }), new Proofs()];
  const { database } = journal;
  const sides = [ETHEREUM, POLKADOT].map((chainId) => {
    return { chain: { chainId }, gateway: GATEWAY, lagSec: 60n, signer: { address: teller } };
  });
  const log = pino({ level: 'silent' });
  const schedule = { startSec: START_SEC, roundSec: 300n };
  const anchor = { side: sides[1] };
  const parts = { database, vitals, proofs, sides, anchor, schedule, log, signal, holder };
  const traces = createTraces(parts as unknown as Bridge, collector.url, {
    lookMs: 10,
    mostBackoffMs: 20,
    ...options,
  });
  const running = traces.run();
  const stop = async () => {
    stopping.abort(new Error('stop'));
    await running;
    await releaseLeases(database, holder);
  };
  return { proofs, vitals, traces, stop };
}

/** Starts on a journal with nothing in it, so that all that follows is told. */
async function startBefore(options: TraceOptions = {}): Promise<Relayer> {
  const relayer = startRelayer(options);
  await expect
    .poll(() => journal.database.execute('SELECT * FROM traced'))
    .toMatchObject({
      rows: [{ id: 1 }],
    });
  return relayer;
}

/** A sealed deposit and one in the open, committed; the second is paid, and so is something else. */
async function carryTwo(): Promise<void> {
  const { ethereum, polkadot } = world;
  world.setNowMs(START_MS + 1000);
  ethereum.log(5, wordOf('aa', 5), [depositOf(0n), depositOf(1n, POLKADOT)]);
  await ethereum.read({ head: 5, final: 4 });
  world.setNowMs(START_MS + 20_000);
  await ethereum.read({ head: 9, final: 6 });
  world.setNowMs(START_MS + 310_000);
  polkadot.log(20, wordOf('cc', 20), [commitOf(1n, 2n)]);
  await polkadot.read({ head: 20, final: 19 });
  world.setNowMs(START_MS + 330_000);
  await polkadot.read({ head: 22, final: 20 });
  polkadot.log(30, wordOf('ee', 30), [
    releasedLog(0n, wordOf('5ea1', 0), 30),
    releasedLog(1n, payoutTagOf(1n), 30),
  ]);
  await polkadot.read({ head: 30, final: 29 });
  world.setNowMs(START_MS + 350_000);
  await polkadot.read({ head: 35, final: 32 });
}

const taken = () => collector.spans;
const tracesOf = () => Map.groupBy(taken(), ({ traceId }) => traceId);

/** Of a trace: the span, when it begins and when it ends, in seconds after the start. */
function timesOf(spans: readonly (typeof collector.spans)[number][]): [string, number, number][] {
  const since = (nano: string) => Number(BigInt(nano) / 1_000_000n - BigInt(START_MS)) / 1000;
  return spans.map(({ name, startTimeUnixNano, endTimeUnixNano }) => {
    return [name, since(startTimeUnixNano), since(endTimeUnixNano)];
  });
}

/** A journal of two chains has eight changes of deposits and four of releases in it then, and a round to each deposit. */
const ALL_SPANS = 8 + 2 + 4 + 1;

describe('what a collector of traces is told', () => {
  it('is what is journaled after it was first asked for, and nothing of before', async () => {
    world.ethereum.log(5, wordOf('aa', 5), [depositOf(0n)]);
    await world.ethereum.read({ head: 5, final: 4 });
    const first = startRelayer({}, 'one');
    await first.traces.begin();
    world.ethereum.log(6, wordOf('aa', 6), [depositOf(1n)]);
    await world.ethereum.read({ head: 6, final: 4 });
    await eventually(() => taken().map(({ attributes }) => attributes['veilspan.index'])).toEqual([
      '1',
    ]);
    await first.stop();
  });

  it('is a trace for each deposit up to its commit, and one for each batch', async () => {
    const relayer = await startBefore();
    await carryTwo();
    await eventually(() => taken().length).toBe(ALL_SPANS);
    await relayer.stop();
    const deposits = [...tracesOf().values()].filter(([root]) => root?.name === 'deposit seen');
    expect(deposits).toHaveLength(2);
    for (const spans of deposits) {
      expect(timesOf(spans)).toEqual([
        ['deposit seen', 0, 1],
        ['final', 1, 20],
        ['round complete', 0, 300],
        ['committed', 20, 310],
        ['anchored', 310, 330],
      ]);
    }
    const batches = [...tracesOf().values()].filter(([root]) => root?.name === 'batch');
    expect(batches.map(timesOf)).toEqual([
      [
        ['batch', 330, 330],
        ['released', 330, 330],
        ['released', 330, 330],
        ['confirmed', 330, 350],
        ['confirmed', 330, 350],
      ],
    ]);
    for (const spans of tracesOf().values()) {
      const [root, ...others] = spans;
      expect(root?.parentSpanId).toBeUndefined();
      expect(new Set(others.map(({ parentSpanId }) => parentSpanId))).toEqual(
        new Set([root?.spanId]),
      );
    }
  });

  it('has each enclave that a deposit was proven to', async () => {
    const relayer = await startBefore();
    await carryTwo();
    const proof = { chainId: ETHEREUM, from: 0n, end: 2n };
    relayer.proofs.note({ ...proof, enclave: 'enclave-1', atMs: START_MS + 25_000 });
    relayer.proofs.note({ ...proof, enclave: 'enclave-2', atMs: START_MS + 40_000 });
    await eventually(() => taken().length).toBe(ALL_SPANS + 4);
    await relayer.stop();
    const proven = taken().filter(({ name }) => name.startsWith('proven'));
    expect(timesOf(proven)).toEqual([
      ['proven to enclave-1', 20, 25],
      ['proven to enclave-1', 20, 25],
      ['proven to enclave-2', 20, 40],
      ['proven to enclave-2', 20, 40],
    ]);
    expect(new Set(taken().map(({ spanId }) => spanId)).size).toBe(ALL_SPANS + 4);
  });

  it('is not doubled by a restart, and lacks nothing of what came meanwhile', async () => {
    const before = await startBefore();
    world.ethereum.log(5, wordOf('aa', 5), [depositOf(0n), depositOf(1n, POLKADOT)]);
    await world.ethereum.read({ head: 5, final: 4 });
    await eventually(() => taken().length).toBe(2);
    await before.stop();
    await carryTwoFrom();
    const after = startRelayer({}, 'another');
    await eventually(() => taken().length).toBe(ALL_SPANS);
    await after.stop();
    expect(new Set(taken().map(({ spanId }) => spanId)).size).toBe(ALL_SPANS);
    expect(tracesOf().size).toBe(3);
  });

  it('is told by one of several processes that share the journal', async () => {
    const first = await startBefore();
    const second = startRelayer({}, 'two');
    await carryTwo();
    await eventually(() => taken().length).toBe(ALL_SPANS);
    await first.stop();
    // The other has the lease now, and nothing to tell.
    world.ethereum.log(11, wordOf('aa', 11), [depositOf(2n)]);
    await world.ethereum.read({ head: 11, final: 6 });
    await eventually(() => taken().length).toBe(ALL_SPANS + 1);
    await second.stop();
    expect([first.traces.counts().sent, second.traces.counts().sent]).toEqual([ALL_SPANS, 1]);
  });

  it('meets what another operator tells in the same traces, each with spans of its own', async () => {
    const other: Hex = `0x${'07'.repeat(20)}`;
    const first = await startBefore();
    await carryTwo();
    await eventually(() => taken().length).toBe(ALL_SPANS);
    await first.stop();
    await journal.database.execute('UPDATE traced SET change_id = 0');
    const second = startRelayer({}, 'two', other);
    await eventually(() => taken().length).toBe(2 * ALL_SPANS);
    await second.stop();
    expect(tracesOf().size).toBe(3);
    expect(new Set(taken().map(({ spanId }) => spanId)).size).toBe(2 * ALL_SPANS);
    expect(new Set(taken().map(({ teller }) => teller))).toEqual(new Set([TELLER, other]));
  });

  it('is nothing of a batch that no chain has yet', async () => {
    const relayer = await startBefore();
    const held = {
      subject: `batch ${POLKADOT}/0`,
      state: 'held',
      reason: 'fees-too-high',
    } as const;
    await journalChanges({ database: journal.database, log: pino({ level: 'silent' }) }, [
      { ...held, chainId: POLKADOT, blockNumber: 1, atMs: START_MS },
    ]);
    world.ethereum.log(5, wordOf('aa', 5), [depositOf(0n)]);
    await world.ethereum.read({ head: 5, final: 4 });
    await eventually(() => taken().map(({ name }) => name)).toEqual(['deposit seen']);
    await relayer.stop();
    expect(taken()).toHaveLength(1);
  });
});

/** What {@link carryTwo} does, after its deposits. */
async function carryTwoFrom(): Promise<void> {
  const { ethereum, polkadot } = world;
  await ethereum.read({ head: 9, final: 6 });
  polkadot.log(20, wordOf('cc', 20), [commitOf(1n, 2n)]);
  polkadot.log(30, wordOf('ee', 30), [
    releasedLog(0n, wordOf('5ea1', 0), 30),
    releasedLog(1n, payoutTagOf(1n), 30),
  ]);
  await polkadot.read({ head: 35, final: 32 });
}

describe('a collector of traces that is away', () => {
  it.each([
    ['refuses for now', 503],
    ['never answers', 'nothing'],
  ] as const)('and %s is told all of it later, and holds nobody up', async (_what, status) => {
    collector.answer(status);
    const relayer = await startBefore({ answerMs: 50 });
    await carryTwo();
    await eventually(() => relayer.traces.counts().failures).toBeGreaterThan(2);
    expect(relayer.vitals.alarms()).toEqual([]);
    expect(relayer.traces.counts()).toMatchObject({ sent: 0, dropped: 0 });
    collector.answer(200);
    await eventually(() => taken().length).toBe(ALL_SPANS);
    await relayer.stop();
    expect(relayer.traces.counts()).toMatchObject({ sent: ALL_SPANS, dropped: 0 });
  });

  it('for too long is not told of the oldest, which are counted', async () => {
    collector.answer(503);
    const relayer = await startBefore({ mostBehind: 3 });
    await carryTwo();
    await eventually(() => relayer.traces.counts().dropped).toBe(12 - 3);
    collector.answer(200);
    await eventually(() => taken().length).toBe(3);
    await relayer.stop();
  });

  it('ends with the relayer within a second, whatever it does', async () => {
    collector.answer('nothing');
    const relayer = await startBefore({ answerMs: 60_000 });
    await carryTwo();
    await expect
      .poll(() => relayer.vitals.waits().map(({ name }) => name))
      .toEqual(['the collector of traces']);
    const began = performance.now();
    await relayer.stop();
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('and refuses for good is not asked again, and what it refused is counted', async () => {
    collector.answer(400);
    const relayer = await startBefore();
    await carryTwo();
    await eventually(() => relayer.traces.counts().dropped).toBe(ALL_SPANS);
    collector.answer(200, '{"partialSuccess":{"rejectedSpans":"1"}}');
    world.ethereum.log(11, wordOf('aa', 11), [depositOf(2n), depositOf(3n)]);
    await world.ethereum.read({ head: 11, final: 6 });
    await eventually(() => relayer.traces.counts().sent).toBe(1);
    await relayer.stop();
    expect(relayer.traces.counts()).toEqual({ sent: 1, dropped: ALL_SPANS + 1, failures: 0 });
  });

  it('is told the last things when the relayer stops', async () => {
    const relayer = await startBefore({ lookMs: 60_000 });
    await carryTwo();
    await relayer.stop();
    expect(taken()).toHaveLength(ALL_SPANS);
  });
});
