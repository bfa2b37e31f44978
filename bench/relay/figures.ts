import { decodeLogs, type SeenLogs } from '../../src/chains/shared/decode-logs.ts';
import { consumingRound, type RoundSchedule, roundCutSec } from '../../src/protocol/rounds.ts';
import { publicTags } from '../../src/protocol/transfer-tags.ts';
import type { Observer } from './observer.ts';
import type { RelaySide } from './relay-world.ts';

/** How one direction went. */
export interface Direction {
  readonly name: string;
  readonly count: number;
  /** Messages a second, from the first round's being complete to the last release's block. */
  readonly fromComplete: number;
  /** Messages a second, from the first release's block to the last one's. */
  readonly whileReleasing: number;
  /** From a message's round being complete to its release's being in a block: milliseconds, ascending. */
  readonly addedMs: readonly number[];
  /** Until when all was released whose round was complete at an instant: milliseconds after it. */
  caughtUpMs(sinceMs: number): number;
}

interface Ends {
  readonly from: RelaySide;
  readonly to: RelaySide;
  /** All sides: a round is complete when it is for each. */
  readonly sides: readonly RelaySide[];
}

/** Works out how the messages of one direction went, from message `first` on. */
export async function directionOf(
  { from, to, sides }: Ends,
  observer: Observer,
  { schedule, first }: { readonly schedule: RoundSchedule; readonly first: bigint },
): Promise<Direction> {
  const { messages } = await logsOf(from);
  const { releases } = await logsOf(to);
  const blockOf = new Map(releases.map(({ tag, blockNumber }) => [tag, blockNumber]));
  const trips = messages
    .filter(({ index }) => index >= first)
    .map(({ index, sentAtSec }) => {
      const [tag] = publicTags({ chainId: from.chain.chainId, index }, from.gateway).payouts;
      const round = consumingRound(schedule, from.lagSec, sentAtSec);
      const complete = sides.map((side) =>
        seen(observer.finalBeyondMs(side, roundCutSec(schedule, side.lagSec, round))),
      );
      const releasedMs = seen(observer.seenAtMs(to, blockOf.get(tag ?? '0x') ?? -1));
      return { completeMs: Math.max(...complete), releasedMs };
    });
  const released = trips.map(({ releasedMs }) => releasedMs);
  const [start, end] = [Math.min(...released), Math.max(...released)];
  const completeMs = Math.min(...trips.map((trip) => trip.completeMs));
  const after = trips.filter(({ releasedMs }) => releasedMs > start).length;
  return {
    name: `${from.chain.name} to ${to.chain.name}`,
    count: trips.length,
    fromComplete: (trips.length * 1000) / (end - completeMs),
    whileReleasing: (after * 1000) / Math.max(1, end - start),
    addedMs: trips.map((trip) => trip.releasedMs - trip.completeMs).sort((a, b) => a - b),
    caughtUpMs: (sinceMs) => {
      const due = trips.filter((trip) => trip.completeMs <= sinceMs);
      return Math.max(0, ...due.map(({ releasedMs }) => releasedMs - sinceMs));
    },
  };
}

function seen(atMs: number | undefined): number {
  if (atMs === undefined) throw new Error('the run ended before the chains showed all of it');
  return atMs;
}

async function logsOf({ chain, gateway }: RelaySide): Promise<SeenLogs> {
  const { name, chainId } = chain;
  const toBlock = (await chain.head()).number;
  const logs = await chain.logs({ addresses: [gateway], fromBlock: 0, toBlock });
  return decodeLogs(logs, { chain: name, chainId, gateway, isFinal: false });
}

/** The value below which so many of a hundred lie. @param sorted ascending */
export function percentile(sorted: readonly number[], percent: number): number {
  const place = Math.ceil((percent / 100) * sorted.length) - 1;
  return sorted[Math.max(0, place)] ?? Number.NaN;
}
