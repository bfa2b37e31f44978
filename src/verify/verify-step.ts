import type { FinalizedHeader } from '../light-client/ethereum/types.ts';
import type { PolkadotConfig } from '../light-client/polkadot/config.ts';
import { type CheckpointChain, verifyCheckpointAge } from '../light-client/weak-subjectivity.ts';
import { BridgeError } from '../shared/errors.ts';

/** What the user of `veilspan verify` says beside the file. */
export interface VerifyOptions {
  /** The measured configuration that the user trusts, if there is one to compare with. */
  readonly expected?: unknown;
  /** Since when the user has known the checkpoints, in seconds since the Unix epoch: now, unless told otherwise. */
  readonly knownSinceSec: bigint;
}

/** Checks one line of a file after its first, and says what it proves. @throws {BridgeError} it proves nothing */
export type VerifyStep = (line: Record<string, unknown>, number: number) => Promise<string>;

/** Evidence whose first line was read. */
export interface OpenedEvidence {
  /** What it rests on, as lines of text. */
  readonly trust: readonly string[];
  readonly verify: VerifyStep;
}

const DAY_SEC = 86_400n;
const HOUR_SEC = 3600n;

/** How old a checkpoint is, in words. */
function describeAge(
  chain: CheckpointChain,
  timestampSec: bigint,
  { knownSinceSec }: VerifyOptions,
): string {
  const ageSec = verifyCheckpointAge(chain, timestampSec, knownSinceSec);
  const [days, hours] = [ageSec / DAY_SEC, (ageSec % DAY_SEC) / HOUR_SEC];
  return days > 0n ? `${days} days old` : `${hours} hours old`;
}

/**
 * The age of a checkpoint of Ethereum by its execution block, of which a header of Gloas says the hash alone.
 *
 * @throws {CheckpointAgeError} older than the weak-subjectivity period
 */
export function describeEthereumAge(
  { execution }: FinalizedHeader,
  options: VerifyOptions,
): string {
  return execution.timestamp === 0n
    ? 'its age not stated'
    : describeAge('ethereum', execution.timestamp, options);
}

/**
 * The age of a checkpoint of Polkadot, whose headers have no time: the configuration may state it.
 *
 * @throws {CheckpointAgeError} older than the weak-subjectivity period
 */
export function describePolkadotAge(
  { timestampSec }: PolkadotConfig['checkpoint'],
  options: VerifyOptions,
): string {
  if (timestampSec === undefined)
    return 'its age is not stated: compare the block with another node';
  return describeAge('polkadot', BigInt(timestampSec), options);
}

/** A file that cannot be read, or that rests on another configuration. */
export class EvidenceFileError extends BridgeError<{ what: string }> {
  readonly code = 'EVIDENCE_FILE_REFUSED';
  readonly disposition = 'reject';
  constructor(what: string, options?: { cause?: unknown }) {
    super(`The evidence file proves nothing: ${what}.`, { what }, options);
  }
}
