import { acrossFrom, DAY_SEC, endOfRoundSec } from './market.ts';
import { happens } from './random.ts';
import type { World } from './world.ts';

/** Of what came, so much goes back: the rest pays for what it costs. */
const RETURNED = 0.9;
const LEAST_RETURN = 1100;

/**
 * Lets those who make round trips send back what they were paid, one to five days later; half of them to the address that it came
 * from. To be called after every round.
 */
export function createReturns({
  payouts,
  truths,
  plan,
  random,
  crowd,
}: World): (round: number) => void {
  let next = 0;
  return (round) => {
    for (; next < truths.length; next++) {
      const [truth, payout] = [truths[next], payouts[next]];
      if (truth === undefined || payout === undefined) continue;
      const { habits, mode, sender, siblings } = truth;
      const isTrip = habits.makesRoundTrips && siblings === 1 && mode !== 'transparent';
      const amount = Math.floor(payout.amount * RETURNED);
      if (!isTrip || payout.recipient === sender || amount < LEAST_RETURN) continue;
      plan(
        {
          ...{ person: crowd.person(payout.recipient), mode: 'pooled', amount, crowd: 1 },
          sec: endOfRoundSec(round) + Math.floor(DAY_SEC * (1 + 4 * random.next())),
          ...{
            from: payout.chainId,
            to: acrossFrom(payout.chainId),
            asset: payout.asset,
            withdrawals: [],
          },
          recipient: happens(random, 0.5) ? sender : crowd.address(),
          ...{ isRecipientUsed: true, waits: 'as-drawn', addresses: 1 },
        },
        'people',
      );
    }
  };
}
