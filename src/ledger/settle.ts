import type { OpenedEnvelope } from '../protocol/envelope.ts';
import type { Message } from '../protocol/message.ts';
import type { Draft } from './draft.ts';
import { mayOpen } from './epochs.ts';
import { earnFee, refundDeposit } from './fees.ts';
import { settleSealed } from './settle-deposit.ts';
import { settlePost } from './settle-post.ts';
import { settleTransparent } from './settle-transparent.ts';
import { bookDeposit } from './supply.ts';

// SPEC: docs/wire-formats.md, "Envelope": the byte that says what is meant to be in it.
const SEALED = 1;
const POST = 2;

/**
 * Settles one message that gateways can have taken: its fee is earned, and what it brings beyond that is released, credited, put among
 * what waits, or given back. Nothing here fails: what cannot be done has a place to go.
 */
export function settleMessage(draft: Draft, message: Message, opened: OpenedEnvelope): void {
  const { asset, amount, fee } = message;
  bookDeposit(draft, message);
  earnFee(draft, asset, fee);
  const envelope = readable(draft, message, opened);
  const kind = message.envelope[0];
  if (amount === fee) {
    if (kind === POST) settlePost(draft, message, envelope?.kind === 'post' ? envelope : undefined);
  } else if (kind === SEALED) {
    settleSealed(draft, message, envelope?.kind === 'sealed' ? envelope : undefined);
  } else if (envelope?.kind === 'transparent') {
    settleTransparent(draft, message, envelope.recipient);
  } else {
    refundDeposit(draft, message);
  }
}

/**
 * What an envelope says, as far as the ledger may know it: nothing if the message is late, or the epoch that it is sealed to is over.
 * So it does not matter which secrets an enclave still has.
 */
function readable(
  draft: Draft,
  { sentAtSec }: Message,
  envelope: OpenedEnvelope,
): OpenedEnvelope | undefined {
  if (draft.asOf - sentAtSec > draft.rules.lateSec) return undefined;
  const isSealed = envelope.kind === 'sealed' || envelope.kind === 'post';
  return isSealed && !mayOpen(draft, envelope.epoch, sentAtSec) ? undefined : envelope;
}
