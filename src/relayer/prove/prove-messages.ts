import type { BlockRef } from '../../chains/shared/bridged-chain.ts';
import { RemoteRefusal } from '../../enclave-client/enclave-client.ts';
import { GATEWAY_SLOTS } from '../../protocol/contracts.ts';
import { type EnclaveStatus, MAX_INGEST_MESSAGES } from '../../protocol/enclave-commands.ts';
import type { MessageBody } from '../../protocol/message.ts';
import { messageSubject, stepsOf } from '../../protocol/transfer-state.ts';
import { fromHex, type Hex } from '../../shared/bytes.ts';
import { type Bridge, type EnclaveLine, RelayerError, type Side } from '../bridge.ts';
import { journalChanges } from '../journal/journal-changes.ts';
import {
  ANY_BLOCK,
  finalMessageCount,
  finalMessages,
  type MessageRow,
} from '../journal/messages.ts';
import { journalQuarantine } from '../journal/quarantine.ts';
import type { StateChange } from '../journal/state-changes.ts';
import { recordFinal, rewind } from '../watch/record-chain.ts';
import { advance, lightClientOf } from './advance.ts';

/** Has an enclave take all final messages of a chain. */
export async function proveMessages(bridge: Bridge, line: EnclaveLine, side: Side): Promise<void> {
  await line.commanding.run(() => proveWhileAlone(bridge, line, side));
}

/** As `proveMessages`, for a sequence that has the enclave to itself already. */
export async function proveWhileAlone(
  bridge: Bridge,
  line: EnclaveLine,
  side: Side,
): Promise<void> {
  const { chainId } = side.chain;
  let status = await line.client.ask('status', {});
  const known = ingestedCount(status, chainId);
  const wanted = await finalMessageCount(bridge.database, chainId);
  if (known >= wanted) return;
  const last = { chainId, fromIndex: wanted - 1n, toBlock: ANY_BLOCK };
  const [newest] = await finalMessages(bridge.database, last);
  let block = await provenBlock(status, side);
  if (block === undefined || block.number < (newest?.blockNumber ?? 0)) {
    status = await advance(bridge, line, side.lightClient);
    block = await provenBlock(status, side);
  }
  if (block === undefined) return;
  // The proof is of the whole outbox at that block, so the journal must not lag behind it.
  await recordFinal(bridge, side, block);
  const range = { chainId, fromIndex: known, toBlock: block.number };
  const messages = await finalMessages(bridge.database, range);
  if (messages.length > 0) await ingest(bridge, { line, side, block, messages });
}

/** Up to where the enclave knows a chain's outbox. */
export function ingestedCount({ ingested }: EnclaveStatus, chainId: bigint): bigint {
  return ingested.find((inbox) => inbox.chainId === chainId)?.position.count ?? 0n;
}

/** A block of a side's chain that an enclave can be shown the state of. */
export interface ProvenBlock extends BlockRef {
  /** Hash of the block that the enclave's light client holds, where proofs begin: this block, or its relay chain's. */
  readonly held: Hex;
}

/** The newest block that the enclave knows to be final; undefined before its light client has started. */
export async function provenBlock(
  status: EnclaveStatus,
  { chain, lightClient }: Side,
): Promise<ProvenBlock | undefined> {
  const { held } = lightClientOf(status, lightClient);
  return held === null ? undefined : { ...(await chain.blockShownBy(held)), held };
}

interface Ingestion {
  readonly line: EnclaveLine;
  readonly side: Side;
  readonly block: ProvenBlock;
  readonly messages: readonly MessageRow[];
}

async function ingest(bridge: Bridge, { line, side, block, messages }: Ingestion): Promise<void> {
  const { chainId } = side.chain;
  if (messages.length > MAX_INGEST_MESSAGES) {
    const what = `${messages.length} messages in one proof, at most ${MAX_INGEST_MESSAGES}`;
    throw new RelayerError('RELAYER_BACKLOG_TOO_LONG', what);
  }
  const contract = { address: side.gateway };
  const proof = await side.chain.stateProof(contract, GATEWAY_SLOTS.sentHead, block.held);
  try {
    const params = { chainId, proof, messages: messages.map(toBody) };
    await line.client.ask('ingest', params);
  } catch (error) {
    await journalQuarantine(bridge, error, messages);
    if (!(error instanceof RemoteRefusal) || error.code !== 'ENCLAVE_REPLAY_MISMATCH') throw error;
    const first = messages[0]?.index ?? 0n;
    // Another relayer was quicker: what is still to be proven is seen at the next look.
    if (ingestedCount(await line.client.ask('status', {}), chainId) !== first) return;
    await rewind(bridge, side, first);
    throw error;
  }
  await journalChanges(bridge, verified(bridge, block, messages));
}

function verified(
  { clock }: Bridge,
  { number: blockNumber }: ProvenBlock,
  messages: readonly MessageRow[],
): StateChange[] {
  const atMs = clock.nowMs();
  return messages.flatMap(({ chainId, index }) => {
    const subject = messageSubject(chainId, index);
    const steps = stepsOf({ kind: 'replayed' });
    return steps.map((step) => ({ ...step, subject, chainId, blockNumber, atMs }));
  });
}

function toBody({ sender, asset, amount, fee, destination, envelope }: MessageRow): MessageBody {
  return { sender, asset, amount, fee, destination, envelope: fromHex(envelope) };
}
