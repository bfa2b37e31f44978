import type { BridgedChain } from '../chains/shared/bridged-chain.ts';
import type { Commit } from '../protocol/commit.ts';
import { revealedCount } from '../relayer/journal/batches.ts';
import type { Database } from '../relayer/journal/database.ts';
import { type Hold, holdsOn } from '../relayer/journal/holds.ts';
import { newestCommit, readSoFar } from '../relayer/journal/lookups.ts';
import { countSubmissions, type SubmissionCount } from '../relayer/journal/submission-counts.ts';
import { spentInDay } from '../relayer/journal/submissions.ts';
import type { TraceCounts } from '../relayer/trace/trace-transfers.ts';
import type { AlarmVitals, LaneVitals, Vitals, WaitVitals } from '../relayer/vitals.ts';
import type { Hex } from '../shared/bytes.ts';
import type { Heads } from './heads.ts';
import { type Kept, within } from './kept.ts';
import type { ChainPlace } from './sources.ts';

/** A chain as it is measured. */
export interface ChainFacts {
  readonly name: string;
  readonly chainId: bigint;
  /** Seconds that its messages have to become final. */
  readonly lagSec: bigint;
  readonly head: number | undefined;
  readonly finalHead: number | undefined;
  readonly read: number | undefined;
  readonly sent: bigint;
  readonly released: bigint;
  /** Releases that there are with those of the journal's newest batch. */
  readonly revealed: bigint;
}

/** An account that submits, as it is measured. Amounts are in wei of 18 decimals. */
export interface AccountFacts {
  /** What the configuration calls its chain. */
  readonly chain: string;
  readonly account: Hex;
  readonly dayWei: bigint;
  readonly leastBalanceWei: bigint;
  readonly spentWei: bigint | undefined;
  readonly balanceWei: bigint | undefined;
}

/** What is sent to the nodes of a chain, or of what makes it final. */
export type RpcFacts = Pick<BridgedChain, 'name' | 'calls' | 'endpoints'>;

/** All that metrics are read off: what was known at one instant. */
export interface Facts {
  readonly lanes: readonly LaneVitals[];
  readonly waits: readonly WaitVitals[];
  readonly alarms: readonly AlarmVitals[];
  readonly chains: readonly ChainFacts[];
  readonly rpc: readonly RpcFacts[];
  readonly accounts: readonly AccountFacts[];
  readonly submissions: readonly SubmissionCount[];
  readonly commit: Pick<Commit, 'number' | 'round' | 'asOf'> | undefined;
  /** What an operator holds; undefined while the journal does not answer. */
  readonly holds: readonly Hold[] | undefined;
  /** From one commit to the next at most, while all is well. */
  readonly cadenceSec: bigint;
  readonly queue: Readonly<Record<string, number>>;
  /** Undefined where nobody is told of transfers. */
  readonly traces: TraceCounts | undefined;
  readonly memoryBytes: { readonly resident: number; readonly heap: number };
  /** The 99th percentile since the last look, in seconds. */
  readonly eventLoopLagSec: number;
  readonly upSec: number;
  readonly nowSec: number;
}

/** An account that submits, and what it may give out. */
export interface MeasuredAccount {
  readonly chain: Pick<BridgedChain, 'name' | 'chainId' | 'balanceWei'>;
  readonly signer: { readonly address: Hex };
  readonly limits: Pick<AccountFacts, 'dayWei' | 'leastBalanceWei'>;
}

/** What a relayer's metrics come from. */
export interface MetricSources {
  readonly vitals: Pick<Vitals, 'lanes' | 'waits' | 'alarms'>;
  readonly database: Database;
  readonly places: readonly ChainPlace[];
  readonly heads: Kept<Heads>;
  readonly rpc: readonly RpcFacts[];
  readonly accounts: readonly MeasuredAccount[];
  readonly cadenceSec: bigint;
  readonly traces?: { counts(): TraceCounts } | undefined;
  /** How many jobs are in which state. */
  queueCounts(): Promise<Readonly<Record<string, number>>>;
}

const DEADLINE_MS = 3000;
/** A chain that does not answer uses up the deadline of its own, and must not hide the others. */
const CHAINS_DEADLINE_MS = 5000;

/**
 * Looks up all that metrics are read off; what does not answer in time is left out.
 *
 * @param lagSec how late timers ran, in seconds
 */
export async function lookUpFacts(sources: MetricSources, lagSec: number): Promise<Facts> {
  const { vitals, database, queueCounts, rpc, cadenceSec } = sources;
  const [chains, accounts, submissions, commit, queue, holds] = await Promise.all([
    within(CHAINS_DEADLINE_MS, () => chainFacts(sources)),
    Promise.all(sources.accounts.map((account) => accountFacts(database, account))),
    within(DEADLINE_MS, () => countSubmissions(database)),
    within(DEADLINE_MS, () => newestCommit(database)),
    within(DEADLINE_MS, queueCounts),
    within(DEADLINE_MS, () => holdsOn(database)),
  ]);
  const { rss, heapUsed } = process.memoryUsage();
  return {
    lanes: vitals.lanes(),
    waits: vitals.waits(),
    alarms: vitals.alarms(),
    chains: chains ?? [],
    rpc,
    accounts,
    submissions: submissions ?? [],
    commit,
    holds,
    cadenceSec,
    queue: queue ?? {},
    traces: sources.traces?.counts(),
    memoryBytes: { resident: rss, heap: heapUsed },
    eventLoopLagSec: Number.isFinite(lagSec) ? lagSec : 0,
    upSec: process.uptime(),
    nowSec: Math.floor(Date.now() / 1000),
  };
}

async function chainFacts({ places, heads, database }: MetricSources): Promise<ChainFacts[]> {
  const views = await heads.get();
  return await Promise.all(
    places.map(async ({ name, chainId, lagSec }) => {
      const { blockNumber: read, sent, released } = await readSoFar(database, chainId);
      const revealed = await revealedCount(database, chainId);
      const { head, finalHead } = views.get(chainId) ?? {};
      return { name, chainId, lagSec, head, finalHead, read, sent, released, revealed };
    }),
  );
}

async function accountFacts(
  database: Database,
  { chain, signer, limits }: MeasuredAccount,
): Promise<AccountFacts> {
  const { chainId, name } = chain;
  const account = signer.address;
  const [spentWei, balanceWei] = await Promise.all([
    within(DEADLINE_MS, () => spentInDay(database, { chainId, account })),
    within(DEADLINE_MS, () => chain.balanceWei(account)),
  ]);
  const { dayWei, leastBalanceWei } = limits;
  return { chain: name, account, dayWei, leastBalanceWei, spentWei, balanceWei };
}
