import { ASSETS, acrossFrom, DAY_SEC, endOfRoundSec, type PoolRules, ROUND_SEC } from './market.ts';
import type { Crowd } from './people.ts';
import type { Intent } from './population.ts';
import { createRandom, type Random } from './random.ts';
import type { AddressShares, History, ModeShares } from './records.ts';
import { createRefiller } from './refill.ts';
import { createReturns } from './returns.ts';
import type { Consumed } from './round-input.ts';
import { createWorld } from './world.ts';

/** From when to when somebody comes, in seconds of Unix time. */
export interface Span {
  readonly fromSec: number;
  readonly toSec: number;
}

/** What is to happen. */
export interface Scenario {
  readonly seed: number;
  readonly weeks: number;
  readonly pools: PoolRules;
  readonly modeShares: ModeShares;
  readonly addressShares: AddressShares;
  /** Who comes. */
  readonly draw: (random: Random, crowd: Crowd, span: Span) => Intent[];
  /** Whether somebody keeps k − 1 own roots in every pool in which somebody waits. */
  readonly isRefilled?: boolean;
}

/** What happened, and what made it happen. */
export interface Simulation {
  readonly history: History;
  /** What each round consumed, round 1 first. */
  readonly consumed: readonly Consumed[];
}

/** The round that fills gateways, and the first in which people come. */
const FILLING_ROUND = 3;
const FIRST_ROUND = 12;
/** So much of every asset is brought across before people come, so that what is minted there can be brought back. */
const FILLING = 1e13;

/** Lets weeks of rounds pass, through the ledger itself. */
export function simulate({
  seed,
  weeks,
  pools,
  modeShares,
  draw,
  addressShares,
  isRefilled,
}: Scenario): Simulation {
  const rounds = FIRST_ROUND + Math.round((weeks * 7 * DAY_SEC) / ROUND_SEC);
  const world = createWorld(pools, createRandom(seed, 'people'));
  for (const filler of fillers(world.crowd)) world.plan(filler, 'filler');
  const span = { fromSec: endOfRoundSec(FIRST_ROUND), toSec: endOfRoundSec(rounds - 1) };
  for (const intent of draw(world.random, world.crowd, span)) world.plan(intent, 'people');
  const returnTrips = createReturns(world);
  const refill = isRefilled ? createRefiller(world, pools) : undefined;
  const consumed: Consumed[] = [];
  for (let round = 1; round <= rounds; round++) {
    consumed.push(world.advance(round));
    returnTrips(round);
    refill?.(round);
  }
  const { payouts, truths, legs, refused, outbox } = world;
  const { deposits, posts, gasPayers } = outbox;
  const seen = { pools, modeShares, addressShares, rounds, deposits, posts, gasPayers, payouts };
  return { history: { ...seen, legs, truths, refusals: refused.length }, consumed };
}

function fillers(crowd: Crowd): Intent[] {
  return ASSETS.map(({ asset, home }): Intent => {
    const person = crowd.person();
    return {
      ...{
        person,
        mode: 'transparent',
        from: home,
        to: acrossFrom(home),
        asset,
        amount: FILLING,
        crowd: 1,
      },
      sec: endOfRoundSec(FILLING_ROUND) - ROUND_SEC,
      ...{ recipient: crowd.address(), isRecipientUsed: false },
      ...{ waits: 'as-drawn', addresses: 1, withdrawals: [] },
    };
  });
}
