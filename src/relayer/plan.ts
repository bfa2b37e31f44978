import type { FinalitySource } from '../chains/shared/finality-source.ts';
import type { EnclaveStatus } from '../protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine, Side } from './bridge.ts';
import { isCommitDue } from './commit/is-commit-due.ts';
import { producedCount, releasedAt } from './commit/reveal-batches.ts';
import { batchAfter } from './journal/batches.ts';
import { lastFinalCommit } from './journal/commits.ts';
import { holdsOn, isBatchHeld } from './journal/holds.ts';
import { finalMessageCount } from './journal/messages.ts';
import { lightClientOf } from './prove/advance.ts';
import { isBehind } from './prove/outbox.ts';
import type { JobRef } from './queue/job-queue.ts';
import { leading } from './quorum/shared-ledger.ts';
import type { Standing } from './quorum/status-board.ts';
import { isSnapshotDue } from './snapshot/keep-snapshot.ts';
import { noteHeld } from './submit/note-held.ts';
import { codeOf } from './unexpected-error.ts';

/** The part of the bridge that says what there is to do. */
export type PlannedBridge = Pick<
  Bridge,
  | 'sides'
  | 'finality'
  | 'anchor'
  | 'board'
  | 'quorum'
  | 'schedule'
  | 'commitEverySec'
  | 'snapshotEveryCommits'
  | 'database'
  | 'clock'
  | 'log'
  | 'vitals'
>;

/** A place to look for work at: one that hangs or fails hides nothing of what the others see. */
export interface Look {
  /** What is looked at. */
  readonly name: string;
  /** The work there is, read off chains, enclaves and journal each time: a job that was lost is found again. */
  find(): Promise<JobRef[]>;
}

/** Hears of a batch that its gateway waits for and the operator holds. */
export type TellHeld = typeof noteHeld;

/**
 * Everywhere that a bridge's work is found.
 *
 * @param tellHeld left out, it is journaled that a batch is held
 */
export function looksOf(bridge: PlannedBridge, tellHeld: TellHeld = noteHeld): Look[] {
  return [
    ...bridge.sides.flatMap((side): Look[] => [
      { name: `releases of ${side.chain.name}`, find: () => planRelease(bridge, side, tellHeld) },
      { name: `messages of ${side.chain.name}`, find: () => planProof(bridge, side) },
    ]),
    ...[...bridge.finality.keys()].map((client) => ({
      name: `finality of ${client}`,
      find: () => planFollowing(bridge, client),
    })),
    { name: 'commits to confirm', find: () => planConfirmation(bridge) },
    { name: 'commits that are due', find: () => planCommit(bridge) },
    { name: 'snapshots', find: () => planSnapshot(bridge) },
  ];
}

/** The batch that the gateway waits for is in the journal, or so many enclaves say that there is one as have to sign it. */
async function planRelease(
  bridge: PlannedBridge,
  side: Side,
  tellHeld: TellHeld,
): Promise<JobRef[]> {
  const { chain, gateway } = side;
  const id = `${chain.chainId}`;
  const at = await releasedAt(side);
  const next = await batchAfter(bridge.database, chain.chainId, at.head);
  if (next !== undefined && isBatchHeld(await holdsOn(bridge.database), next.batch)) {
    await tellHeld(bridge, side, { ...next.batch, reason: 'held-by-operator' });
    return [];
  }
  if (next !== undefined) return [{ kind: 'release', id }];
  const knowing = (await bridge.board.standings()).filter(
    ({ status }) => producedCount(status, chain.chainId) > at.count,
  );
  if (knowing.length === 0) return [];
  const { threshold } = await bridge.quorum.rulesOf({ chain, address: gateway });
  return knowing.length >= threshold ? [{ kind: 'reveal', id }] : [];
}

async function planProof({ database, board }: PlannedBridge, { chain }: Side): Promise<JobRef[]> {
  const { chainId } = chain;
  const final = await finalMessageCount(database, chainId);
  return jobsFor(await board.standings(), { kind: 'prove', id: `${chainId}` }, (status) =>
    isBehind(status, chainId, final),
  );
}

/** A light client that would miss what it needs, or fall far behind, although nobody sends anything. */
async function planFollowing(
  { finality, board }: PlannedBridge,
  client: string,
): Promise<JobRef[]> {
  const due = new Map<EnclaveStatus, boolean>();
  const standings = await board.standings();
  const source = finality.get(client);
  for (const { status } of standings) {
    due.set(status, source !== undefined && (await isDueOf(source, status, client)));
  }
  return jobsFor(standings, { kind: 'follow', id: client }, (status) => due.get(status) ?? false);
}

/** One whose light client is none, or another, has its own lane find that out. */
async function isDueOf(
  source: FinalitySource,
  status: EnclaveStatus,
  client: string,
): Promise<boolean> {
  try {
    return await source.isDue(lightClientOf(status, client));
  } catch (error) {
    if (OF_THE_ENCLAVE.has(codeOf(error))) return true;
    throw error;
  }
}

const OF_THE_ENCLAVE: ReadonlySet<string> = new Set([
  'RELAYER_CLIENT_UNKNOWN',
  'CHAIN_CLIENT_MISMATCH',
]);

async function planConfirmation({ database, board, anchor }: PlannedBridge): Promise<JobRef[]> {
  const final = await lastFinalCommit(database);
  if (final === undefined) return [];
  const job = { kind: 'confirm', id: bridgeId(anchor) } as const;
  return jobsFor(await board.standings(), job, ({ ledger }) => ledger.number < final);
}

function jobsFor(
  standings: readonly Standing<EnclaveLine>[],
  job: JobRef,
  isFor: (status: EnclaveStatus) => boolean,
): JobRef[] {
  return standings
    .filter(({ status }) => isFor(status))
    .map(({ line }) => ({ ...job, enclave: line.name }));
}

async function planCommit(bridge: PlannedBridge): Promise<JobRef[]> {
  const leader = await leaderOf(bridge);
  if (leader === undefined || !(await isCommitDue(bridge, leader))) return [];
  return [{ kind: 'commit', id: bridgeId(bridge.anchor) }];
}

async function planSnapshot(bridge: PlannedBridge): Promise<JobRef[]> {
  const leader = await leaderOf(bridge);
  if (leader === undefined || !(await isSnapshotDue(bridge, leader))) return [];
  return [{ kind: 'snapshot', id: bridgeId(bridge.anchor) }];
}

/** One of the enclaves that lead; undefined while too few share a ledger. */
async function leaderOf({
  anchor,
  board,
  quorum,
}: PlannedBridge): Promise<EnclaveStatus | undefined> {
  const { side, address } = anchor;
  const { threshold } = await quorum.rulesOf({ chain: side.chain, address });
  return leading(await board.standings(), threshold)[0]?.status;
}

/** What is of the whole bridge is named after the chain of its anchor. */
function bridgeId({ side }: Bridge['anchor']): string {
  return `${side.chain.chainId}`;
}
