import { creditAccount } from './accounts.ts';
import type { Draft, Payout } from './draft.ts';
import { refundDeposit } from './fees.ts';
import { addLeg } from './legs.ts';
import { stayInPool } from './pools.ts';
import { roomKey } from './prf.ts';
import { shuffle } from './shuffle.ts';

/** Releases of one round for one destination at most, refunds not counted. */
export const MAX_ROUND_RELEASES = 4096;

/**
 * Takes back what destinations have no room for in this round: the last in the order of each one's room key. Pooled legs stay, direct
 * ones are credited to their account, transparent payouts are refunded.
 */
export function keepToRoom(draft: Draft): void {
  const taken = [...draft.chains.keys()].flatMap((chainId) => withoutRoom(draft, chainId));
  if (taken.length === 0) return;
  const excess = new Set(taken);
  draft.payouts = draft.payouts.filter((payout) => !excess.has(payout));
  for (const payout of taken) takeBack(draft, payout);
}

/** In the order in which the round has produced them. */
function withoutRoom(draft: Draft, chainId: bigint): readonly Payout[] {
  const bound = draft.payouts.filter(
    ({ chainId: destination, origin }) => destination === chainId && origin.kind !== 'refund',
  );
  if (bound.length <= MAX_ROUND_RELEASES) return [];
  const key = roomKey(draft.secret, chainId, draft.round);
  const kept = new Set(shuffle(bound, key).slice(0, MAX_ROUND_RELEASES));
  return bound.filter((payout) => !kept.has(payout));
}

function takeBack(draft: Draft, { origin, release, rate }: Payout): void {
  switch (origin.kind) {
    case 'refund':
      return;
    case 'transparent':
      refundDeposit(draft, origin.message);
      return;
    case 'direct':
      creditAccount(draft, origin.account, {
        asset: release.asset,
        amount: release.amount + rate,
      });
      return;
    case 'pooled':
      addLeg(draft, origin.id, stayInPool(draft, origin.id, origin.entry));
      return;
  }
}
