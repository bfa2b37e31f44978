import { askRetry, liftHold, placeHold } from '../../src/relayer/journal/holds.ts';
import type { HoldSubject } from '../../src/relayer/journal/schema.ts';
import { createRandom, type Random } from '../fuzz/random.ts';
import { ETHEREUM, POLKADOT } from '../support/enclave-world.ts';
import { createAdversary } from './adversary.ts';
import type { DepositPlan } from './deposits.ts';
import type { StopAt } from './gate.ts';
import type { Happening, Running, Schedule } from './run-schedule.ts';
import type { RelayerRun } from './simulated-relayer.ts';
import { chainsOf, controlOf, type HeldBatch } from './world.ts';

/** Seconds in which things happen; after them it is calm. */
const BAD_SEC = 16;
const MAX_HAPPENINGS = 6;

/** A schedule that follows from a seed and its place in a campaign. */
export function drawSchedule(seed: number, index: number): Schedule {
  const random = createRandom(seed, 'chaos', index);
  const enclaves = 1 + random.below(3);
  const threshold = 1 + random.below(enclaves);
  const deposits = Array.from({ length: 1 + random.below(5) }, (_, i) => drawDeposit(random, i));
  const processes = random.pick([[1], [1], [2], [1, 1]]);
  const drawn = Array.from({ length: random.below(MAX_HAPPENINGS) }, () => drawHappenings(random));
  const happenings = drawn.flat();
  const badness = {
    perMille: random.pick([0, 20, 60, 200]),
    lies: random.pick(['none', 'some'] as const),
  };
  const fates = createAdversary(random, badness);
  const endsAt = 1 + random.below(1500);
  const isCarriedOut = random.below(2) === 0;
  const stopAt: StopAt = { isAt: (_, place) => place === endsAt, isCarriedOut };
  // What waits for a batch that is held and what stays since its chain is suspended cannot be told apart; and no batch is let go.
  const isFree = !happenings.some(({ what }) =>
    /^governance says|^operators hold batch/.test(what),
  );
  const held = random.below(6) === 0 && isFree ? [drawBatch(random)] : [];
  const plan = { enclaves, threshold, deposits, processes, held };
  return { plan, happenings, calmAtSec: BAD_SEC, fates, stopAt };
}

function drawDeposit(random: Random, place: number): DepositPlan {
  return {
    chainId: random.pick([ETHEREUM, POLKADOT]),
    atSec: 2 + random.below(BAD_SEC - 6),
    kind: random.pick(['transparent', 'sealed', 'unreadable']),
    seed: place + 1,
  };
}

type Drawn = Omit<Happening, 'atSec'> & { readonly afterSec?: number };

/** Things that happen; what begins and ends is two. */
const KINDS: readonly ((random: Random) => readonly Drawn[])[] = [
  () => [{ what: 'all relayers are killed', happen: killAll }],
  (random) => [killOne(random)],
  (random) => [stopOne(random)],
  (random) => [askToRetry(random)],
  (random) => [standStill(random)],
  (random) => [stallOne(random)],
  (random) => [replaceBlocks(random)],
  () => [{ what: 'pools forget their transactions', happen: forgetPools }],
  () => [
    {
      what: 'queues are lost',
      happen: ({ operators }) => {
        for (const { queue } of operators) queue.lose();
      },
    },
  ],
  () => [
    { what: 'journals are wiped and relayers killed', happen: (running) => running.wipeJournals() },
  ],
  (random) => {
    const hours = random.below(5) - 2;
    return [
      {
        what: `the wall clock is set by ${hours} h`,
        happen: ({ world }) => {
          world.time.wallAheadMs += hours * 3_600_000;
        },
      },
    ];
  },
  (random) => {
    const place = random.below(3);
    const happen: Happening['happen'] = ({ world: { enclaves } }) =>
      enclaves[place % enclaves.length]?.restart();
    return [{ what: `enclave ${place} starts anew`, happen }];
  },
  (random) => suspend(random),
  (random) => pauseGateway(random),
  (random) => deferPayouts(random),
  (random) => holdFor(random, drawSubject(random)),
];

function killAll({ operators }: Running): void {
  for (const operator of operators) operator.kill();
}

function forgetPools({ world }: Running): void {
  for (const { mempool } of chainsOf(world)) mempool.clear();
}

function runAt({ operators }: Running, place: number): RelayerRun | undefined {
  const all = operators.flatMap(({ running }) => running);
  return all[place % all.length];
}

function killOne(random: Random): Drawn {
  const place = random.below(2);
  return { what: `relayer ${place} is killed`, happen: (running) => runAt(running, place)?.kill() };
}

function stopOne(random: Random): Drawn {
  const place = random.below(2);
  const what = `relayer ${place} is told to stop`;
  return { what, happen: (running) => runAt(running, place)?.stop() };
}

/** What has failed is to be tried again at once. */
function askToRetry(random: Random): Drawn {
  const lane = random.pick(['*', 'commit', 'release one']);
  return {
    what: `operators ask for lane ${lane} to try again`,
    happen: ({ operators }) => {
      for (const { database } of operators) void askRetry(database, lane);
    },
  };
}

function standStill(random: Random): Drawn {
  const sec = 1 + random.below(40);
  return { what: `nothing of ours runs for ${sec} s`, happen: (running) => running.freeze(sec) };
}

function stallOne(random: Random): Drawn {
  return stall(random.below(2), 1 + random.below(40));
}

/** One stands still, as SIGSTOP does it and SIGCONT later: it goes on as if nothing had been. */
export function stall(place: number, sec: number): Omit<Happening, 'atSec'> {
  return {
    what: `relayer ${place} stands still for ${sec} s`,
    happen: (running) => {
      const run = runAt(running, place);
      if (run) run.gate.stalledUntilMs = running.world.time.nowMs + sec * 1000;
    },
  };
}

function replaceBlocks(random: Random): Drawn {
  const depth = 1 + random.below(2);
  const isKept = random.below(2) === 0;
  const pick = random.below(2);
  return {
    what: `chain ${pick} replaces ${depth} blocks, and ${isKept ? 'keeps' : 'drops'} transactions`,
    happen: ({ world }) => {
      const chain = chainsOf(world)[pick] ?? world.ethereum;
      chain.reorganise(depth, chain.head.timeSec, () => isKept);
    },
  };
}

function suspend(random: Random): Drawn[] {
  const chainId = random.pick([ETHEREUM, POLKADOT]);
  return [sayOf(chainId, 'suspend'), { ...sayOf(chainId, 'resume'), afterSec: drawSpan(random) }];
}

/** By governance, at the anchor. */
export function sayOf(chainId: bigint, kind: 'suspend' | 'resume'): Omit<Happening, 'atSec'> {
  const body = controlOf({ kind, chainId });
  return {
    what: `governance says ${kind} of chain ${chainId}`,
    happen: ({ world }) => void world.polkadot.decrees.push({ kind: 'control', body }),
  };
}

/** What begins and ends: late enough for some that there is something to be paid by then. */
function fromTo(random: Random, begin: Omit<Drawn, 'afterSec'>, end: Omit<Drawn, 'afterSec'>) {
  const afterSec = random.below(BAD_SEC);
  return [
    { ...begin, afterSec },
    { ...end, afterSec: afterSec + drawSpan(random) },
  ];
}

function pauseGateway(random: Random): Drawn[] {
  const pick = random.below(2);
  const set = (isPaused: boolean): Happening['happen'] => {
    return ({ world }) =>
      void chainsOf(world)[pick]?.decrees.push({ kind: 'gateway', to: { isPaused } });
  };
  return fromTo(
    random,
    { what: `gateway ${pick} is paused`, happen: set(true) },
    { what: `gateway ${pick} goes on`, happen: set(false) },
  );
}

/** A gateway puts what it is to pay aside; sometimes it is claimed. */
function deferPayouts(random: Random): Drawn[] {
  const pick = random.below(2);
  const isClaimed = random.below(2) === 0;
  const set = (isDeferring: boolean): Happening['happen'] => {
    return ({ world }) => {
      const decrees = chainsOf(world)[pick]?.decrees;
      decrees?.push({ kind: 'gateway', to: { isDeferring } });
      if (isClaimed && !isDeferring) decrees?.push({ kind: 'claims' });
    };
  };
  const after = isClaimed ? 'pays, also what is claimed' : 'pays again';
  return fromTo(
    random,
    { what: `gateway ${pick} puts payouts aside`, happen: set(true) },
    { what: `gateway ${pick} ${after}`, happen: set(false) },
  );
}

function drawBatch(random: Random): HeldBatch {
  return { chainId: random.pick([ETHEREUM, POLKADOT]), firstIndex: BigInt(random.below(2)) };
}

function drawSubject(random: Random): HoldSubject {
  const chainId = random.pick([ETHEREUM, POLKADOT]);
  const index = BigInt(random.below(3));
  return random.pick([
    `batch ${chainId}/${index}`,
    `message ${chainId}/${index}`,
    'lane *',
    'lane commit',
    'lane release one',
    'lane watch other',
  ] as const);
}

function holdFor(random: Random, subject: HoldSubject): Drawn[] {
  return fromTo(
    random,
    { what: `operators hold ${subject}`, happen: (running) => hold(running, subject) },
    {
      what: `operators let ${subject} go`,
      happen: ({ operators }) => {
        for (const { database } of operators) void liftHold(database, subject);
      },
    },
  );
}

/** It is said as soon as the journal's session is free. */
function hold({ operators }: Running, subject: HoldSubject): void {
  const said = { subject, reason: 'to look at it', atMs: Date.now() };
  for (const { database } of operators) void placeHold(database, said);
}

/** Seconds from the beginning of something to its end. */
function drawSpan(random: Random): number {
  return 1 + random.below(20);
}

function drawHappenings(random: Random): Happening[] {
  const atSec = 1 + random.below(BAD_SEC);
  return random
    .pick(KINDS)(random)
    .map(({ afterSec = 0, ...happening }) => ({ ...happening, atSec: atSec + afterSec }));
}
