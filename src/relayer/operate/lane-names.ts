import type { RelayerConfig } from '../../config/relayer.ts';
import type { TransferState } from '../../protocol/transfer-state.ts';
import { type Hold, isLaneHeld } from '../journal/holds.ts';
import type { LaneVitals } from '../vitals.ts';

/** What of a configuration its lanes are named after. */
export type NamedLanes = {
  readonly chains: readonly Pick<RelayerConfig['chains'][number], 'name'>[];
  readonly lightClients: readonly Pick<RelayerConfig['lightClients'][number], 'id'>[];
  readonly enclaves: readonly unknown[];
};

/**
 * The lanes of a relayer with this configuration that an operator can hold, under the names that `relayer lanes` shows: without an enclave for
 * every one, and with it.
 */
export function heldLanesOf({ chains, lightClients, enclaves }: NamedLanes): string[] {
  const names = chains.map(({ name }) => name);
  const perEnclave = [
    ...lightClients.map(({ id }) => `follow ${id}`),
    ...names.map((name) => `prove ${name}`),
    'confirm',
  ];
  return [
    ...names.map((name) => `watch ${name}`),
    ...perEnclave.flatMap((work) => [
      work,
      ...enclaves.map((_, i) => `${work} @ enclave-${i + 1}`),
    ]),
    'commit',
    ...names.flatMap((name) => [`reveal ${name}`, `release ${name}`]),
    'snapshot',
  ];
}

/** All lanes: those that can be held, and those that only look and settle, which go on in a pause. */
export function allLanesOf(config: NamedLanes): string[] {
  return [
    ...heldLanesOf(config),
    ...config.chains.map(({ name }) => `settle ${name}`),
    ...config.enclaves.map((_, i) => `ask enclave-${i + 1}`),
  ];
}

/** The lane that a hold is on, `*` for all of them; undefined of a hold on something else. */
export function laneOfHold(subject: string): string | undefined {
  return /^lane (.*)$/.exec(subject)?.[1];
}

/** The command that ends a hold, as it is with a configuration in `relayer.json`. */
export function commandToLift(subject: string): string {
  const lane = laneOfHold(subject);
  const what =
    lane === undefined
      ? `release ${subject.replace(' ', '/')}`
      : `resume${lane === '*' ? '' : ` ${lane}`}`;
  return `veilspan relayer ${what} --config relayer.json`;
}

/** How a lane stands, and whether an operator holds it. */
export interface HeldLane extends LaneVitals {
  readonly isHeld: boolean;
}

/** Lanes with what an operator holds of them. */
export function withHolds(lanes: readonly LaneVitals[], holds: readonly Hold[]): HeldLane[] {
  return lanes.map((lane) => ({ ...lane, isHeld: isLaneHeld(holds, lane.name) }));
}

/** A chain as the configuration names it, and the gateway there. */
export type NamedChain = Pick<RelayerConfig['chains'][number], 'chainId' | 'name' | 'gateway'>;

interface Waiting {
  readonly subject: string;
  /** Where it is; undefined of what has no steps of its own. */
  readonly state: TransferState | undefined;
  readonly chains: readonly NamedChain[];
}

/** Whether what is held is a lane that a subject has to pass still. Which gateway pays an anchored message, its sealed order alone may say. */
export function isOnTheWay(held: string, { subject, state, chains }: Waiting): boolean {
  const lane = laneOfHold(held);
  if (lane === undefined) return false;
  const [work = lane] = lane.split(' @ ');
  if (work === '*') return true;
  const [kind = '', id = ''] = subject.split(' ');
  const name = chains.find(({ chainId }) => `${chainId}` === id.split('/')[0])?.name;
  if (kind === 'commit') return ['commit', 'confirm'].includes(work);
  if (kind !== 'message')
    return [`watch ${name}`, `reveal ${name}`, `release ${name}`].includes(work);
  if (state === 'anchored') return /^(reveal|release) /.test(work);
  return [`watch ${name}`, `prove ${name}`, 'commit', 'confirm'].includes(work);
}
