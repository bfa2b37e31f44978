import {
  appendControl,
  CONTROL_KINDS,
  type ControlContent,
  type ControlMessage,
  decodeControl,
} from '../protocol/control.ts';
import { consumingRound, roundCutSec } from '../protocol/rounds.ts';
import type { Draft } from './draft.ts';
import { LedgerError } from './ledger-error.ts';
import type { PendingControl } from './state.ts';

/** What of a draft control messages are taken into. */
type ControlDraft = Pick<Draft, 'rules' | 'chains' | 'control' | 'pending'>;

/** What a commit takes of the anchor's outbox. */
export interface ControlPortion {
  /** In order, from the first that is not consumed; may reach beyond `count`. */
  readonly messages: Iterable<ControlMessage>;
  /** Time of the final header under which they were proven, in whole seconds of Unix time. */
  readonly provenAtSec: bigint;
  /** What is consumed of the outbox afterwards. */
  readonly count: bigint;
  /** The last round of the commit. */
  readonly round: bigint;
}

/**
 * Consumes control messages: all that were sent by the cut of the commit's last round, and beyond it only what leads to a suspension.
 * They hold later, each from its round on.
 *
 * @throws {LedgerError} LEDGER_ROUND_INCOMPLETE, LEDGER_COMMIT_REFUSED
 */
export function takeControl(draft: ControlDraft, portion: ControlPortion): void {
  const cutSec = roundCutSec(draft.rules.schedule, anchorLagSec(draft), portion.round);
  if (portion.provenAtSec <= cutSec) {
    throw new LedgerError('LEDGER_ROUND_INCOMPLETE', 'the anchor’s outbox proven past the cut', {
      chainId: draft.rules.anchor.chainId,
      provenAtSec: portion.provenAtSec,
      cutSec,
    });
  }
  let last: ControlMessage | undefined;
  for (const message of portion.messages) {
    if (draft.control.count === portion.count) {
      requireBeyond(message, cutSec);
      break;
    }
    consumeControl(draft, message);
    last = message;
  }
  requireWhole(draft, portion, last !== undefined && isAhead(last, cutSec));
}

function isAhead({ sentAtSec, kind }: ControlMessage, cutSec: bigint): boolean {
  return sentAtSec > cutSec && kind !== CONTROL_KINDS.suspend;
}

function requireBeyond({ index, sentAtSec }: ControlMessage, cutSec: bigint): void {
  if (sentAtSec > cutSec) return;
  throw new LedgerError('LEDGER_COMMIT_REFUSED', 'every control message that the round includes', {
    index,
    sentAtSec,
    cutSec,
  });
}

function requireWhole(
  { control }: ControlDraft,
  { count }: ControlPortion,
  isTooFar: boolean,
): void {
  if (control.count === count && !isTooFar) return;
  throw new LedgerError(
    'LEDGER_COMMIT_REFUSED',
    'a count of control messages that is at hand, and ends with the cut or with a suspension',
    { count, known: control.count },
  );
}

function consumeControl(draft: ControlDraft, message: ControlMessage): void {
  if (message.index !== draft.control.count) {
    throw new LedgerError('LEDGER_MESSAGE_OUT_OF_ORDER', 'the next control message', {
      index: message.index,
      next: draft.control.count,
    });
  }
  draft.control = appendControl(draft.control, draft.rules.anchor, message);
  const content = decodeControl(message.kind, message.payload);
  if (content === undefined) return;
  const pending = draft.pending.filter((earlier) => !isWithdrawn(earlier, content));
  const holdsFrom = holdingFrom(draft, message, content);
  const at = pending.findIndex((other) => other.holdsFrom > holdsFrom);
  draft.pending = pending.toSpliced(at < 0 ? pending.length : at, 0, { holdsFrom, content });
}

/** A suspension withdraws what was to resume its chain: it would not outlast it otherwise, though it was said later. */
function isWithdrawn({ content: earlier }: PendingControl, content: ControlContent): boolean {
  const isResumption = earlier.kind === 'resume' && content.kind === 'suspend';
  return isResumption && earlier.chainId === content.chainId;
}

/** A suspension is stamped with the first uncommitted round; what else is said holds when everybody can know it. */
function holdingFrom(
  draft: ControlDraft,
  { round, sentAtSec }: ControlMessage,
  { kind }: ControlContent,
): bigint {
  if (kind === 'suspend') return round;
  const known = consumingRound(draft.rules.schedule, anchorLagSec(draft), sentAtSec) + 1n;
  return round > known ? round : known;
}

function anchorLagSec({ rules, chains }: ControlDraft): bigint {
  return chains.get(rules.anchor.chainId)?.lagSec ?? 0n;
}
