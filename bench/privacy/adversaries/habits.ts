import type { Hex } from '../../../src/shared/bytes.ts';
import { DAY_SEC, ROUND_SEC } from '../market.ts';
import type { DepositSeen, PayoutSeen } from '../records.ts';
import type { Clues, Guesses } from './clues.ts';
import { usualAge } from './law.ts';

// What people say themselves, whatever a bridge does.

const TRIP_ROUNDS = (10 * DAY_SEC) / ROUND_SEC;

/** The recipient has paid in itself. */
export function guessReusedAddress({ view }: Clues): Guesses {
  const first = new Map<Hex, number>();
  for (const { sender, round } of view.deposits) {
    first.set(sender, Math.min(round, first.get(sender) ?? round));
  }
  return view.payouts.map(({ recipient, round }) =>
    (first.get(recipient) ?? round + 1) <= round ? recipient : undefined,
  );
}

/** Whoever has paid for the recipient's gas. */
export function guessGasPayer({ view }: Clues): Guesses {
  return view.payouts.map(({ recipient }) => view.gasPayers.get(recipient));
}

/** The recipient pays in again, and an address that had paid in before is paid about as much. */
export function guessRoundTrip({ view }: Clues): Guesses {
  const bySender = Map.groupBy(view.deposits, ({ sender }) => sender);
  const returned = view.payouts.filter(({ recipient }) => bySender.has(recipient));
  const byAsset = Map.groupBy(returned, ({ asset }) => asset);
  return view.payouts.map((payout) => {
    const back = bySender.get(payout.recipient)?.find((d) => isWayBack(payout, d));
    if (back === undefined) return undefined;
    const ends = byAsset.get(payout.asset) ?? [];
    return ends.find((end) => isEnd(payout, { back, end, senders: bySender }))?.recipient;
  });
}

function isWayBack({ round, chainId, asset, amount }: PayoutSeen, back: DepositSeen): boolean {
  const isSoon = back.round > round && back.round < round + TRIP_ROUNDS;
  return isSoon && back.chainId === chainId && back.asset === asset && back.amount <= amount;
}

/** Whether `end` is paid to somebody who can have begun the trip that `back` returns from. */
function isEnd(
  payout: PayoutSeen,
  {
    back,
    end,
    senders,
  }: {
    readonly back: DepositSeen;
    readonly end: PayoutSeen;
    readonly senders: ReadonlyMap<Hex, readonly DepositSeen[]>;
  },
): boolean {
  const isAfter = end.round >= back.round && end.round < back.round + TRIP_ROUNDS;
  if (!isAfter || end.chainId === payout.chainId || end.amount > back.amount) return false;
  return (senders.get(end.recipient) ?? []).some((start) => {
    const isBefore = start.round <= payout.round && start.round > payout.round - TRIP_ROUNDS;
    const isLike = start.chainId === end.chainId && start.asset === payout.asset;
    return isBefore && isLike && start.wanted >= payout.amount;
  });
}

/** Of posts whose poster the adversary's relayer knows, the one as old as a payout's usually is, if it is not much older or newer. */
export function guessKnownPoster({ view }: Clues): Guesses {
  const usual = usualAge(view);
  const known = view.posts.filter(({ from }) => from !== undefined);
  return view.payouts.map(({ round }) => {
    const distance = (post: { readonly round: number }) => Math.abs(round - post.round - usual);
    const near = known.filter((post) => post.round <= round && distance(post) <= usual);
    return near.sort((a, b) => distance(a) - distance(b))[0]?.from;
  });
}
