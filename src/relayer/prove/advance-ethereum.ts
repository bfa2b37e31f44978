import type { BeaconApi, BeaconUpdate } from '../../chains/ethereum/beacon-api.ts';
import { ChainError } from '../../chains/shared/bridged-chain.ts';
import { RemoteRefusal } from '../../enclave-client/enclave-client.ts';
import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import { fromHex, toHex } from '../../shared/bytes.ts';
import type { Bridge, EnclaveLine } from '../bridge.ts';

/** Updates in one request and in one command: under 2 MiB of JSON, verified in a fraction of a second. */
const CHUNK_PERIODS = 32;

/**
 * Takes an enclave's Ethereum light client to the newest finality that the beacon node shows.
 *
 * A client that is many periods behind is taken along in chunks. The enclave keeps what each of them brought, so
 * that after a stop the next call goes on from there.
 *
 * @throws {ChainError} CHAIN_PERIOD_MISSING the node is past a period whose committee it cannot prove
 */
export async function advanceEthereum(bridge: Bridge, line: EnclaveLine): Promise<EnclaveStatus> {
  const { beacon } = bridge.ethereum.chain;
  const status = await followCommittees(beacon, line, await bootstrapped(bridge, line));
  const newest = await beacon.finalityUpdate();
  if (newest === undefined || !(await isUseful(beacon, newest, status))) return status;
  return await send(line, [newest], status);
}

/** Goes on as long as the node has updates and the enclave gets further by them. */
async function followCommittees(
  beacon: BeaconApi,
  line: EnclaveLine,
  initial: EnclaveStatus,
): Promise<EnclaveStatus> {
  let status = initial;
  for (let last = -1, wanted = wantedPeriod(status); wanted > last; wanted = wantedPeriod(status)) {
    const updates = await committeeUpdates(beacon, wanted);
    if (updates.length > 0) status = await send(line, updates, status);
    last = wanted;
  }
  return status;
}

/** The period of the update that makes the next step along the committees; -1 before the bootstrap. */
function wantedPeriod({ ethereum }: EnclaveStatus): number {
  if (ethereum === null) return -1;
  return Number(ethereum.period) + (ethereum.knowsNextSyncCommittee ? 1 : 0);
}

/** The updates from that period on, up to the first that is not there or not whole yet. */
async function committeeUpdates(beacon: BeaconApi, from: number): Promise<BeaconUpdate[]> {
  const slots = await beacon.slotsPerPeriod();
  const served = (await beacon.lightClientUpdates(from, CHUNK_PERIODS)).slice(0, CHUNK_PERIODS);
  const gap = served.findIndex((update, i) => !isWhole(update, from + i, slots));
  return gap < 0 ? served : served.slice(0, gap);
}

/** Both headers in the period: then the update brings that period's committee and the one after it. */
function isWhole(update: BeaconUpdate, period: number, slots: number): boolean {
  return (
    Math.floor(update.finalizedSlot / slots) === period &&
    Math.floor(update.attestedSlot / slots) === period
  );
}

/** Whether the enclave can verify the update, and learns from it. @throws {ChainError} CHAIN_PERIOD_MISSING */
async function isUseful(
  beacon: BeaconApi,
  newest: BeaconUpdate,
  status: EnclaveStatus,
): Promise<boolean> {
  const { ethereum } = status;
  if (ethereum === null || newest.finalizedSlot <= Number(ethereum.finalizedSlot)) return false;
  const slots = await beacon.slotsPerPeriod();
  const wanted = wantedPeriod(status);
  const reached = Math.floor(newest.attestedSlot / slots);
  // The wanted period is over, and its update will not come any more.
  if (reached > wanted) {
    const what = `the beacon node is in sync-committee period ${reached} but serves no update that was made and finalized in period ${wanted}, which the enclave needs next; use a node that keeps it, or configure a newer checkpoint if none does`;
    throw new ChainError('CHAIN_PERIOD_MISSING', { chain: 'ethereum', what });
  }
  // Signed one slot after the attested header at the earliest, by the committee of that slot's period.
  return Math.floor((newest.attestedSlot + 1) / slots) <= wanted;
}

async function send(
  { client }: EnclaveLine,
  updates: readonly BeaconUpdate[],
  status: EnclaveStatus,
): Promise<EnclaveStatus> {
  try {
    return await client.ask('advanceEthereum', { updates: updates.map(({ json }) => json) });
  } catch (error) {
    if (!(error instanceof RemoteRefusal) || !OVERTAKEN.has(error.code)) throw error;
    const now = await client.ask('status', {});
    // It stands where it stood: then the updates were bad, not late.
    if (standing(now) === standing(status)) throw error;
    return now;
  }
}

/** What another relayer's look at the chain has made old by now; where the enclave stands says the status. */
const OVERTAKEN = new Set(['ETHEREUM_UPDATE_IRRELEVANT', 'ETHEREUM_SIGNATURE_PERIOD']);

function standing(status: EnclaveStatus): string {
  return `${wantedPeriod(status)}:${status.ethereum?.finalizedSlot}`;
}

/** The status once the light client has its first committee. */
async function bootstrapped(bridge: Bridge, { client }: EnclaveLine): Promise<EnclaveStatus> {
  const status = await client.ask('status', {});
  if (status.ethereum !== null) return status;
  const { beacon } = bridge.ethereum.chain;
  const root = await askCheckpointRoot(client);
  bridge.log.info({ root, enclave: client.address }, 'starting the Ethereum light client');
  return await client.ask('bootstrapEthereum', { bootstrap: await beacon.bootstrap(root) });
}

/** The root is the enclave's own, measured; it names it when it refuses to go on without. */
async function askCheckpointRoot(client: EnclaveLine['client']) {
  try {
    await client.ask('advanceEthereum', { updates: [{}] });
  } catch (error) {
    const root = error instanceof RemoteRefusal ? error.meta['checkpointRoot'] : undefined;
    if (root === undefined) throw error;
    return toHex(fromHex(root, 32));
  }
  return toHex(new Uint8Array(32));
}
