import {
  createScaleCursor,
  expectEnd,
  readBytes,
  readU8,
  readU32,
  readU64,
  readVector,
  type ScaleCursor,
} from '../../codec/scale.ts';
import { toHex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import type { Authority } from './authority-set.ts';
import type { DigestItem, Header } from './header.ts';
import { MAX_AUTHORITIES } from './limits.ts';

// SPEC: docs/light-client-rules.md C.2 "Authority set tracking"; polkadot-sdk substrate/primitives/consensus/grandpa `ConsensusLog`.

/** A change of voters that a header announces, in force from the next block. */
export interface ScheduledChange {
  readonly nextAuthorities: readonly Authority[];
  /** Blocks until the change is in force; u32. */
  readonly delay: number;
}

/** The engine id "FRNK" of GRANDPA's digest logs. */
const GRANDPA_ENGINE = '0x46524e4b';

const LOG_SCHEDULED_CHANGE = 1;
const LOG_FORCED_CHANGE = 2;
/** Payload sizes of the logs that change no voters: OnDisabled(u64), Pause(u32), Resume(u32). */
const OTHER_LOG_BYTES = new Map([
  [3, 8],
  [4, 4],
  [5, 4],
]);

/**
 * The change of voters that a **final** header announces, or undefined.
 *
 * Every log is looked at: a change may stand behind any number of other logs. The first ScheduledChange counts, and a
 * ForcedChange anywhere takes precedence over it.
 *
 * SECURITY: call it with verified headers only, since its errors halt the client and anybody can write a header.
 *
 * @throws {AuthorityChangeError} GRANDPA_FORCED_CHANGE: the chain changed its voters without their signatures;
 *   GRANDPA_CHANGE_DELAYED: the change is not in force from the next block on; GRANDPA_LOG_MALFORMED: a log of the
 *   engine that cannot be read, hence might hide a change
 */
export function findAuthorityChange(header: Header): ScheduledChange | undefined {
  const logs = header.digest.filter(isGrandpaLog).map((item) => decodeLog(item.payload, header));
  const change = logs.find((log) => log !== undefined);
  if (change !== undefined && change.delay !== 0) refuse('GRANDPA_CHANGE_DELAYED', header);
  return change;
}

function isGrandpaLog(item: DigestItem): item is Extract<DigestItem, { engine: Uint8Array }> {
  return item.kind === 'consensus' && toHex(item.engine) === GRANDPA_ENGINE;
}

function decodeLog(payload: Uint8Array, header: Header): ScheduledChange | undefined {
  const cursor = createScaleCursor(payload);
  try {
    const log = readLog(cursor, header);
    expectEnd(cursor);
    return log;
  } catch (cause) {
    if (cause instanceof AuthorityChangeError) throw cause;
    throw new AuthorityChangeError('GRANDPA_LOG_MALFORMED', header.number, { cause });
  }
}

function readLog(cursor: ScaleCursor, header: Header): ScheduledChange | undefined {
  const variant = readU8(cursor);
  if (variant === LOG_SCHEDULED_CHANGE) return readScheduledChange(cursor);
  if (variant === LOG_FORCED_CHANGE) refuse('GRANDPA_FORCED_CHANGE', header);
  const length = OTHER_LOG_BYTES.get(variant);
  if (length === undefined) refuse('GRANDPA_LOG_MALFORMED', header);
  readBytes(cursor, length);
  return undefined;
}

function readScheduledChange(cursor: ScaleCursor): ScheduledChange {
  const nextAuthorities = readVector(cursor, MAX_AUTHORITIES, readAuthority);
  return { nextAuthorities, delay: readU32(cursor) };
}

function readAuthority(cursor: ScaleCursor): Authority {
  return { id: toHex(readBytes(cursor, 32)), weight: readU64(cursor) };
}

function refuse(code: AuthorityChangeErrorCode, header: Header): never {
  throw new AuthorityChangeError(code, header.number);
}

export type AuthorityChangeErrorCode =
  | 'GRANDPA_FORCED_CHANGE'
  | 'GRANDPA_CHANGE_DELAYED'
  | 'GRANDPA_LOG_MALFORMED';

const REASONS: Record<AuthorityChangeErrorCode, string> = {
  GRANDPA_FORCED_CHANGE: 'expected changes signed by the running set, got a forced one',
  GRANDPA_CHANGE_DELAYED: 'expected a change with delay 0, got a delayed one',
  GRANDPA_LOG_MALFORMED: 'expected readable GRANDPA logs, got another',
};

/** The chain went where the chain of trust cannot follow; only a new checkpoint leads further. */
export class AuthorityChangeError extends BridgeError<{ number: number }> {
  readonly code: AuthorityChangeErrorCode;
  readonly disposition = 'halt';
  constructor(code: AuthorityChangeErrorCode, number: number, options?: { cause?: unknown }) {
    super(
      `Final block ${number}: ${REASONS[code]}; configure a newer checkpoint after checking what happened.`,
      { number },
      options,
    );
    this.code = code;
  }
}
