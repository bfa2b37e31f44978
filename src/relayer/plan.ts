import type { EnclaveStatus } from '../protocol/enclave-commands.ts';
import { type Bridge, type Side, sidesOf } from './bridge.ts';
import { fetchAnchoredState } from './commit/fetch-anchored.ts';
import { lastFinalCommit, unrevealedCommits } from './journal/commits.ts';
import { finalMessageCount } from './journal/messages.ts';
import { ingestedCount } from './prove/prove-messages.ts';
import type { JobRef } from './queue/job-queue.ts';
import { nextBatch } from './submit/release-batches.ts';

/** Final blocks that Polkadot's light client may stay behind while nothing has to be proven. */
const MAX_LAG_BLOCKS = 200;

/**
 * The work there is, read off the chains, the enclaves and the journal each time: a job that was lost is found again
 * at the next look, and one too many does nothing.
 */
export async function planJobs(bridge: Bridge): Promise<JobRef[]> {
  const settled = await Promise.allSettled(
    bridge.enclaves.map(({ client }) => client.ask('status', {})),
  );
  const statuses = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const [leader] = statuses;
  const lists = await Promise.all([
    ...sidesOf(bridge).map((side) => planReleases(bridge, side)),
    ...sidesOf(bridge).map((side) => planProofs(bridge, side, statuses)),
    planFollowing(bridge, statuses),
    planConfirmation(bridge, statuses),
    leader === undefined ? [] : planCommit(bridge, leader),
  ]);
  return lists.flat();
}

async function planReleases(bridge: Bridge, side: Side): Promise<JobRef[]> {
  const next = await nextBatch(bridge, side);
  return next === undefined ? [] : [{ kind: 'release', id: `${side.chain.chainId}` }];
}

async function planProofs(
  { database }: Bridge,
  { chain }: Side,
  statuses: readonly EnclaveStatus[],
): Promise<JobRef[]> {
  const final = await finalMessageCount(database, chain.chainId);
  const isBehind = statuses.some((status) => ingestedCount(status, chain.chainId) < final);
  return isBehind ? [{ kind: 'prove', id: `${chain.chainId}` }] : [];
}

/** Light clients that would miss a committee, or fall far behind, although nobody sends anything. */
async function planFollowing(
  { ethereum, polkadot }: Bridge,
  statuses: readonly EnclaveStatus[],
): Promise<JobRef[]> {
  const [newest, slots, final] = await Promise.all([
    ethereum.chain.beacon.finalityUpdate(),
    ethereum.chain.beacon.slotsPerPeriod(),
    polkadot.chain.finalityHead(),
  ]);
  const period = newest && Math.floor(newest.finalizedSlot / slots);
  const mustFollowEthereum = statuses.some(
    ({ ethereum: at }) => at === null || (period !== undefined && period > Number(at.period)),
  );
  const mustFollowPolkadot = statuses.some(
    ({ polkadot: at }) => final.number > Number(at.finalizedNumber) + MAX_LAG_BLOCKS,
  );
  return [
    ...(mustFollowEthereum ? [{ kind: 'follow', id: 'ethereum' } as const] : []),
    ...(mustFollowPolkadot ? [{ kind: 'follow', id: 'polkadot' } as const] : []),
  ];
}

async function planConfirmation(
  { database }: Bridge,
  statuses: readonly EnclaveStatus[],
): Promise<JobRef[]> {
  const final = await lastFinalCommit(database);
  if (final === undefined) return [];
  const isBehind = statuses.some(({ ledger }) => ledger.number < final);
  const [unrevealed] = await unrevealedCommits(database, final);
  return isBehind || unrevealed !== undefined ? [{ kind: 'confirm', id: `${final}` }] : [];
}

async function planCommit(bridge: Bridge, { ledger, ...leader }: EnclaveStatus): Promise<JobRef[]> {
  const isWaiting = ledger.inputs.some(
    ({ chainId, count }) => ingestedCount({ ledger, ...leader }, chainId) > count,
  );
  if (!isWaiting || (await fetchAnchoredState(bridge)) !== ledger.stateId) return [];
  return [{ kind: 'commit', id: `${ledger.number + 1n}` }];
}
