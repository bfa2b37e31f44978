// A process that does step by step what a relayer does, and says after each how much of it is resident: JSON, one line a step.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const CHAIN = 31337n;
const PENDING = 10_000;
const PORTION = 750;
const BATCHES = 60;
const JOBS_PER_BATCH = 8;

/** Plain JavaScript: the program's first files. */
const SPARING = new URL('../../src/cli/start-sparing.mjs', import.meta.url).href;

const [, , kind, folder = ''] = process.argv;
// As a relayer does, before it says anything.
if (kind !== 'defaults') ((await import(SPARING)) as { startSparing(): void }).startSparing();
say('Node itself');
if (kind === 'defaults') await openDefaults();
else await relay();
// PGlite's sockets and timers do not matter any more.
process.exit(0);

async function openDefaults(): Promise<void> {
  const { PGlite } = await import('@electric-sql/pglite');
  const journal = await PGlite.create(`${folder}-defaults`);
  say("the journal's, with a new folder");
  const queue = await PGlite.create();
  await journal.exec('SELECT 1');
  await queue.exec('SELECT 1');
  say("the queue's, in memory");
}

async function relay(): Promise<void> {
  const { spareMemory } = await import('../../src/cli/spare-memory.ts');
  spareMemory();
  await import('../../src/relayer/main.ts');
  say("the relayer's code");
  const { openEmbedded } = await import('../../src/relayer/journal/database.ts');
  const journal = await openEmbedded(folder);
  say('opening the journal');
  const queue = await openQueue(journal);
  say('opening the queue in it');
  await recordPending(journal.database);
  say(`recording ${PENDING} transfers`);
  await runBatches(journal.database, queue, BATCHES / 2);
  say(`${BATCHES / 2} batches`);
  await runBatches(journal.database, queue, BATCHES / 2);
  say(`${BATCHES} batches`);
  await sleep(2000);
  say('two idle seconds');
}

type Database = import('../../src/relayer/journal/database.ts').Database;
type OpenDatabase = import('../../src/relayer/journal/database.ts').OpenDatabase;
type JobQueue = import('../../src/relayer/queue/job-queue.ts').JobQueue;

async function openQueue({ pglite }: OpenDatabase): Promise<JobQueue & { done(): number }> {
  const { openEmbeddedStore } = await import('../../src/relayer/queue/job-store.ts');
  const { createJobQueue } = await import('../../src/relayer/queue/job-queue.ts');
  let done = 0;
  const queue = await createJobQueue({
    store: await openEmbeddedStore(pglite),
    run: async () => {
      done += 1;
    },
    onFailure: (_, error) => {
      throw error;
    },
  });
  return { ...queue, done: () => done };
}

async function recordPending(database: Database): Promise<void> {
  const { recordMessages } = await import('../../src/relayer/journal/messages.ts');
  for (let from = 0; from < PENDING; from += 500) {
    const rows = Array.from({ length: 500 }, (_, i) => deposit(BigInt(from + i)));
    await database.transaction(async (tx) => {
      await recordMessages(tx, rows);
      await recordSteps(tx, rows, 'deposit-final');
    });
  }
}

function deposit(index: bigint) {
  const text = (bytes: number) => `0x${index.toString(16).padStart(2 * bytes, '0')}` as const;
  return {
    chainId: CHAIN,
    index,
    sentAtSec: 1_800_000_000n + index,
    sender: text(20),
    refundTo: text(20),
    asset: text(32),
    amount: 10n ** 18n,
    fee: 10n ** 15n,
    destination: 420420499n,
    envelope: text(300),
    blockNumber: Number(index / 10n),
    isFinal: true,
  };
}

async function recordSteps(
  database: Database,
  rows: readonly { readonly index: bigint; readonly blockNumber: number }[],
  reason: 'deposit-final' | 'replayed-to-proven-head',
): Promise<void> {
  const { recordChanges } = await import('../../src/relayer/journal/state-changes.ts');
  const { messageSubject, stepFor } = await import('../../src/protocol/transfer-state.ts');
  const changes = rows.map(({ index, blockNumber }) => {
    const subject = messageSubject(CHAIN, index);
    return { subject, ...stepFor(reason), chainId: CHAIN, blockNumber, atMs: 1 };
  });
  await recordChanges(database, changes);
}

/** What the lanes ask of the journal and the queue while they carry a batch, with all that waits behind it. */
async function runBatches(
  database: Database,
  queue: JobQueue & { done(): number },
  batches: number,
): Promise<void> {
  const { finalMessages, finalMessageCount, ANY_BLOCK } = await import(
    '../../src/relayer/journal/messages.ts'
  );
  for (let batch = 0; batch < batches; batch++) {
    const wanted = queue.done() + JOBS_PER_BATCH;
    for (let job = 0; job < JOBS_PER_BATCH; job++) {
      await queue.add({ kind: 'release', id: `${batch} ${job}` });
    }
    await finalMessageCount(database, CHAIN);
    const fromIndex = BigInt((batch * PORTION) % PENDING);
    const range = { chainId: CHAIN, fromIndex, toBlock: ANY_BLOCK, limit: PORTION };
    await recordSteps(database, await finalMessages(database, range), 'replayed-to-proven-head');
    while (queue.done() < wanted) await sleep(5);
  }
}

function say(what: string): void {
  const status = readFileSync('/proc/self/status', 'utf8');
  const mib = (name: string) =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  const step = { what, residentMiB: mib('VmRSS'), peakMiB: mib('VmHWM') };
  process.stdout.write(`${JSON.stringify(step)}\n`);
}
