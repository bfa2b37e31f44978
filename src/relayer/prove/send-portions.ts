import { refusalCode } from '../../enclave-client/enclave-client.ts';
import { GATEWAY_SLOTS } from '../../protocol/contracts.ts';
import {
  type CommandParams,
  MAX_INGEST_MESSAGES,
  type OutboxStatus,
} from '../../protocol/enclave-commands.ts';
import type { MessageBody } from '../../protocol/message.ts';
import { messageSubject, stepsOf } from '../../protocol/transfer-state.ts';
import { least } from '../../shared/bigints.ts';
import { fromHex } from '../../shared/bytes.ts';
import type { Bridge, EnclaveLine, Side } from '../bridge.ts';
import { journalChanges } from '../journal/journal-changes.ts';
import {
  ANY_BLOCK,
  finalMessageCount,
  finalMessages,
  type MessageRow,
} from '../journal/messages.ts';
import { journalQuarantine } from '../journal/quarantine.ts';
import { messagesOf, takeRefusal } from '../watch/reconcile.ts';
import { askWithProof } from './ask-with-proof.ts';
import { outboxOf } from './outbox.ts';
import type { ProvenBlock } from './proven-block.ts';
import { refusesBodies } from './refuses-bodies.ts';

/** An enclave, the chain whose messages it is to take, and the newest block that it knows to be final there. */
export interface Lane {
  readonly line: EnclaveLine;
  readonly side: Side;
  readonly block: ProvenBlock;
  /** Once it says stop, nothing more is sent. */
  readonly signal: AbortSignal;
}

/**
 * Sends all messages up to the lane's block in portions, the last with the proof, from where the enclave stands on: a
 * run that was cut off goes on. One that does not end in the proven head, or whose messages the enclave cannot read, is
 * begun anew; if it refuses that too, the journal is wrong, and read again from another node.
 *
 * @throws {RemoteRefusal} of the messages once what follows from that is done, and as `ingest`
 */
export async function sendRun(bridge: Bridge, lane: Lane, outbox: OutboxStatus): Promise<void> {
  const { position, scanned } = outbox;
  const isWhole = position.count === scanned.count;
  try {
    await sendFrom(bridge, lane, { outbox, fromIndex: scanned.count });
  } catch (error) {
    if (!refusesBodies(error)) throw error;
    if (!isWhole) return await sendRun(bridge, lane, { ...outbox, scanned: position });
    await readAgainUnlessOvertaken(bridge, lane, position.count);
    throw error;
  }
}

interface Run {
  readonly outbox: OutboxStatus;
  readonly fromIndex: bigint;
}

async function sendFrom(bridge: Bridge, lane: Lane, { outbox, fromIndex }: Run): Promise<void> {
  const { side, block } = lane;
  const { chainId } = side.chain;
  let index = fromIndex;
  for (;;) {
    const range = { chainId, fromIndex: index, toBlock: block.number, limit: MAX_INGEST_MESSAGES };
    const rows = await finalMessages(bridge.database, range);
    index += BigInt(rows.length);
    // Nothing behind what is known, and that this is all was proven at this block before: there is nothing to prove.
    if (index === outbox.position.count && block.timeSec <= outbox.provenAtSec) return;
    const isLast = rows.length < MAX_INGEST_MESSAGES;
    const proof = isLast ? await proveSentHead(lane) : null;
    const after = await send(bridge, lane, { rows, fromIndex: index - BigInt(rows.length), proof });
    if (isLast) return await journalVerified(bridge, lane, [outbox, after]);
  }
}

/**
 * Sends once more what the enclave has proven and had no room for, portion by portion as it knows their ends, until it
 * has no room again.
 *
 * @throws {RemoteRefusal} of the messages once what follows from that is done, and as `ingest`
 */
export async function sendAhead(bridge: Bridge, lane: Lane, outbox: OutboxStatus): Promise<void> {
  let now = outbox;
  while (now.ahead !== null) {
    const { position, ahead } = now;
    const rows = await rowsBetween(bridge, lane, position.count, ahead.count);
    // The journal is being read again; the watch lane's news come back to this.
    if (BigInt(rows.length) < ahead.count - position.count) return;
    const portion = { rows, fromIndex: position.count, proof: null };
    const after = await sendWhereRoom(bridge, lane, portion);
    if (after === undefined) return;
    await journalVerified(bridge, lane, [now, after]);
    if (after.position.count <= position.count) return;
    now = after;
  }
}

async function rowsBetween(
  { database }: Bridge,
  { side }: Lane,
  fromIndex: bigint,
  end: bigint,
): Promise<MessageRow[]> {
  const limit = Math.min(Number(end - fromIndex), MAX_INGEST_MESSAGES);
  const range = { chainId: side.chain.chainId, fromIndex, toBlock: ANY_BLOCK, limit };
  return await finalMessages(database, range);
}

/** What the enclave says of the outbox then; undefined if it has no room. */
async function sendWhereRoom(
  bridge: Bridge,
  lane: Lane,
  portion: Portion,
): Promise<OutboxStatus | undefined> {
  try {
    return await send(bridge, lane, portion);
  } catch (error) {
    if (refusalCode(error) === 'ENCLAVE_INBOX_FULL') return undefined;
    if (refusesBodies(error)) await readAgainUnlessOvertaken(bridge, lane, portion.fromIndex);
    throw error;
  }
}

interface Portion extends Pick<CommandParams<'ingest'>, 'fromIndex' | 'proof'> {
  readonly rows: readonly MessageRow[];
}

async function send(
  bridge: Bridge,
  { line, side, signal }: Lane,
  { rows, fromIndex, proof }: Portion,
): Promise<OutboxStatus> {
  const { chainId } = side.chain;
  signal.throwIfAborted();
  try {
    const params = { chainId, fromIndex, messages: rows.map(toBody), proof };
    const ask = () => line.client.ask('ingest', params);
    return await askWithProof(bridge, { chain: side.chain, proof, ask });
  } catch (error) {
    await journalQuarantine(bridge, error, async () => rows);
    throw error;
  }
}

async function proveSentHead({ side, block }: Lane): Promise<CommandParams<'ingest'>['proof']> {
  const contract = { address: side.gateway };
  return await side.chain.stateProof(contract, GATEWAY_SLOTS.sentHead, block.held);
}

/** Another relayer may have been quicker: what is still to be proven then is seen at the next look. */
async function readAgainUnlessOvertaken(
  bridge: Bridge,
  { line, side, signal }: Lane,
  fromIndex: bigint,
): Promise<void> {
  const now = outboxOf(await line.client.ask('status', {}), side.chain.chainId);
  if (now?.position.count !== fromIndex) return;
  const refusal = { line, position: now.position, signal };
  await takeRefusal(bridge, messagesOf(bridge, side), refusal);
}

/** Messages whose changes are held in memory at a time. */
const CHANGES_AT_ONCE = 2000;

/** Journals what the enclave says that it has taken in between two answers, of what there is. */
async function journalVerified(
  bridge: Bridge,
  { line, block: { number: blockNumber } }: Lane,
  [before, after]: readonly [OutboxStatus, OutboxStatus],
): Promise<void> {
  const { chainId } = after;
  const atMs = bridge.clock.nowMs();
  const steps = stepsOf({ kind: 'replayed' });
  const end = least(after.position.count, await finalMessageCount(bridge.database, chainId));
  bridge.proofs?.note({ enclave: line.name, chainId, from: before.position.count, end, atMs });
  for (let from = before.position.count; from < end; from += BigInt(CHANGES_AT_ONCE)) {
    const length = Math.min(Number(end - from), CHANGES_AT_ONCE);
    const subjects = Array.from({ length }, (_, i) => messageSubject(chainId, from + BigInt(i)));
    const at = { chainId, blockNumber, atMs };
    await journalChanges(
      bridge,
      subjects.flatMap((subject) => steps.map((step) => ({ ...step, subject, ...at }))),
    );
  }
}

function toBody(row: MessageRow): MessageBody {
  const { sentAtSec, sender, refundTo, asset, amount, fee, destination, envelope } = row;
  return {
    sentAtSec,
    sender,
    refundTo,
    asset,
    amount,
    fee,
    destination,
    envelope: fromHex(envelope),
  };
}
