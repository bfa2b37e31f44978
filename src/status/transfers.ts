import { hindmost } from '../protocol/explain.ts';
import { currentStep, messageSubject, releaseSubject } from '../protocol/transfer-state.ts';
import {
  changesOf,
  claimsOf,
  commitsInBlock,
  messageAt,
  messagesOfTransaction,
  newestCommit,
  type PlaceInChain,
  publicReleasesOf,
  type ReleaseRow,
  releaseAt,
  releasesWithTags,
} from '../relayer/journal/lookups.ts';
import type { MessageRow } from '../relayer/journal/messages.ts';
import type { JournaledChange } from '../relayer/journal/state-changes.ts';
import type { Hex } from '../shared/bytes.ts';
import type { EtaAnswer, PayoutAnswer, TransferAnswer } from './answers.ts';
import {
  describeStanding,
  describeStep,
  messageTransactions,
  payoutTransactions,
} from './describe.ts';
import { type AwaitedFinality, type Estimated, estimate } from './estimate.ts';
import type { Heads } from './heads.ts';
import { type Life, livesOf } from './history.ts';
import type { Kept } from './kept.ts';
import type { ChainPlace, StatusSources } from './sources.ts';

/** What answers about transfers come from. */
export interface Looking {
  readonly sources: StatusSources;
  readonly heads: Kept<Heads>;
  readonly history: Kept<readonly Life[]>;
}

/** What one answer has at most of what may be many. */
const MOST = 64;

/** A transfer by its chain and its place in that chain's outbox; undefined if the journal has none there. */
export async function findTransfer(
  looking: Looking,
  place: PlaceInChain,
): Promise<TransferAnswer | undefined> {
  const row = await messageAt(looking.sources.database, place);
  return row && (await describeTransfer(looking, row));
}

/** The transfers that a transaction began, in order, at most {@link MOST}. @param hash 32 bytes */
export async function findTransfersOf(looking: Looking, hash: Hex): Promise<TransferAnswer[]> {
  const rows = await messagesOfTransaction(looking.sources.database, hash, MOST);
  const found: TransferAnswer[] = [];
  for (const row of rows) {
    const transfer = await describeTransfer(looking, row);
    if (transfer !== undefined) found.push(transfer);
  }
  return found;
}

/** The payouts under a tag, on every chain, at most {@link MOST}. @param tag 32 bytes */
export async function findPayoutsOf(looking: Looking, tag: Hex): Promise<PayoutAnswer[]> {
  return await describeAll(looking, await releasesWithTags(looking.sources.database, [tag], MOST));
}

/** A payout by its chain and its place among its releases; undefined if the journal has none there. */
export async function findPayout(
  looking: Looking,
  place: PlaceInChain,
): Promise<PayoutAnswer | undefined> {
  const row = await releaseAt(looking.sources.database, place);
  return row && (await describePayout(looking, row));
}

async function describeAll(looking: Looking, rows: readonly ReleaseRow[]): Promise<PayoutAnswer[]> {
  const found: PayoutAnswer[] = [];
  for (const row of rows) {
    const payout = await describePayout(looking, row);
    if (payout !== undefined) found.push(payout);
  }
  return found;
}

async function describeTransfer(
  looking: Looking,
  row: MessageRow,
): Promise<TransferAnswer | undefined> {
  const { sources } = looking;
  const { chainId, index, destination } = row;
  const subject = messageSubject(chainId, index);
  const changes = await changesOf(sources.database, [subject]);
  const current = currentStep(changes);
  if (current === undefined) return undefined;
  const payouts = await describeAll(looking, await publicPayouts(sources, row));
  const standing = describeStanding(subject, changes, await transferEta(looking, row, current));
  if (standing === undefined) return undefined;
  const committed = changes.find(({ reason }) => reason === 'commit-included');
  const commits = committed ? await commitsInBlock(sources.database, committed.blockNumber) : [];
  return {
    id: `${chainId}/${index}`,
    chainId: `${chainId}`,
    index: `${index}`,
    sentAtSec: Number(row.sentAtSec),
    sender: row.sender,
    refundTo: row.refundTo,
    asset: row.asset,
    amount: `${row.amount}`,
    fee: `${row.fee}`,
    destination: destination === 0n ? null : `${destination}`,
    blockNumber: row.blockNumber,
    isFinal: row.isFinal,
    transactionHash: row.transactionHash,
    ...(standingOf(payouts) ?? standing),
    steps: changes.map((change) => describeStep(change, messageTransactions(row, commits))),
    payouts,
  };
}

/** Where a transfer with payouts is: where the hindmost of them is. */
function standingOf(payouts: readonly PayoutAnswer[]) {
  const last = hindmost(payouts);
  if (last === undefined) return undefined;
  const { state, reason, standing, cause, isOver, next, eta } = last;
  return { state, reason, standing, cause, isOver, next, eta };
}

/** What everyone can tie to a message: what pays a transparent one, and what gives it back. */
async function publicPayouts(
  { database, places }: StatusSources,
  { chainId, index }: PlaceInChain,
): Promise<ReleaseRow[]> {
  const source = places.find((place) => place.chainId === chainId);
  if (source === undefined) return [];
  return await publicReleasesOf(database, { chainId, index, gateway: source.gateway }, MOST);
}

async function describePayout(
  looking: Looking,
  row: ReleaseRow,
): Promise<PayoutAnswer | undefined> {
  const { database } = looking.sources;
  const { chainId, index } = row;
  const subject = releaseSubject(chainId, index);
  const changes = await changesOf(database, [subject]);
  const current = currentStep(changes);
  if (current === undefined) return undefined;
  const standing = describeStanding(subject, changes, await payoutEta(looking, row, current));
  if (standing === undefined) return undefined;
  const claims = await claimsOf(database, row);
  return {
    id: `${chainId}/${index}`,
    chainId: `${chainId}`,
    index: `${index}`,
    tag: row.tag,
    isRefund: row.skipReason !== null || changes.some(({ state }) => state === 'refunded'),
    asset: row.asset,
    recipient: row.recipient,
    paid: `${row.paid}`,
    deferred: `${row.deferred}`,
    blockNumber: row.blockNumber,
    isFinal: row.isFinal,
    transactionHash: row.transactionHash,
    timeSec: row.timeSec === null ? null : Number(row.timeSec),
    ...standing,
    steps: changes.map((change) => describeStep(change, payoutTransactions(row, claims))),
    claims: claims.map(({ recipient, amount, left, ...claim }) => ({
      recipient,
      amount: `${amount}`,
      left: `${left}`,
      blockNumber: claim.blockNumber,
      isFinal: claim.isFinal,
      transactionHash: claim.transactionHash,
    })),
  };
}

async function transferEta(
  looking: Looking,
  { chainId, destination: paysOn, sentAtSec }: MessageRow,
  current: JournaledChange,
): Promise<EtaAnswer | undefined> {
  const { places } = looking.sources;
  const source = places.find((place) => place.chainId === chainId);
  const destination = paysOn === 0n ? null : paysOn;
  return await eta(looking, current, {
    until: destination === null ? 'anchored' : 'confirmed',
    direction: { source: chainId, destination },
    source: source && { lagSec: source.lagSec, sentAtSec },
  });
}

async function payoutEta(
  looking: Looking,
  { chainId }: ReleaseRow,
  current: JournaledChange,
): Promise<EtaAnswer | undefined> {
  const direction = { source: null, destination: chainId };
  return await eta(looking, current, { until: 'confirmed', direction, source: undefined });
}

interface Awaited extends Pick<Estimated, 'until' | 'source'> {
  readonly direction: Pick<Life, 'source' | 'destination'>;
}

async function eta(
  { sources, heads, history }: Looking,
  { state, atMs, blockNumber }: JournaledChange,
  { until, direction, source }: Awaited,
): Promise<EtaAnswer | undefined> {
  const [views, lives, commit] = await Promise.all([
    heads.get(),
    history.get(),
    newestCommit(sources.database),
  ]);
  const finalityOf = (chainId: bigint | null | undefined): AwaitedFinality | undefined => {
    const { head, rule } = (chainId != null && views.get(chainId)) || {};
    return head === undefined || rule === undefined ? undefined : { head, rule };
  };
  return estimate({
    state,
    sinceMs: atMs,
    nowMs: sources.nowMs(),
    blockNumber,
    until,
    lives: livesOf(lives, direction),
    source,
    schedule: sources.schedule,
    nextCommitSec: commit && commit.asOf + sources.commitEverySec,
    finality: {
      source: finalityOf(direction.source),
      anchor: finalityOf(anchorOf(sources.places)?.chainId),
      destination: finalityOf(direction.destination),
    },
  });
}

/** The chain that keeps the log of commits. */
export function anchorOf(places: readonly ChainPlace[]): ChainPlace | undefined {
  return places.find(({ isAnchor }) => isAnchor);
}
