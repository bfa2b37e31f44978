import { anchorIdSlot } from '../../protocol/contracts.ts';
import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
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

/** @throws {RelayerError} RELAYER_SNAPSHOT_FOREIGN: of a state that the anchor does not keep */
async function keepOf(bridge: Bridge, { line }: Standing<EnclaveLine>): Promise<void> {
  const { stateId, ...snapshot } = await bridge.vitals.wait(
    `a snapshot of ${line.name}`,
    DEADLINE_MS,
    () => line.commanding.run(() => exportWhileAlone(line)),
  );
  const { number, chunks } = snapshot;
  const { side, address } = bridge.anchor;
  if ((await side.chain.word(address, anchorIdSlot(number))) !== stateId) {
    throw new RelayerError('RELAYER_SNAPSHOT_FOREIGN', `the anchor has no commit ${number} of it`);
  }
  await saveSnapshot(bridge.database, snapshot);
  bridge.log.info({ number, chunks: chunks.length }, `snapshot ${number} kept`);
}

interface Exported extends Snapshot {
  readonly stateId: Hex;
}

async function exportWhileAlone({ client }: Pick<EnclaveLine, 'client'>): Promise<Exported> {
  const first = await client.ask('exportSnapshot', { chunk: 0n });
  const chunks = [first.bytes];
  while (BigInt(chunks.length) < first.chunks) {
    const next = await client.ask('exportSnapshot', { chunk: BigInt(chunks.length) });
    // Another relayer has begun one of a later state in the middle of this one, from which both go on.
    if (next.stateId !== first.stateId) return await exportWhileAlone({ client });
    chunks.push(next.bytes);
  }
  return { number: first.number, stateId: first.stateId, chunks };
}
