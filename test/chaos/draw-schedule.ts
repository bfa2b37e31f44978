import { createRandom, type Random } from '../fuzz/random.ts';
import { ETHEREUM, POLKADOT } from '../support/enclave-world.ts';
import { createAdversary } from './adversary.ts';
import type { DepositPlan } from './deposits.ts';
import type { StopAt } from './gate.ts';
import type { Happening, Schedule } from './run-schedule.ts';
import { chainsOf, type World } from './world.ts';

/** Seconds in which things happen; after them it is calm. */
const BAD_SEC = 24;
const MAX_HAPPENINGS = 6;

/** A schedule that follows from a seed and its place in a campaign. */
export function drawSchedule(seed: number, index: number): Schedule {
  const random = createRandom(seed, 'chaos', index);
  const enclaves = 1 + random.below(3);
  const threshold = 1 + random.below(enclaves);
  const deposits = Array.from({ length: 1 + random.below(5) }, (_, i) => drawDeposit(random, i));
  const happenings = Array.from({ length: random.below(MAX_HAPPENINGS) }, () =>
    drawHappening(random),
  );
  const badness = {
    perMille: random.pick([0, 20, 60, 200]),
    lies: random.pick(['none', 'some'] as const),
  };
  const fates = createAdversary(random, badness);
  const endsAt = 1 + random.below(2500);
  const isCarriedOut = random.below(2) === 0;
  const stopAt: StopAt = { isAt: (_, place) => place === endsAt, isCarriedOut };
  return { plan: { enclaves, threshold, deposits }, happenings, calmAtSec: BAD_SEC, fates, stopAt };
}

function drawDeposit(random: Random, place: number): DepositPlan {
  return {
    chainId: random.pick([ETHEREUM, POLKADOT]),
    atSec: 2 + random.below(BAD_SEC - 10),
    kind: random.pick(['transparent', 'sealed', 'unreadable']),
    seed: place + 1,
  };
}

const KINDS: readonly ((random: Random) => Omit<Happening, 'atSec'>)[] = [
  () => ({ what: 'the relayer is killed', happen: (running) => running.kill() }),
  (random) => {
    const sec = 1 + random.below(60);
    return {
      what: `the relayer stands still for ${sec} s`,
      happen: (running) => running.freeze(sec),
    };
  },
  (random) => {
    const depth = 1 + random.below(2);
    const isKept = random.below(2) === 0;
    const pick = random.below(2);
    return {
      what: `chain ${pick} replaces ${depth} blocks, and ${isKept ? 'keeps' : 'drops'} transactions`,
      happen: ({ world }) => {
        const timeSec = chainsOf(world)[pick === 0 ? 0 : 1].head.timeSec;
        chainsOf(world)[pick === 0 ? 0 : 1].reorganise(depth, timeSec, () => isKept);
      },
    };
  },
  () => ({
    what: 'pools forget their transactions',
    happen: ({ world }) => {
      for (const { mempool } of chainsOf(world)) mempool.clear();
    },
  }),
  () => ({ what: 'the queue is lost', happen: ({ world }) => world.queue.lose() }),
  () => ({
    what: 'the journal is wiped and the relayer killed',
    happen: async (running) => {
      running.kill();
      await running.wipeJournal();
    },
  }),
  (random) => {
    const hours = random.below(5) - 2;
    return {
      what: `the wall clock is set by ${hours} h`,
      happen: ({ world }) => {
        world.time.wallAheadMs += hours * 3_600_000;
      },
    };
  },
  (random) => {
    const place = random.below(3);
    return {
      what: `enclave ${place} starts anew`,
      happen: ({ world }) => restartOne(world, place),
    };
  },
];

function restartOne({ enclaves }: World, place: number): void {
  enclaves[place % enclaves.length]?.restart();
}

function drawHappening(random: Random): Happening {
  return { atSec: 1 + random.below(BAD_SEC), ...random.pick(KINDS)(random) };
}
