import type { BridgedChain, ContractLog } from '../../src/chains/shared/bridged-chain.ts';
import { decodeLogs } from '../../src/chains/shared/decode-logs.ts';
import { openSources } from '../../src/client/open-sources.ts';
import { depositHistory, payoutHistory, type Sources } from '../../src/client/transfer-history.ts';
import { uintWord } from '../../src/codec/abi.ts';
import type { Cursor } from '../../src/protocol/commit.ts';
import { GATEWAY_SLOTS } from '../../src/protocol/contracts.ts';
import {
  currentStep,
  messageSubject,
  releaseSubject,
  type Step,
  stepsOf,
} from '../../src/protocol/transfer-state.ts';
import { findGone, type StateChange } from '../../src/relayer/journal/state-changes.ts';
import { stateChangesOf } from '../../src/relayer/watch/state-changes-of.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { ANCHOR, GATEWAY } from './bridge-logs.ts';
import { clientChain } from './client-chain.ts';
import {
  ANCHOR_ID,
  MAX_MESSAGES,
  SOURCE_ID,
  type TransferWorld,
  tagsOfMessage,
} from './transfer-world.ts';

/** Where one seer says that a subject is. */
export interface Seen extends Step {
  readonly subject: string;
}

/** A relayer's journal and a user's view, each with its own looks at the same world. */
export interface Seers {
  lookForJournal(chain: 0 | 1): void;
  lookForView(): Promise<void>;
  journaled(): Seen[];
  viewed(): Seen[];
}

/** Creates both, knowing nothing yet. */
export function createSeers(world: TransferWorld): Seers {
  const journal = createJournal(world);
  const view = openSources(
    {
      chains: world.chains.map(({ chainId }) => clientChain(chainId, { gateway: GATEWAY })),
      anchor: { chainId: ANCHOR_ID, address: ANCHOR },
    },
    new Map(world.chains.map(({ chainId }, at) => [chainId, nodeOf(world, at)])),
    { askIngested: async () => new Map([[SOURCE_ID, world.replayed()]]) },
  );
  let sources: Sources | undefined;
  return {
    lookForJournal: journal.look,
    lookForView: async () => {
      sources = await view.refresh();
    },
    journaled: journal.current,
    viewed: () => (sources ? viewedIn(sources) : []),
  };
}

function viewedIn(sources: Sources): Seen[] {
  return Array.from({ length: MAX_MESSAGES }, (_, i) => i).flatMap((i) => {
    const deposit = currentStep(depositHistory(sources, { chainId: SOURCE_ID, index: BigInt(i) }));
    const payouts = payoutHistory(sources, tagsOfMessage(i)).map((change) => ({
      ...change,
      subject: releaseSubject(change.chainId, change.releaseIndex ?? -1n),
    }));
    const message = deposit ? [seenOf(messageSubject(SOURCE_ID, BigInt(i)), deposit)] : [];
    return [...message, ...currentOf(payouts)];
  });
}

function currentOf(changes: readonly Seen[]): Seen[] {
  const bySubject = Map.groupBy(changes, ({ subject }) => subject);
  return [...bySubject].flatMap(([subject, steps]) => {
    const current = currentStep(steps);
    return current ? [seenOf(subject, current)] : [];
  });
}

function seenOf(subject: string, { state, reason }: Step): Seen {
  return { subject, state, reason };
}

/** The journal without its database: what `record-chain` does, on a list. */
function createJournal(world: TransferWorld) {
  let changes: StateChange[] = [];
  const cursors = [0, 0];
  const commitsByNumber = new Map<bigint, readonly Cursor[]>();
  const isRecorded = ({ subject, reason }: StateChange) =>
    changes.some((each) => each.subject === subject && each.reason === reason);
  const add = (shown: Iterable<StateChange>) => {
    changes = [...changes, ...[...shown].filter((change) => !isRecorded(change))];
  };
  const record = (at: 0 | 1, { from, to, isFinal }: Range) => {
    const { chainId } = world.chains[at];
    const place = { chain: 'one', chainId, gateway: GATEWAY, isFinal };
    const seen = decodeLogs(logsOf(world, at, [from, to]), place);
    for (const { number, inputs } of seen.commits) commitsByNumber.set(number, inputs);
    const consumed = commitsByNumber.get((seen.commits[0]?.number ?? 0n) - 1n) ?? [];
    const refundTags = Array.from({ length: MAX_MESSAGES }, (_, i) => tagsOfMessage(i).refund);
    const tags = new Set(at === 0 ? refundTags : []);
    const refunds = { indexes: new Set<bigint>(), tags };
    const shown = stateChangesOf(seen, { chainId, isFinal, atMs: 1, consumed, refunds });
    const isInRange = (change: StateChange) =>
      change.chainId === chainId &&
      change.blockNumber >= from &&
      (!isFinal || change.blockNumber <= to);
    const gone = new Set(findGone(changes.filter(isInRange), shown));
    changes = changes.filter((change) => !gone.has(change));
    add(shown);
  };
  return {
    look: (at: 0 | 1) => {
      const { blocks, finalized } = world.chains[at];
      const from = cursors[at] ?? 0;
      if (finalized > from) record(at, { from: from + 1, to: finalized, isFinal: true });
      cursors[at] = finalized;
      record(at, { from: finalized + 1, to: blocks.length - 1, isFinal: false });
      add(replayedChanges(world));
    },
    current: () => currentOf(changes),
  };
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly isFinal: boolean;
}

/** What the prove lane journals. */
function replayedChanges(world: TransferWorld): StateChange[] {
  const [step] = stepsOf({ kind: 'replayed' });
  if (!step) return [];
  return Array.from({ length: Number(world.replayed()) }, (_, i) => ({
    ...step,
    subject: messageSubject(SOURCE_ID, BigInt(i)),
    chainId: SOURCE_ID,
    blockNumber: 0,
    atMs: 1,
  }));
}

function logsOf(
  world: TransferWorld,
  at: number,
  [from, to]: readonly [number, number],
): ContractLog[] {
  return (world.chains[at]?.blocks ?? []).slice(from, to + 1).flat();
}

/** What a contract counts, if these are all of its logs. */
function countedIn(
  logs: readonly ContractLog[],
  { contract, slot }: { readonly contract: Hex; readonly slot: Hex },
): Hex {
  const place = { chain: 'one', chainId: 0n, gateway: GATEWAY, isFinal: true };
  const { messages, releases, skips, commits } = decodeLogs(logs, place);
  const released = new Set([...releases, ...skips].map(({ index }) => index));
  const gatewayCount = slot === GATEWAY_SLOTS.sentCount ? messages.length : released.size;
  return toHex(uintWord(BigInt(contract === ANCHOR ? commits.length : gatewayCount)));
}

/** A node as far as a view asks it. */
function nodeOf(world: TransferWorld, at: number): BridgedChain {
  const ref = (number: number) => ({ number, hash: '0x' as const });
  const chain = () => world.chains[at];
  const node: Partial<BridgedChain> = {
    name: 'one',
    chainId: chain()?.chainId ?? 0n,
    head: async () => ref((chain()?.blocks.length ?? 1) - 1),
    finalizedHead: async () => ref(chain()?.finalized ?? 0),
    logs: async ({ addresses, fromBlock, toBlock }) =>
      logsOf(world, at, [fromBlock, toBlock]).filter(({ address }) => addresses.includes(address)),
    word: async (contract, slot) => {
      return countedIn(logsOf(world, at, [0, chain()?.finalized ?? 0]), { contract, slot });
    },
  };
  // CAST: the view asks for no more than these.
  return node as BridgedChain;
}
