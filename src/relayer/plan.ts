import type { EnclaveStatus } from '../protocol/enclave-commands.ts';
import type { Bridge, Side } from './bridge.ts';
import { fetchAnchoredState } from './commit/fetch-anchored.ts';
import { lastFinalCommit, unrevealedCommits } from './journal/commits.ts';
import { finalMessageCount } from './journal/messages.ts';
import { lightClientOf } from './prove/advance.ts';
import { ingestedCount, isBehind } from './prove/outbox.ts';
import type { JobRef } from './queue/job-queue.ts';
import { nextBatch } from './submit/release-batches.ts';

/** The part of the bridge that says what there is to do. */
export type PlannedBridge = Pick<
  Bridge,
  'sides' | 'finality' | 'anchor' | 'enclaves' | 'database' | 'log'
>;

/**
 * The work there is, read off the chains, the enclaves and the journal each time: a job that was lost is found again
 * at the next look, and one too many does nothing. Whatever cannot be seen now does not hide the rest.
 */
export async function planJobs(bridge: PlannedBridge): Promise<JobRef[]> {
  const settled = await Promise.allSettled(
    bridge.enclaves.map(({ client }) => client.ask('status', {})),
  );
  const statuses = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const lists = await Promise.allSettled([
    ...bridge.sides.map((side) => planRelease(bridge, side)),
    ...bridge.sides.map((side) => planProof(bridge, side, statuses)),
    ...[...bridge.finality.keys()].map((client) => planFollowing(bridge, client, statuses)),
    planConfirmation(bridge, statuses),
    planCommit(bridge, statuses),
  ]);
  return lists.flatMap((list) => {
    if (list.status === 'fulfilled') return list.value;
    bridge.log.warn({ err: list.reason }, 'cannot see all that there is to do');
    return [];
  });
}

async function planRelease(bridge: PlannedBridge, side: Side): Promise<JobRef[]> {
  const next = await nextBatch(bridge, side);
  return next === undefined ? [] : [{ kind: 'release', id: `${side.chain.chainId}` }];
}

async function planProof(
  { database }: PlannedBridge,
  { chain }: Side,
  statuses: readonly EnclaveStatus[],
): Promise<JobRef[]> {
  const final = await finalMessageCount(database, chain.chainId);
  const isDue = statuses.some((status) => isBehind(status, chain.chainId, final));
  return isDue ? [{ kind: 'prove', id: `${chain.chainId}` }] : [];
}

/** A light client that would miss what it needs, or fall far behind, although nobody sends anything. */
async function planFollowing(
  { finality }: PlannedBridge,
  client: string,
  statuses: readonly EnclaveStatus[],
): Promise<JobRef[]> {
  const dues = statuses.map((status) => finality.get(client)?.isDue(lightClientOf(status, client)));
  return (await Promise.all(dues)).includes(true) ? [{ kind: 'follow', id: client }] : [];
}

async function planConfirmation(
  { database }: PlannedBridge,
  statuses: readonly EnclaveStatus[],
): Promise<JobRef[]> {
  const final = await lastFinalCommit(database);
  if (final === undefined) return [];
  const isBehind = statuses.some(({ ledger }) => ledger.number < final);
  const [unrevealed] = await unrevealedCommits(database, final);
  return isBehind || unrevealed !== undefined ? [{ kind: 'confirm', id: `${final}` }] : [];
}

/** The first that answers leads. */
async function planCommit(
  bridge: PlannedBridge,
  [leader]: readonly EnclaveStatus[],
): Promise<JobRef[]> {
  if (leader === undefined) return [];
  const { inputs, stateId, number } = leader.ledger;
  const isWaiting = inputs.some(({ chainId, count }) => ingestedCount(leader, chainId) > count);
  if (!isWaiting || (await fetchAnchoredState(bridge)) !== stateId) return [];
  return [{ kind: 'commit', id: `${number + 1n}` }];
}
