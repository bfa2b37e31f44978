import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import { BridgeError } from '../../shared/errors.ts';
import type { Bridge, EnclaveLine } from '../bridge.ts';
import { snapshotChunk, snapshotNumbers } from '../journal/snapshots.ts';
import { askWithProof } from '../prove/ask-with-proof.ts';
import { proveAnchored } from '../prove/prove-anchored.ts';

/** So many commits are computed sooner than a snapshot is read. */
const FEW_COMMITS = 64n;

/**
 * Gives an enclave that begins anew, or that is far behind, the newest snapshot that it takes. One that it does not take,
 * which another master secret or another epoch has sealed, costs nothing but the way without it.
 *
 * @returns the number of its ledger then
 */
export async function restoreIfFarBehind(
  bridge: Bridge,
  line: EnclaveLine,
  { ledger }: EnclaveStatus,
): Promise<bigint> {
  for (const number of await snapshotNumbers(bridge.database)) {
    const isWorthIt = ledger.number === 0n || number > ledger.number + FEW_COMMITS;
    if (number <= ledger.number || !isWorthIt) break;
    const reached = await tryToRestore(bridge, line, number);
    if (reached !== undefined) return reached;
  }
  return ledger.number;
}

async function tryToRestore(
  bridge: Bridge,
  line: EnclaveLine,
  number: bigint,
): Promise<bigint | undefined> {
  const enclave = line.client.address;
  try {
    const status = await restore(bridge, line, number);
    if (status === undefined) return undefined;
    bridge.log.info({ number, enclave }, `snapshot ${number} restored`);
    return status.ledger.number;
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    bridge.log.warn({ err: error, number, enclave }, 'an enclave does not take a snapshot');
    return undefined;
  }
}

/** @returns undefined if the snapshot is not kept any more */
async function restore(
  bridge: Bridge,
  line: EnclaveLine,
  number: bigint,
): Promise<EnclaveStatus | undefined> {
  let status: EnclaveStatus | undefined;
  for (let chunk = 0, chunks = 1; chunk < chunks; chunk++) {
    const kept = await snapshotChunk(bridge.database, number, chunk);
    if (kept === undefined) return undefined;
    chunks = kept.chunks;
    const isLast = chunk === chunks - 1;
    const proof = isLast ? await proveAnchored(bridge, line, number) : null;
    const counted = { chunk: BigInt(chunk), chunks: BigInt(chunks) };
    const { bytes } = kept;
    const ask = () => line.client.ask('restoreSnapshot', { number, ...counted, bytes, proof });
    status = await askWithProof(bridge, { chain: bridge.anchor.side.chain, proof, ask });
  }
  return status;
}
