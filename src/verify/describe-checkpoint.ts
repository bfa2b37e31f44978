import { describeCheckpoint } from '../light-client/client-evidence.ts';
import { type ClientState, checkpointAgeSec, initialClient } from '../light-client/client-state.ts';
import type { ClientConfig } from '../light-client/kinds.ts';

const DAY_SEC = 86_400n;
const HOUR_SEC = 3600n;

/** When somebody has learnt of a checkpoint. */
export interface KnownSince {
  /** In seconds since the Unix epoch. */
  readonly knownSinceSec: bigint;
}

/**
 * How old a light client's checkpoint is, in words: by its first store or, before the bootstrap, by what the
 * configuration states.
 *
 * @throws {CheckpointAgeError} older than the weak-subjectivity period
 */
export function describeAge(
  config: ClientConfig,
  state: ClientState,
  { knownSinceSec }: KnownSince,
): string {
  const ageSec = checkpointAgeSec(config, state, knownSinceSec);
  if (ageSec === undefined) return 'its age is not stated: compare the block with another node';
  const [days, hours] = [ageSec / DAY_SEC, (ageSec % DAY_SEC) / HOUR_SEC];
  return days > 0n ? `${days} days old` : `${hours} hours old`;
}

/**
 * What each light client starts from, as lines of text.
 *
 * @throws {CheckpointAgeError} a checkpoint that says it is older than the weak-subjectivity period
 */
export function describeCheckpoints(
  lightClients: readonly ClientConfig[],
  options: KnownSince,
): string[] {
  return lightClients.flatMap((config) => {
    const age = describeAge(config, initialClient(config), options);
    return [...describeCheckpoint(config), age].map((line, i) =>
      labelled(i === 0 ? config.id : '', line),
    );
  });
}

/** A line of a list, behind what it is about. */
export function labelled(label: string, line: string): string {
  return `  ${label.padEnd(14)} ${line}`;
}
