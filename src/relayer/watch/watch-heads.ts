import { type BlockRef, ChainError } from '../../chains/shared/bridged-chain.ts';
import type { Bridge, Side } from '../bridge.ts';
import { mayRun } from '../lanes.ts';
import { followSubmissions } from '../submit/settle-submissions.ts';
import { createReleaseDater } from './date-releases.ts';
import { createNudge, type PauseBounds } from './nudge.ts';
import { recordFinal, recordHead } from './record-chain.ts';

/** From one look to the next, however much a node has to tell. */
const LEAST_PAUSE_MS = 50;
/** So many times as long as usual is waited for nodes that have told of every block so far. */
const POLLS_WHILE_TOLD = 8;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 10_000;

/**
 * Follows a chain until the relayer stops; `onNews` runs after each new head or final block is recorded. A node that tells of a block makes it look
 * earlier, and is believed nothing; one that has told of all of them so far is asked less often in between.
 */
export async function watchHeads(bridge: Bridge, side: Side, onNews: () => void): Promise<void> {
  let last: Seen = { head: undefined, final: undefined };
  let failures = 0;
  let isTold = false;
  const lane = `watch ${side.chain.name}`;
  const dateReleases = createReleaseDater(bridge, side);
  const nudge = createNudge();
  side.chain.onHead(nudge.wake);
  let wasTold = false;
  while (!bridge.signal.aborted) {
    const seen = last.head?.hash;
    try {
      if (await mayRun(bridge, lane)) {
        last = await bridge.vitals.lane(lane, () =>
          look(bridge, side, { last, dateReleases, onNews }),
        );
      }
      failures = 0;
    } catch (error) {
      failures += 1;
      bridge.log.warn({ err: error, chain: side.chain.name, failures }, 'cannot follow the chain');
    }
    // A block that nobody told of has the nodes asked as often as ever until they tell of one again.
    isTold = wasTold || (isTold && last.head?.hash === seen);
    const bounds = failures === 0 ? usual(bridge, { isTold }) : boundsAfter(failures);
    wasTold = await nudge.pause(bounds, bridge.signal);
  }
}

function usual({ pollMs }: Bridge, { isTold }: { readonly isTold: boolean }): PauseBounds {
  return { leastMs: LEAST_PAUSE_MS, mostMs: isTold ? POLLS_WHILE_TOLD * pollMs : pollMs };
}

function boundsAfter(failures: number): PauseBounds {
  const mostMs = Math.min(FIRST_BACKOFF_MS * 2 ** failures, MAX_BACKOFF_MS);
  return { leastMs: FIRST_BACKOFF_MS, mostMs };
}

interface Seen {
  readonly head: BlockRef | undefined;
  readonly final: BlockRef | undefined;
}

interface Looking {
  readonly last: Seen;
  readonly dateReleases: () => Promise<void>;
  readonly onNews: () => void;
}

async function look(
  bridge: Bridge,
  side: Side,
  { last, dateReleases, onNews }: Looking,
): Promise<Seen> {
  const head = await side.chain.head();
  const final = await side.chain.finalizedHead();
  requireNotBack(side, last.final, final);
  const isFinalNew = final.hash !== last.final?.hash;
  const isHeadNew = head.hash !== last.head?.hash;
  if (isFinalNew) {
    await recordFinal(bridge, side, final);
    await followSubmissions(bridge, side, final);
  }
  if (isHeadNew) await recordHead(bridge, side, { head, final });
  if (isFinalNew || isHeadNew) onNews();
  if (isFinalNew) await dateReleases();
  return { head, final };
}

/** What was final stays so: a node that says otherwise is behind. @throws {ChainError} CHAIN_ANSWER_INCOMPLETE */
function requireNotBack({ chain }: Side, last: BlockRef | undefined, final: BlockRef): void {
  if (last === undefined || final.number >= last.number) return;
  const what = `the newest final block is ${final.number}, and was ${last.number} before; the node is behind`;
  throw new ChainError('CHAIN_ANSWER_INCOMPLETE', { chain: chain.name, what });
}
