import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../../devnet/world.ts';
import type { RelaySide } from './relay-world.ts';

/** Deposits are made at the end of so many hours each. */
const PART_HOURS = 2;
/** The local world moves its time ahead by so much at once: in it Ethereum makes a block for every second, Polkadot one. */
const STEP_SEC = 30;
const LOOK_MS = 10;

/** A time in which nobody relays. */
export interface Absence {
  readonly hours: number;
  /** Deposits each way. */
  readonly count: number;
  load(count: number): Promise<unknown>;
}

/** Lets it go by. @returns deposits that were made each way */
export async function passHours(
  world: World,
  sides: readonly RelaySide[],
  { hours, count, load }: Absence,
): Promise<number> {
  const parts = Math.ceil(hours / PART_HOURS);
  const each = Math.ceil(count / parts);
  for (let part = 0; part < parts; part++) {
    const leftHours = Math.min(PART_HOURS, hours - part * PART_HOURS);
    for (let sec = 0; sec < leftHours * 3600; sec += STEP_SEC) await step(world, sides);
    await load(each);
  }
  return parts * each;
}

async function step(world: World, sides: readonly RelaySide[]): Promise<void> {
  const times = () => Promise.all(sides.map(timeOf));
  const from = await times();
  await world.forward(STEP_SEC);
  const isThere = (atSec: bigint, i: number) => atSec >= (from[i] ?? 0n) + BigInt(STEP_SEC);
  while (!(await times()).every(isThere)) await sleep(LOOK_MS);
}

async function timeOf({ chain }: RelaySide): Promise<bigint> {
  return await chain.blockTimeSec((await chain.head()).hash);
}
