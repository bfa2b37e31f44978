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

/** A file that cannot be read, or that rests on another configuration. */
export class EvidenceFileError extends BridgeError<{ what: string }> {
  readonly code = 'EVIDENCE_FILE_REFUSED';
  readonly disposition = 'reject';
  constructor(what: string, options?: { cause?: unknown }) {
    super(`The evidence file proves nothing: ${what}.`, { what }, options);
  }
}
