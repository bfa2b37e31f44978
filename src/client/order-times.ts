import { consumingRound, type RoundSchedule } from '../protocol/rounds.ts';
import { fromBigEndian } from '../shared/bytes.ts';
import type { Rng } from '../shared/rng.ts';

const DAY_SEC = 86_400n;
/** Patience in mean stays: so rarely is a leg unlucky for so long that its pool, not its luck, is to blame. */
const PATIENCE_STAYS = 24n;

/** Over how many mean stays `notBefore` is spread: what the time of a deposit says of the time of its payout falls with it. */
export const SPREAD_STAYS = 4;

/** When an order's pooled legs may leave. */
export interface OrderTimes {
  readonly notBefore: bigint;
  readonly patience: bigint;
}

/**
 * Times for an order made now: it may leave from a round on that is drawn at random within four mean stays, so that when it was
 * made says little of when it leaves; and is patient for two dozen mean stays.
 */
export function drawOrderTimes(
  facts: { readonly schedule: RoundSchedule; readonly lagSec: bigint; readonly nowSec: bigint },
  {
    meanStayRounds,
    spreadStays = SPREAD_STAYS,
  }: { readonly meanStayRounds: number; readonly spreadStays?: number },
  rng: Rng,
): OrderTimes {
  const { schedule, lagSec, nowSec } = facts;
  const stay = BigInt(meanStayRounds);
  const first = consumingRound(schedule, lagSec, nowSec);
  const spread = BigInt(spreadStays) * stay;
  const notBefore = first + (fromBigEndian(rng.bytes(8)) % (spread + 1n));
  return { notBefore, patience: notBefore + PATIENCE_STAYS * stay };
}

/** The last round that an order signed in `round` may name as its expiry: 24 hours of rounds on. */
export function latestExpiry({ roundSec }: RoundSchedule, round: bigint): bigint {
  return round + DAY_SEC / roundSec;
}

/** The lowest nonce that can be used: not used yet, in the window. */
export function nextNonce({
  nonceBase,
  nonceBits,
}: {
  readonly nonceBase: bigint;
  readonly nonceBits: bigint;
}): bigint {
  let ahead = 0n;
  while (((nonceBits >> ahead) & 1n) === 1n) ahead++;
  return nonceBase + ahead;
}
