import type { Database } from '../relayer/journal/database.ts';
import { probeJournal } from '../relayer/journal/probe.ts';
import type { Vitals } from '../relayer/vitals.ts';
import type { Heads } from './heads.ts';
import type { Check } from './health.ts';
import type { Kept } from './kept.ts';
import type { ChainPlace } from './sources.ts';

/** What a relayer's readiness is seen by. */
export interface RelayerParts {
  readonly vitals: Pick<Vitals, 'lanes' | 'alarms'>;
  readonly database: Database;
  readonly places: readonly ChainPlace[];
  readonly heads: Kept<Heads>;
  /** Sends a job through the queue and waits until somebody has done it. */
  sendCanary(): Promise<void>;
  /** Asks each enclave how it is; by what it is called. */
  readonly enclaves: ReadonlyMap<string, () => Promise<unknown>>;
}

/** A chain that makes no block for so long has stopped, or its node has. */
const HEAD_AGE_MS = 180_000;

/**
 * The checks of a relayer. They prove work: a row is written, a job goes through the queue, heads go on, enclaves answer; lanes that
 * halted or fail, and alarms, are named.
 *
 * @param nowMs a clock that only goes forward
 */
export function relayerChecks(
  parts: RelayerParts,
  nowMs: () => number = () => performance.now(),
): Check[] {
  const { vitals, database, places, heads, enclaves, sendCanary } = parts;
  return [
    {
      name: 'journal',
      means: 'the database takes no row',
      run: () => fine(probeJournal(database)),
    },
    { name: 'queue', means: 'no job goes through it', run: () => fine(sendCanary()) },
    ...places.map((place) => headCheck(place, heads, nowMs)),
    ...places.map((place) => finalityCheck(place, heads)),
    ...[...enclaves].map(([name, ask]) => ({
      name: `enclave ${name}`,
      means: 'it does not say how it is',
      run: () => fine(ask()),
    })),
    {
      name: 'lanes',
      run: async () =>
        vitals
          .lanes()
          .filter(({ state }) => state === 'halted')
          .map(({ name, failedWith }) => `${name} has halted with ${failedWith}`),
    },
    {
      name: 'alarms',
      run: async () => vitals.alarms().map(({ name, code }) => `${name}: ${code}`),
    },
  ];
}

async function fine(work: Promise<unknown>): Promise<readonly string[]> {
  await work;
  return [];
}

function finalityCheck({ name, chainId }: ChainPlace, heads: Kept<Heads>): Check {
  return {
    name: `finality of ${name}`,
    run: async () => {
      const view = (await heads.get()).get(chainId);
      // A chain that does not answer is named as such.
      if (view === undefined || view.finalHead !== undefined) return [];
      return ['no node tells what is final'];
    },
  };
}

function headCheck({ name, chainId }: ChainPlace, heads: Kept<Heads>, nowMs: () => number): Check {
  let last = { head: -1, atMs: nowMs() };
  return {
    name: `chain ${name}`,
    run: async () => {
      const view = (await heads.get()).get(chainId);
      if (view === undefined) return ['no node answers'];
      if (view.head !== last.head) last = { head: view.head, atMs: nowMs() };
      const ageMs = nowMs() - last.atMs;
      if (ageMs <= HEAD_AGE_MS) return [];
      return [`block ${view.head} has been the newest for ${Math.round(ageMs / 1000)} s`];
    },
  };
}
