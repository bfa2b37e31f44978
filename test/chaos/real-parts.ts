import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../fuzz/random.ts';
import { drawHappenings, type Happening } from './real/happenings.ts';
import { Observed } from './real/observed.ts';
import { type Payment, payIn, timesPaid } from './real/payments.ts';
import { findBrokenParts } from './real/real-invariants.ts';
import { type RealWorld, type Shape, startRealWorld } from './real/real-world.ts';
import { openStores, type Stores } from './real/stores.ts';
import type { Tally } from './tally.ts';

/** Schedules that one world lives through; the next one is of the next shape. */
const SCHEDULES_PER_WORLD = 8;
const SHAPES: readonly Shape[] = ['pair', 'one', 'rivals', 'embedded'];
/** After so many looks that have found no new release, two in a second, what is not paid never will be. */
const PATIENCE_LOOKS = 480;
/** Looks, one in two seconds, for all else to come to rest after that: an alarm that is over, a transaction that is open. */
const REST_LOOKS = 60;

/** How a campaign is to be. */
export interface Campaign {
  readonly seed: number;
  /** The first schedule; each has a number, which it can be run alone by. */
  readonly first: number;
  readonly schedules: number;
  /** Counts what happens. */
  readonly tally: Tally;
  isOver(): boolean;
  print(line: string): void;
}

/** What came of it. */
export interface Attacked {
  readonly done: number;
  /** Sentences about what must not be, by schedule. */
  readonly broken: readonly string[];
}

/**
 * Runs schedules with real chains, a real enclave, real stores and relayers that are processes. What happens, to whom and in which order
 * follows from seed and number; when exactly does not, since processes take their own time.
 */
export async function attackRealParts(campaign: Campaign): Promise<Attacked> {
  const stores = await openStores();
  let done = 0;
  const broken: string[] = [];
  try {
    while (done < campaign.schedules && !campaign.isOver() && broken.length === 0) {
      const from = campaign.first + done;
      const left = Math.min(
        campaign.schedules - done,
        SCHEDULES_PER_WORLD - (from % SCHEDULES_PER_WORLD),
      );
      const lived = await liveThrough({ ...campaign, first: from, schedules: left }, stores);
      done += lived.done;
      broken.push(...lived.broken);
    }
  } finally {
    await stores?.close();
  }
  return { done, broken };
}

/** The shape of the world in which a schedule runs. */
function shapeOf(schedule: number, stores: Stores | undefined): Shape {
  if (stores === undefined) return 'embedded';
  return SHAPES[Math.floor(schedule / SCHEDULES_PER_WORLD) % SHAPES.length] ?? 'one';
}

async function liveThrough(campaign: Campaign, stores: Stores | undefined): Promise<Attacked> {
  const shape = shapeOf(campaign.first, stores);
  campaign.print(`a world of shape "${shape}" for ${campaign.schedules} schedules`);
  const real = await startRealWorld(shape, stores);
  const payments: Payment[] = [];
  const broken: string[] = [];
  let done = 0;
  try {
    while (done < campaign.schedules && !campaign.isOver() && broken.length === 0) {
      const schedule = campaign.first + done++;
      const found = await attack(real, payments, { ...campaign, first: schedule });
      broken.push(...found.map((what) => `schedule ${schedule}: ${what}`));
    }
  } finally {
    await real.close();
  }
  if (broken.length === 0) rmSync(real.folder, { recursive: true, force: true });
  else campaign.print(`what its processes said is in ${real.folder}`);
  return { done, broken };
}

async function attack(
  real: RealWorld,
  payments: Payment[],
  { seed, first: schedule, tally, print }: Campaign,
): Promise<string[]> {
  const random = createRandom(seed, 'chaos with real parts', schedule);
  const happenings = drawHappenings(real, random, { schedule, tally });
  print(`schedule ${schedule}:`);
  for (const { atMs, what } of happenings) {
    print(`  ${(atMs / 1000).toFixed(1)} s: ${what}`);
    tally.countHappening(what);
  }
  const observed = new Observed(real);
  const startMs = performance.now();
  try {
    const made = payIn(real, random).then((all) => payments.push(...all));
    await Promise.all([made, ...happenings.map(begin)]);
    const calmMs = performance.now();
    await untilPaid(real, payments, observed);
    const paidMs = performance.now();
    const broken = await untilWell(real, payments);
    print(
      `  calm after ${seconds(calmMs - startMs)}, all paid ${seconds(paidMs - calmMs)} later, at rest ${seconds(performance.now() - paidMs)} later; longest without a release ${seconds(observed.longestMs)}`,
    );
    return broken;
  } finally {
    await observed.stop();
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

async function begin({ atMs, happen }: Happening): Promise<void> {
  await sleep(atMs);
  await happen();
}

/** Until all is paid, or nothing moves any more. */
async function untilPaid(
  real: RealWorld,
  payments: readonly Payment[],
  observed: Observed,
): Promise<void> {
  for (;;) {
    const times = await timesPaid(real, payments);
    if ([...times.values()].every((count) => count > 0)) return;
    if (observed.stillLooks > PATIENCE_LOOKS) return;
    await sleep(1000);
  }
}

/** What is wrong once what may take a while has had it. A machine that stands still looks as rarely as all else on it works. */
async function untilWell(real: RealWorld, payments: readonly Payment[]): Promise<string[]> {
  for (let looks = 1; ; looks++) {
    const broken = await findBrokenParts(real, payments);
    if (broken.length === 0 || looks > REST_LOOKS) return broken;
    await sleep(2000);
  }
}
