import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import { fromHex, toHex } from '../../shared/bytes.ts';
import type { Bridge, EnclaveLine } from '../bridge.ts';
import type { BeaconApi, BeaconUpdate } from '../chains/beacon-api.ts';
import { RemoteRefusal } from '../enclave-client/enclave-client.ts';

/** Committees followed in one go at most; a client further behind goes on at the next call. */
const MAX_PERIODS = 128;

/** Takes an enclave's Ethereum light client to the newest finality that the beacon node shows. */
export async function advanceEthereum(bridge: Bridge, line: EnclaveLine): Promise<EnclaveStatus> {
  const { beacon } = bridge.ethereum.chain;
  let status = await bootstrapped(bridge, line);
  for (let i = 0; i < MAX_PERIODS; i++) {
    const update = await nextCommitteeUpdate(beacon, status);
    if (update === undefined) break;
    status = await send(line, update, status);
  }
  const newest = await beacon.finalityUpdate();
  if (newest === undefined || !(await isUseful(beacon, newest, status))) return status;
  return await send(line, newest, status);
}

/** The update that makes the next step along the committees, if the enclave needs one and it exists yet. */
async function nextCommitteeUpdate(
  beacon: BeaconApi,
  { ethereum }: EnclaveStatus,
): Promise<BeaconUpdate | undefined> {
  if (ethereum === null) return undefined;
  const slots = await beacon.slotsPerPeriod();
  const period = Number(ethereum.period);
  const wanted = ethereum.knowsNextSyncCommittee ? period + 1 : period;
  const [update] = await beacon.lightClientUpdates(wanted, 1);
  // Both headers in the period: then the update brings that period's committee and the one after it.
  const isWhole =
    update !== undefined &&
    Math.floor(update.finalizedSlot / slots) === wanted &&
    Math.floor(update.attestedSlot / slots) === wanted;
  return isWhole ? update : undefined;
}

async function isUseful(
  beacon: BeaconApi,
  newest: BeaconUpdate,
  { ethereum }: EnclaveStatus,
): Promise<boolean> {
  if (ethereum === null || newest.finalizedSlot <= Number(ethereum.finalizedSlot)) return false;
  const slots = await beacon.slotsPerPeriod();
  const last = Number(ethereum.period) + (ethereum.knowsNextSyncCommittee ? 1 : 0);
  // Signed one slot after the attested header at the earliest, by the committee of that slot's period.
  return Math.floor((newest.attestedSlot + 1) / slots) <= last;
}

async function send(
  { client }: EnclaveLine,
  update: BeaconUpdate,
  status: EnclaveStatus,
): Promise<EnclaveStatus> {
  try {
    return await client.ask('advanceEthereum', { updates: [update.json] });
  } catch (error) {
    // Another look at the chain was quicker: what it says is known.
    if (error instanceof RemoteRefusal && error.code === 'ETHEREUM_UPDATE_IRRELEVANT') {
      return status;
    }
    throw error;
  }
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
