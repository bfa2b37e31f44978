import type { EnclaveStatus } from '../protocol/enclave-commands.ts';
import type { Bridge, Side } from './bridge.ts';
import { isCommitDue } from './commit/is-commit-due.ts';
import { releasedAt } from './commit/reveal-batches.ts';
import { batchAfter } from './journal/batches.ts';
import { lastFinalCommit } from './journal/commits.ts';
import { type Hold, holdsOn, isBatchHeld, isLaneHeld } from './journal/holds.ts';
import { finalMessageCount } from './journal/messages.ts';
import { laneOf } from './lanes.ts';
import { lightClientOf } from './prove/advance.ts';
import { isBehind } from './prove/outbox.ts';
import type { JobRef } from './queue/job-queue.ts';
import { isSnapshotDue } from './snapshot/keep-snapshot.ts';
import { noteHeld } from './submit/release-batches.ts';

/** What takes longer than this to answer is looked at next time. */
const LOOK_MS = 15_000;

/** The part of the bridge that says what there is to do. */
export type PlannedBridge = Pick<
  Bridge,
  | 'sides'
  | 'finality'
  | 'anchor'
  | 'enclaves'
  | 'schedule'
  | 'commitEverySec'
  | 'snapshotEveryCommits'
  | 'database'
  | 'clock'
  | 'log'
  | 'vitals'
>;

/**
 * The work there is, read off the chains, the enclaves and the journal each time: a job that was lost is found again
 * at the next look, and one too many does nothing. Whatever cannot be seen now does not hide the rest.
 */
export async function planJobs(bridge: PlannedBridge): Promise<JobRef[]> {
  const held = await look(bridge, "the operator's holds", () => holdsOn(bridge.database));
  const found = await findJobs(bridge, held);
  return found.filter((job) => !isLaneHeld(held, laneOf(bridge, job)));
}

async function findJobs(bridge: PlannedBridge, held: readonly Hold[]): Promise<JobRef[]> {
  const settled = await Promise.allSettled(
    bridge.enclaves.map(({ client }) =>
      look(bridge, `status of ${client.address}`, () => client.ask('status', {})),
    ),
  );
  const statuses = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const looks: (readonly [string, () => Promise<JobRef[]>])[] = [
    ...bridge.sides.flatMap((side): typeof looks => [
      [`releases of ${side.chain.name}`, () => planRelease(bridge, side, { statuses, held })],
      [`messages of ${side.chain.name}`, () => planProof(bridge, side, statuses)],
    ]),
    ...[...bridge.finality.keys()].map((client): (typeof looks)[number] => [
      `finality of ${client}`,
      () => planFollowing(bridge, client, statuses),
    ]),
    ['commits to confirm', () => planConfirmation(bridge, statuses)],
    ['commits that are due', () => planCommit(bridge, statuses)],
    ['snapshots', () => planSnapshot(bridge, statuses)],
  ];
  const lists = await Promise.allSettled(looks.map(([what, work]) => look(bridge, what, work)));
  return lists.flatMap((list) => {
    if (list.status === 'fulfilled') return list.value;
    bridge.log.warn({ err: list.reason }, 'cannot see all that there is to do');
    return [];
  });
}

function look<T>({ vitals }: PlannedBridge, what: string, work: () => Promise<T>): Promise<T> {
  return vitals.wait(`a look at ${what}`, LOOK_MS, work);
}

/** The batch that the gateway waits for is in the journal, or an enclave's ledger has it. */
async function planRelease(
  bridge: PlannedBridge,
  side: Side,
  {
    statuses,
    held,
  }: { readonly statuses: readonly EnclaveStatus[]; readonly held: readonly Hold[] },
): Promise<JobRef[]> {
  const id = `${side.chain.chainId}`;
  const at = await releasedAt(side);
  const next = await batchAfter(bridge.database, side.chain.chainId, at.head);
  if (next !== undefined && isBatchHeld(held, next.batch)) {
    await noteHeld(bridge, side, { ...next.batch, reason: 'held-by-operator' });
    return [];
  }
  if (next !== undefined) return [{ kind: 'release', id }];
  const isOutstanding = statuses.some(({ ledger }) =>
    ledger.released.some((one) => `${one.chainId}` === id && one.position.count > at.count),
  );
  return isOutstanding ? [{ kind: 'reveal', id }] : [];
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
  return statuses.some(({ ledger }) => ledger.number < final)
    ? [{ kind: 'confirm', id: `${final}` }]
    : [];
}

/** The first that answers leads. */
async function planCommit(
  bridge: PlannedBridge,
  [leader]: readonly EnclaveStatus[],
): Promise<JobRef[]> {
  if (leader === undefined || !(await isCommitDue(bridge, leader))) return [];
  return [{ kind: 'commit', id: `${leader.ledger.number + 1n}` }];
}

async function planSnapshot(
  bridge: PlannedBridge,
  [leader]: readonly EnclaveStatus[],
): Promise<JobRef[]> {
  if (leader === undefined || !(await isSnapshotDue(bridge, leader))) return [];
  return [{ kind: 'snapshot', id: `${leader.ledger.number}` }];
}
