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
  /** A block of the anchor's chain has the commit that consumes it. */
  readonly committedMs: number;
  /** That block is final. */
  readonly anchoredMs: number;
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
}

/** Works out how the messages of one direction went, of those with an index in the span. */
export async function tripsOf(
  { from, to, sides, schedule, anchor }: Route,
  observer: Observer,
  [first, end]: readonly [bigint, bigint],
): Promise<Trip[]> {
  const { messages } = await logsOf(from);
  const { releases } = await logsOf(to);
  const { commits } = await logsOf(anchor.side, anchor.address);
  const blockOf = new Map(releases.map(({ tag, blockNumber }) => [tag, blockNumber]));
  return messages
    .filter(({ index }) => index >= first && index < end)
    .map(({ index, sentAtSec }) => {
      const [tag] = publicTags({ chainId: from.chain.chainId, index }, from.gateway).payouts;
      const round = consumingRound(schedule, from.lagSec, sentAtSec);
      const complete = sides.map((side) =>
        seen(observer.finalBeyondMs(side, roundCutSec(schedule, side.lagSec, round))),
      );
      const committedIn = commitOver(commits, round)?.blockNumber ?? Number.POSITIVE_INFINITY;
      const releasedIn = blockOf.get(tag ?? '0x') ?? Number.POSITIVE_INFINITY;
      return {
        completeMs: Math.max(...complete),
        committedMs: seen(observer.seenAtMs(anchor.side, committedIn)),
        anchoredMs: seen(observer.finalAtMs(anchor.side, committedIn)),
        releasedMs: seen(observer.seenAtMs(to, releasedIn)),
        releasedIn,
      };
    });
}

function commitOver(commits: readonly CommitSeen[], round: bigint): CommitSeen | undefined {
  return commits.find((commit) => commit.round >= round);
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
