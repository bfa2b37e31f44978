import { BridgeError } from '../shared/errors.ts';

const DAY_SEC = 24 * 60 * 60;

/**
 * How old a checkpoint may be when somebody begins to trust it, in seconds, unless its chain's fork says otherwise. Once its validators have withdrawn their
 * stakes they can sign another history at no cost, and nothing in that history shows that it is not the first.
 *
 * SPEC: Ethereum until Fulu: phase0 and electra weak-subjectivity.md allow weeks to months, by the number of validators;
 * two weeks are below all of them. From Gloas on `computeWeakSubjectivitySec` has less. Polkadot: `pallet-staking` binds a stake for 28 eras of a day; half of that leaves time to
 * slash.
 */
export const WEAK_SUBJECTIVITY_SEC = { ethereum: 14 * DAY_SEC, polkadot: 14 * DAY_SEC } as const;

/** The chain whose checkpoint is meant. */
export type CheckpointChain = keyof typeof WEAK_SUBJECTIVITY_SEC;

/**
 * Refuses a checkpoint that is older than the weak-subjectivity period.
 *
 * SECURITY: an enclave has no clock that it could ask, so this is for tools and users, who have one.
 *
 * @param timestampSec of the pinned block, in seconds since the Unix epoch
 * @param nowSec       when the checkpoint was, or is, learnt from somebody that its user trusts
 * @param options      `periodSec`, where the fork in force has a shorter period than the chain's usual one
 * @returns the checkpoint's age in seconds; negative if its block is of the future
 * @throws {CheckpointAgeError} CHECKPOINT_TOO_OLD
 */
export function verifyCheckpointAge(
  chain: CheckpointChain,
  timestampSec: bigint,
  nowSec: bigint,
  { periodSec = WEAK_SUBJECTIVITY_SEC[chain] }: { readonly periodSec?: number } = {},
): bigint {
  const ageSec = nowSec - timestampSec;
  if (ageSec > BigInt(periodSec)) throw new CheckpointAgeError({ chain, ageSec, periodSec });
  return ageSec;
}

/** Whose checkpoint is too old, how old it is, and how old it might be. */
export interface CheckpointAgeMeta {
  readonly chain: CheckpointChain;
  readonly ageSec: bigint;
  readonly periodSec: number;
}

/** Nobody can tell the history after this checkpoint from one that former validators have made up since. */
export class CheckpointAgeError extends BridgeError<CheckpointAgeMeta> {
  readonly code = 'CHECKPOINT_TOO_OLD';
  readonly disposition = 'halt';
  constructor(meta: CheckpointAgeMeta) {
    const { chain, ageSec, periodSec } = meta;
    const [most, age] = [Math.floor(periodSec / DAY_SEC), ageSec / BigInt(DAY_SEC)];
    super(
      `Checkpoint of ${chain}: expected a block of the last ${most} days, got one of ${age} days ago; take a newer one, or say since when you have known this one.`,
      meta,
    );
  }
}
