import { ANCHOR_ABI, GATEWAY_ABI } from '../chains/shared/abi.ts';
import type { ContractLog } from '../chains/shared/bridged-chain.ts';
import {
  DEFER_REASONS,
  type DeferReason,
  type TransferState as JournalState,
} from '../protocol/transfer-state.ts';
import type { Hex } from '../shared/bytes.ts';
import type { LogIndex } from './log-index.ts';

/** Where a transfer is, as the chains show it; what holds one up is in the relayer's journal only. */
export type TransferState = Exclude<JournalState, 'held' | 'quarantined'> | 'refunded';

/** A step that a transfer has made, and where that can be read. */
export interface StateChange {
  readonly state: TransferState;
  readonly chainId: bigint;
  /** The block that shows it; for `verified`, whose place is an enclave, the source's final block. */
  readonly blockNumber: number;
  /** For `claimable`: why the gateway put the payout aside. */
  readonly reason?: DeferReason;
  /** Of a payout: its tag. */
  readonly tag?: Hex;
  /** Of a payout: its place among all releases of the gateway. */
  readonly releaseIndex?: bigint;
}

/** Which deposit: the chain that took it and its place in that chain's outbox. */
export interface TransferRef {
  readonly chainId: bigint;
  readonly index: bigint;
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
  const source = sources.chains.get(ref.chainId);
  const deposit = source?.logs().find((log) => isDeposit(log, ref.index));
  if (!source || !deposit) return [];
  const { chainId } = ref;
  const changes: StateChange[] = [{ state: 'observed', chainId, blockNumber: deposit.blockNumber }];
  if (deposit.blockNumber > source.finalizedNumber()) return changes;
  changes.push({ state: 'finalised', chainId, blockNumber: deposit.blockNumber });
  const commit = findCommit(sources, ref);
  if (commit || (sources.ingested.get(chainId) ?? 0n) > ref.index) {
    changes.push({ state: 'verified', chainId, blockNumber: deposit.blockNumber });
  }
  return commit ? [...changes, ...commitHistory(sources, commit)] : changes;
}

/** The other half: what became of the payouts with these tags, on whichever chain they are. */
export function payoutHistory(sources: Sources, tags: readonly Hex[]): StateChange[] {
  return [...sources.chains].flatMap(([chainId, index]) => {
    const payouts = index.logs().filter((log) => tags.includes(tagOf(log)));
    return payouts.flatMap((log) => payoutChanges(log, chainId, index.finalizedNumber()));
  });
}

/** The transfer that a deposit's receipt made. */
export function transferOf(
  chainId: bigint,
  gateway: Hex,
  logs: readonly ContractLog[],
): TransferRef | undefined {
  const deposit = logs.find((log) => log.address === gateway && nameOf(log) === 'Deposited');
  const index = deposit && GATEWAY_ABI.parseLog(mutable(deposit))?.args['index'];
  return typeof index === 'bigint' ? { chainId, index } : undefined;
}

function payoutChanges(log: ContractLog, chainId: bigint, finalized: number): StateChange[] {
  const event = GATEWAY_ABI.parseLog(mutable(log));
  const releaseIndex = BigInt(log.topics[1] ?? 0);
  const at = { chainId, blockNumber: log.blockNumber, tag: tagOf(log), releaseIndex };
  const isFinal = log.blockNumber <= finalized;
  const confirmed: StateChange[] = isFinal ? [{ ...at, state: 'confirmed' }] : [];
  switch (event?.name) {
    case 'Released':
      return [{ ...at, state: 'released' }, ...confirmed];
    case 'ReleaseDeferred': {
      const reason = DEFER_REASONS[Number(event.args['reason'])];
      return [{ ...at, state: 'claimable', ...(reason && { reason }) }];
    }
    case 'Claimed':
      return [{ ...at, state: 'claimed' }, ...confirmed];
    default:
      return [];
  }
}

function commitHistory(sources: Sources, commit: ContractLog): StateChange[] {
  const at = { chainId: sources.anchorChainId, blockNumber: commit.blockNumber };
  const anchor = sources.chains.get(sources.anchorChainId);
  const isFinal = anchor !== undefined && commit.blockNumber <= anchor.finalizedNumber();
  return isFinal
    ? [
        { ...at, state: 'committed' },
        { ...at, state: 'anchored' },
      ]
    : [{ ...at, state: 'committed' }];
}

function findCommit(sources: Sources, ref: TransferRef): ContractLog | undefined {
  const logs = sources.chains.get(sources.anchorChainId)?.logs() ?? [];
  return logs.find((log) => {
    const event = ANCHOR_ABI.parseLog(mutable(log));
    if (event?.name !== 'Committed') return false;
    const inputs = event.args['inputs'] as { chainId: bigint; count: bigint }[];
    return inputs.some((cursor) => cursor.chainId === ref.chainId && cursor.count > ref.index);
  });
}

function isDeposit(log: ContractLog, index: bigint): boolean {
  return nameOf(log) === 'Deposited' && BigInt(log.topics[1] ?? -1) === index;
}

function nameOf(log: ContractLog): string | undefined {
  return GATEWAY_ABI.parseLog(mutable(log))?.name;
}

function tagOf(log: ContractLog): Hex {
  return log.topics[2] ?? '0x';
}

function mutable(log: ContractLog): { topics: string[]; data: string } {
  return { topics: [...log.topics], data: log.data };
}
