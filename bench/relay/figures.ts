import type { BridgedChain, ContractLog } from '../../src/chains/shared/bridged-chain.ts';
import { type CommitSeen, decodeLogs, type SeenLogs } from '../../src/chains/shared/decode-logs.ts';
import { consumingRound, type RoundSchedule, roundCutSec } from '../../src/protocol/rounds.ts';
import { publicTags } from '../../src/protocol/transfer-tags.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import type { Observer } from './observer.ts';
import type { RelaySide } from './relay-world.ts';

/** When what became of one message was first seen, in milliseconds of Unix time. */
export interface Trip {
  /** Its round is complete on all chains. */
  readonly completeMs: number;
  /** The first block of the anchor's chain is there that the commit could have been in: it was due, and the last one final. */
  readonly mayCommitMs: number;
  /** A block of the anchor's chain has the commit that consumes it. */
  readonly committedMs: number;
  /** That block is final. */
  readonly anchoredMs: number;
  /** The first block is there that had room for its release after that, those before it counted. */
  readonly mayReleaseMs: number;
  /** A block has its release. */
  readonly releasedMs: number;
  readonly releasedIn: number;
}

/** Where messages go, and what their way leads over. */
export interface Route {
  readonly from: RelaySide;
  readonly to: RelaySide;
  /** All sides: a round is complete when it is for each. */
  readonly sides: readonly RelaySide[];
  readonly schedule: RoundSchedule;
  readonly anchor: { readonly side: RelaySide; readonly address: Hex };
  readonly commitEverySec: bigint;
  /** Releases that fit a block of `to`. */
  readonly room: number;
}

/** Works out how the messages of one direction went, of those with an index in the span. */
export async function tripsOf(
  route: Route,
  observer: Observer,
  [first, end]: readonly [bigint, bigint],
): Promise<Trip[]> {
  const { from, to, schedule, anchor, room } = route;
  const { messages } = await logsOf(from);
  const { releases } = await logsOf(to);
  const { commits } = await logsOf(anchor.side, anchor.address);
  const blockOf = new Map(releases.map(({ tag, blockNumber }) => [tag, blockNumber]));
  const trips = messages
    .filter(({ index }) => index >= first && index < end)
    .map(({ index, sentAtSec }) => {
      const [tag] = publicTags({ chainId: from.chain.chainId, index }, from.gateway).payouts;
      const round = consumingRound(schedule, from.lagSec, sentAtSec);
      const releasedIn = blockOf.get(tag ?? '0x') ?? Number.POSITIVE_INFINITY;
      const releasedMs = seen(observer.seenAtMs(to, releasedIn));
      return { ...committing(route, observer, { commits, round }), releasedMs, releasedIn };
    });
  return withRoom(trips, room, {
    after: (atMs) => observer.blockAfter(to, atMs),
    seenAtMs: (block) => seen(observer.seenAtMs(to, block)),
  });
}

/** How the commit of a round went. */
function committing(
  { sides, schedule, anchor: { side }, commitEverySec }: Route,
  observer: Observer,
  { commits, round }: { readonly commits: readonly CommitSeen[]; readonly round: bigint },
) {
  const complete = sides.map((each) =>
    seen(observer.finalBeyondMs(each, roundCutSec(schedule, each.lagSec, round))),
  );
  const completeMs = Math.max(...complete);
  const over = commits.findIndex((commit) => commit.round >= round);
  const committedIn = commits[over]?.blockNumber ?? Number.POSITIVE_INFINITY;
  const last = commits[over - 1];
  const due = last && [
    seen(observer.finalBeyondMs(side, last.asOf + commitEverySec - 1n)),
    seen(observer.finalAtMs(side, last.blockNumber)),
  ];
  const dueMs = Math.max(completeMs, ...(due ?? []));
  return {
    completeMs,
    mayCommitMs: seen(observer.seenAtMs(side, observer.blockAfter(side, dueMs))),
    committedMs: seen(observer.seenAtMs(side, committedIn)),
    anchoredMs: seen(observer.finalAtMs(side, committedIn)),
  };
}

/** The blocks of a chain as they were seen. */
interface Blocks {
  /** The first that was not there yet at an instant. */
  after(atMs: number): number;
  seenAtMs(block: number): number;
}

/** Adds when there was room for each release, if every block takes as many as fit it, in the order in which they were made. */
function withRoom(
  trips: readonly Omit<Trip, 'mayReleaseMs'>[],
  room: number,
  blocks: Blocks,
): Trip[] {
  let block = 0;
  let taken = 0;
  return trips
    .toSorted((a, b) => a.releasedIn - b.releasedIn)
    .map((trip) => {
      const next = Math.max(blocks.after(trip.anchoredMs), taken < room ? block : block + 1);
      taken = next === block ? taken + 1 : 1;
      block = next;
      // A block may have had room for more than was counted on.
      return { ...trip, mayReleaseMs: blocks.seenAtMs(Math.min(block, trip.releasedIn)) };
    });
}

function seen(atMs: number | undefined): number {
  if (atMs === undefined) throw new Error('the run ended before the chains showed all of it');
  return atMs;
}

async function logsOf({ chain, gateway }: RelaySide, contract: Hex = gateway): Promise<SeenLogs> {
  const { name, chainId } = chain;
  const logs = await allLogs(chain, contract);
  return decodeLogs(logs, { chain: name, chainId, gateway, isFinal: false });
}

const BLOCKS_AT_ONCE = 500;

/** All that a contract has logged so far. */
export async function allLogs(chain: BridgedChain, contract: Hex): Promise<ContractLog[]> {
  const { number: head } = await chain.head();
  const logs: ContractLog[] = [];
  for (let fromBlock = 0; fromBlock <= head; fromBlock += BLOCKS_AT_ONCE) {
    const toBlock = Math.min(head, fromBlock + BLOCKS_AT_ONCE - 1);
    logs.push(...(await chain.logs({ addresses: [contract], fromBlock, toBlock })));
  }
  return logs;
}

/** The value below which so many of a hundred lie. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = Math.ceil((percent / 100) * sorted.length) - 1;
  return sorted[Math.max(0, place)] ?? Number.NaN;
}
