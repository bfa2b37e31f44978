import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine } from '../bridge.ts';
import { type Snapshot, saveSnapshot, snapshotNumbers } from '../journal/snapshots.ts';

/** Whether so many commits have gone by since the last snapshot that the next is due. */
export async function isSnapshotDue(
  { database, snapshotEveryCommits }: Pick<Bridge, 'database' | 'snapshotEveryCommits'>,
  { ledger }: Pick<EnclaveStatus, 'ledger'>,
): Promise<boolean> {
  const [newest = 0n] = await snapshotNumbers(database);
  return ledger.number >= newest + snapshotEveryCommits;
}

/** Keeps a sealed snapshot of the ledger, of the first enclave that gives one. */
export async function keepSnapshot(bridge: Bridge): Promise<void> {
  let failure: unknown;
  for (const line of bridge.enclaves) {
    try {
      const snapshot = await line.commanding.run(() => exportWhileAlone(line));
      await saveSnapshot(bridge.database, snapshot);
      const { number, chunks } = snapshot;
      bridge.log.info({ number, chunks: chunks.length }, `snapshot ${number} kept`);
      return;
    } catch (error) {
      failure = error;
      const enclave = line.client.address;
      bridge.log.warn({ err: error, enclave }, 'an enclave gives no snapshot');
    }
  }
  throw failure;
}

async function exportWhileAlone({ client }: Pick<EnclaveLine, 'client'>): Promise<Snapshot> {
  const first = await client.ask('exportSnapshot', { chunk: 0n });
  const chunks = [first.bytes];
  while (BigInt(chunks.length) < first.chunks) {
    const next = await client.ask('exportSnapshot', { chunk: BigInt(chunks.length) });
    // Another relayer has begun one of a later state in the middle of this one, from which both go on.
    if (next.stateId !== first.stateId) return await exportWhileAlone({ client });
    chunks.push(next.bytes);
  }
  return { number: first.number, chunks };
}
