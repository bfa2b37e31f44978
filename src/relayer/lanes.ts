import { type Bridge, committerOf, sideOf } from './bridge.ts';
import { holdsOn, isLaneHeld } from './journal/holds.ts';
import type { JobRef } from './queue/job-queue.ts';
import { lead } from './submit/lead.ts';

/** The lane that a job belongs to: what fails or halts there stops no other. */
export function laneOf(bridge: Pick<Bridge, 'sides'>, job: JobRef): string {
  const work = workOf(bridge, job);
  return job.enclave === undefined ? work : `${work} @ ${job.enclave}`;
}

/** Name of the enclave that a lane is for; undefined if it is for none. */
export function enclaveOf(lane: string): string | undefined {
  return lane.split(' @ ')[1];
}

function workOf(bridge: Pick<Bridge, 'sides'>, { kind, id }: JobRef): string {
  switch (kind) {
    case 'follow':
      return `follow ${id}`;
    case 'prove':
    case 'reveal':
    case 'release':
      return `${kind} ${sideOf(bridge, BigInt(id)).chain.name}`;
    case 'commit':
    case 'confirm':
    case 'snapshot':
      return kind;
    default:
      return kind satisfies never;
  }
}

/** Whether a lane may work now: it has not halted, and no operator holds it. */
export async function mayRun(
  { vitals, database }: Pick<Bridge, 'vitals' | 'database'>,
  lane: string,
): Promise<boolean> {
  if (vitals.isHalted(lane)) return false;
  try {
    const held = await vitals.wait("the operator's holds", HOLDS_MS, () => holdsOn(database));
    return !isLaneHeld(held, lane);
  } catch (error) {
    vitals.noteFailure(lane, error);
    throw error;
  }
}

/**
 * Makes sure that this process is the one whose accounts the job is to use. It leads them if nobody else does.
 *
 * @throws {RelayerError} RELAYER_NOT_LEADING: the job is another process's
 */
export async function requireLead(
  bridge: Pick<Bridge, 'sides' | 'anchor' | 'database' | 'holder'>,
  { kind, id }: JobRef,
): Promise<void> {
  if (kind === 'release') await lead(bridge, sideOf(bridge, BigInt(id)));
  if (kind === 'commit') await lead(bridge, committerOf(bridge));
}

/** The journal answers in less, or not at all. */
const HOLDS_MS = 15_000;
