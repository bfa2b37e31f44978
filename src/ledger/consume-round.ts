import type { OpenedEnvelope } from '../protocol/envelope.ts';
import { appendMessage, type Message } from '../protocol/message.ts';
import { roundCutSec } from '../protocol/rounds.ts';
import { ZERO_ADDRESS } from './check-legs.ts';
import type { Draft, DraftChain } from './draft.ts';
import { LedgerError } from './ledger-error.ts';
import { settleMessage } from './settle.ts';
import { AMOUNT_LIMIT } from './supply.ts';

/** A message of an outbox with what its envelope says. */
interface Opened {
  readonly message: Message;
  readonly envelope: OpenedEnvelope;
}

/** What of an outbox is not consumed yet, looked at one by one. */
export interface OutboxReader {
  /** Time of the final header under which the outbox was proven, in whole seconds of Unix time. */
  readonly provenAtSec: bigint;
  /** The next that was sent by then, and steps on; undefined if there is none. */
  takeBy(cutSec: bigint): Opened | undefined;
}

/** Reads an outbox in order, no further than to the first message behind what is asked for. */
export function createOutboxReader(messages: Iterable<Opened>, provenAtSec: bigint): OutboxReader {
  const rest = messages[Symbol.iterator]();
  let next: IteratorResult<Opened> | undefined;
  return {
    provenAtSec,
    takeBy(cutSec) {
      next ??= rest.next();
      if (next.done || next.value.message.sentAtSec > cutSec) return undefined;
      const taken: Opened = next.value;
      next = undefined;
      return taken;
    },
  };
}

/**
 * Consumes what the draft's round includes of every chain that is not suspended, in chain then index order.
 *
 * @throws {LedgerError} LEDGER_ROUND_INCOMPLETE; what halts, if no gateway can have said it
 */
export function consumeRound(draft: Draft, outboxes: ReadonlyMap<bigint, OutboxReader>): void {
  for (const chain of draft.chains.values()) {
    if (!chain.isSuspended) consumeOutbox(draft, chain, outboxes.get(chain.chainId));
  }
}

function consumeOutbox(draft: Draft, chain: DraftChain, outbox: OutboxReader | undefined): void {
  const cutSec = roundCutSec(draft.rules.schedule, chain.lagSec, draft.round);
  if (outbox === undefined || outbox.provenAtSec <= cutSec) {
    throw new LedgerError('LEDGER_ROUND_INCOMPLETE', 'every outbox proven past the cut', {
      chainId: chain.chainId,
      round: draft.round,
      provenAtSec: outbox?.provenAtSec ?? 0n,
      cutSec,
    });
  }
  for (let next = outbox.takeBy(cutSec); next !== undefined; next = outbox.takeBy(cutSec)) {
    requireNext(chain, next.message);
    chain.inbox = appendMessage(chain.inbox, next.message);
    settleMessage(draft, next.message, next.envelope);
  }
}

/** What a gateway takes, in its order. */
function requireNext(chain: DraftChain, message: Message): void {
  const { chainId, gateway, index, amount, fee, refundTo } = message;
  if (chainId !== chain.chainId || gateway !== chain.gateway) {
    throw new LedgerError('LEDGER_MESSAGE_FOREIGN', 'a message of the chain’s own gateway', {
      chainId,
      gateway,
    });
  }
  if (index !== chain.inbox.count) {
    throw new LedgerError('LEDGER_MESSAGE_OUT_OF_ORDER', 'the next message of its chain', {
      chainId,
      index,
      next: chain.inbox.count,
    });
  }
  const isPossible = amount > 0n && amount < AMOUNT_LIMIT && fee >= 0n && fee <= amount;
  if (isPossible && refundTo !== ZERO_ADDRESS && refundTo !== gateway) return;
  throw new LedgerError(
    'LEDGER_MESSAGE_IMPOSSIBLE',
    'an amount of 1 … 2^128 − 1, a fee not above it, a refund to somebody',
    { chainId, index, amount, fee, refundTo },
  );
}
