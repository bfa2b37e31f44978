import { ASSETS, ETHEREUM, HOUR_SEC, POLKADOT, SMALLEST_RUNG } from './market.ts';
import type { Crowd } from './people.ts';
import type { Attendance, Intent } from './population.ts';
import { exponential, type Random } from './random.ts';

/** Strangers who all put one and the same amount into one pool; nobody comes twice, nothing else gives anybody away. */
export function drawPoolIntents(
  random: Random,
  crowd: Crowd,
  { perHour, fromSec, toSec }: Attendance,
): Intent[] {
  const [{ asset }] = ASSETS;
  const intents: Intent[] = [];
  for (let sec = fromSec; ; ) {
    sec += exponential(random, HOUR_SEC / perHour);
    if (sec >= toSec) return intents;
    intents.push({
      ...{ person: crowd.person(), mode: 'pooled', sec: Math.floor(sec), asset, crowd: 1 },
      ...{
        amount: SMALLEST_RUNG,
        from: ETHEREUM,
        to: POLKADOT,
        recipient: crowd.address(),
        isRecipientUsed: false,
      },
      ...{ waits: 'as-drawn', withdrawals: [], addresses: 1 },
    });
  }
}
