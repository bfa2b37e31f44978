import type { CommitSeen, ReleaseSeen } from '../chains/shared/decode-logs.ts';
import { payoutEvents } from '../chains/shared/payout-events.ts';
import { type Step, stepsOf, type TransferEvent } from '../protocol/transfer-state.ts';
import {
  isOfTransfer,
  isRefund,
  refundMark,
  type TransferRef,
  type TransferTags,
} from '../protocol/transfer-tags.ts';
import type { Hex } from '../shared/bytes.ts';
import type { LogIndex } from './log-index.ts';

/** A step that a transfer has made, and where that can be read. What holds one up is in the relayer's journal only. */
export interface StateChange extends Step {
  readonly chainId: bigint;
  /** The block that shows it; for `verified`, whose place is an enclave, the deposit's. */
  readonly blockNumber: number;
  /** The transaction that did it; undefined where that is not on a chain, or a look does not tell. */
  readonly transactionHash?: Hex;
  /** What was deposited, paid or put aside, in the smallest unit of `asset`. */
  readonly amount?: bigint;
  readonly asset?: Hex;
  /** Of a payout: its tag. */
  readonly tag?: Hex;
  /** Of a payout: set if it gives the deposit back. */
  readonly isRefund?: true;
  /** Of a payout: its place among all releases of the gateway. */
  readonly releaseIndex?: bigint;
}

/** What the views are computed from. */
export interface Sources {
  /** Logs of every gateway, and of the anchor with its chain's, by chain id. */
  readonly chains: ReadonlyMap<bigint, LogIndex>;
  readonly anchorChainId: bigint;
  /** Messages that an enclave has proven, by chain id; empty if no enclave was asked. */
  readonly ingested: ReadonlyMap<bigint, bigint>;
}

/** The public half of a transfer's life: from the deposit to the commit that consumed it. */
export function depositHistory(sources: Sources, ref: TransferRef): StateChange[] {
  const { chainId, index } = ref;
  const source = sources.chains.get(chainId);
  const deposit = source?.seen().messages.find((message) => message.index === index);
  const commit = findCommit(sources, ref);
  const committed = commit ? commitHistory(sources, commit) : [];
  if (!source || !deposit) return committed;
  const { blockNumber, transactionHash, amount, asset } = deposit;
  const isFinal = blockNumber <= source.finalizedNumber();
  const at = { chainId, blockNumber, transactionHash, amount, asset };
  const isVerified = commit !== undefined || (sources.ingested.get(chainId) ?? 0n) > index;
  return [
    ...changesAt(at, { kind: 'deposited', isFinal }),
    ...(isVerified ? changesAt({ chainId, blockNumber }, { kind: 'replayed' }) : []),
    ...committed,
  ];
}

/** The other half: what became of the releases with these tags, on whichever chain they are. */
export function payoutHistory(sources: Sources, tags: TransferTags): StateChange[] {
  return [...sources.chains].flatMap(([chainId, index]) => payoutsOn(chainId, index, tags));
}

function payoutsOn(chainId: bigint, index: LogIndex, tags: TransferTags): StateChange[] {
  const seen = index.seen();
  const releases = seen.releases.filter((release) => isOfTransfer(release, tags));
  const skips = seen.skips.filter((skip) => isOfTransfer(skip, tags));
  const refunds = new Set(
    [...releases, ...skips]
      .filter((one) => isRefund(one, refundMark(tags)))
      .map((one) => one.index),
  );
  const tagOf = new Map([...releases, ...skips].map((release) => [release.index, release.tag]));
  const isOurs = ({ index: at }: { readonly index: bigint }) => tagOf.has(at);
  const mark = refundMark(tags);
  const facts = {
    isFinal: (blockNumber: number) => blockNumber <= index.finalizedNumber(),
    isRefund: (release: ReleaseSeen) => isRefund(release, mark),
  };
  const assignments = seen.assignments.filter(isOurs);
  const ours = { releases, skips, assignments, claims: seen.claims.filter(isOurs) };
  const assetOf = new Map(releases.map(({ index: at, asset }) => [at, asset]));
  return payoutEvents(ours, facts).flatMap(({ index: releaseIndex, event, amount, ...at }) => {
    const tag = tagOf.get(releaseIndex);
    const asset = assetOf.get(releaseIndex);
    const back = refunds.has(releaseIndex) ? { isRefund: true as const } : {};
    const paid = { ...back, ...(amount !== undefined && { amount }), ...(asset && { asset }) };
    return changesAt({ chainId, ...at, releaseIndex, ...(tag && { tag }), ...paid }, event);
  });
}

function commitHistory(
  sources: Sources,
  { blockNumber, transactionHash }: CommitSeen,
): StateChange[] {
  const chainId = sources.anchorChainId;
  const finalized = sources.chains.get(chainId)?.finalizedNumber() ?? -1;
  const isFinal = blockNumber <= finalized;
  const at = { chainId, blockNumber, ...(transactionHash !== null && { transactionHash }) };
  return changesAt(at, { kind: 'committed', isFinal });
}

function findCommit(sources: Sources, { chainId, index }: TransferRef): CommitSeen | undefined {
  const commits = sources.chains.get(sources.anchorChainId)?.seen().commits ?? [];
  return commits.find(({ inputs }) =>
    inputs.some((cursor) => cursor.chainId === chainId && cursor.count > index),
  );
}

function changesAt(at: Omit<StateChange, keyof Step>, event: TransferEvent): StateChange[] {
  return stepsOf(event).map((step) => ({ ...step, ...at }));
}
