import { anchorIdSlot } from '../../protocol/contracts.ts';
import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import { MAX_SNAPSHOT_CHUNKS } from '../../protocol/limits.ts';
import type { Hex } from '../../shared/bytes.ts';
import { type Bridge, type EnclaveLine, RelayerError } from '../bridge.ts';
import { type Snapshot, saveSnapshot, snapshotNumbers } from '../journal/snapshots.ts';
import { leading } from '../quorum/shared-ledger.ts';
import type { Standing } from '../quorum/status-board.ts';

/** A ledger of many accounts is read in many chunks. */
const DEADLINE_MS = 120_000;

/** Whether so many commits have gone by since the last snapshot that the next is due. */
export async function isSnapshotDue(
  { database, snapshotEveryCommits }: Pick<Bridge, 'database' | 'snapshotEveryCommits'>,
  { ledger }: Pick<EnclaveStatus, 'ledger'>,
): Promise<boolean> {
  const [newest = 0n] = await snapshotNumbers(database);
  return ledger.number >= newest + snapshotEveryCommits;
}

/**
 * Keeps a sealed snapshot of the ledger that enough enclaves share, of the first of these that gives one. What is in it only an enclave
 * can see: each time another begins, so that one that gives rubbish does not fill all places.
 */
export async function keepSnapshot(bridge: Bridge): Promise<void> {
  const { side, address } = bridge.anchor;
  const { threshold } = await bridge.quorum.rulesOf({ chain: side.chain, address });
  const leaders = leading(await bridge.board.standings(), threshold);
  const kept = await snapshotNumbers(bridge.database);
  const first = Number((kept[0] ?? 0n) % BigInt(Math.max(1, leaders.length)));
  let failure: unknown;
  for (const leader of [...leaders.slice(first), ...leaders.slice(0, first)]) {
    try {
      return await keepOf(bridge, leader);
    } catch (error) {
      failure = error;
      const enclave = leader.line.name;
      bridge.log.warn({ err: error, enclave }, 'an enclave gives no snapshot');
    }
  }
  if (failure !== undefined) throw failure;
}

/** @throws {RelayerError} RELAYER_SNAPSHOT_FOREIGN: of a state that the anchor does not keep, or no snapshot */
async function keepOf(bridge: Bridge, { line }: Standing<EnclaveLine>): Promise<void> {
  const { stateId, ...snapshot } = await bridge.vitals.wait(
    `a snapshot of ${line.name}`,
    DEADLINE_MS,
    (late) => line.commanding.run(() => exportWhileAlone(line, late)),
  );
  const { number, chunks } = snapshot;
  const { side, address } = bridge.anchor;
  if ((await side.chain.word(address, anchorIdSlot(number))) !== stateId) {
    throw foreign(`the anchor has no commit ${number} of it`);
  }
  await saveSnapshot(bridge.database, snapshot);
  bridge.log.info({ number, chunks: chunks.length }, `snapshot ${number} kept`);
}

interface Exported extends Snapshot {
  readonly stateId: Hex;
}

/** Another relayer may begin one of a later state in the middle of this one, from which both go on. */
const BEGINNINGS = 3;

async function exportWhileAlone(
  line: Pick<EnclaveLine, 'client' | 'name'>,
  signal: AbortSignal,
): Promise<Exported> {
  for (let i = 0; i < BEGINNINGS; i++) {
    const exported = await exportFromFirst(line, signal);
    if (exported !== undefined) return exported;
  }
  throw foreign(`${line.name} has begun another snapshot ${BEGINNINGS} times in the middle of one`);
}

/** @returns undefined if another was begun meanwhile */
async function exportFromFirst(
  { client, name }: Pick<EnclaveLine, 'client' | 'name'>,
  signal: AbortSignal,
): Promise<Exported | undefined> {
  const first = await client.ask('exportSnapshot', { chunk: 0n });
  const { number, stateId } = first;
  if (first.chunks > MAX_SNAPSHOT_CHUNKS) {
    throw foreign(`${name} has one of ${first.chunks} chunks, and ${MAX_SNAPSHOT_CHUNKS} are most`);
  }
  const chunks = [first.bytes];
  while (BigInt(chunks.length) < first.chunks) {
    signal.throwIfAborted();
    const next = await client.ask('exportSnapshot', { chunk: BigInt(chunks.length) });
    if (next.stateId !== stateId) return undefined;
    chunks.push(next.bytes);
  }
  return { number, stateId, chunks };
}

function foreign(what: string): RelayerError {
  return new RelayerError('RELAYER_SNAPSHOT_FOREIGN', what);
}
