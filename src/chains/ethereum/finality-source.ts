import type { LightClientStatus } from '../../protocol/enclave-commands.ts';
import { ChainError } from '../shared/bridged-chain.ts';
import type { FinalitySource, FinalityStep } from '../shared/finality-source.ts';
import type { BeaconApi, BeaconUpdate } from './beacon-api.ts';

type EthereumStatus = Extract<LightClientStatus, { kind: 'ethereum' }>;
type Following = AsyncGenerator<FinalityStep, void, LightClientStatus>;

/** Updates in one request and in one command: under 2 MiB of JSON, verified in a fraction of a second. */
const CHUNK_PERIODS = 32;

/** What another relayer's look at the chain has made old by now; where the enclave stands says its status. */
const OVERTAKEN = new Set(['ETHEREUM_UPDATE_IRRELEVANT', 'ETHEREUM_SIGNATURE_PERIOD']);

/**
 * Creates the source of Ethereum's finality: the light-client updates of a beacon node.
 *
 * @param client what the configuration calls the light client
 */
export function createEthereumFinality(client: string, beacon: BeaconApi): FinalitySource {
  return {
    kind: 'ethereum',
    follow: (status) => follow({ client, beacon }, statusOf(client, status)),
    isDue: (status) => isDue(beacon, statusOf(client, status)),
    overtaken: OVERTAKEN,
    distrust: beacon.distrust,
    endpoints: beacon.endpoints,
    calls: beacon.calls,
    rule: async () => {
      const { slotsPerEpoch, slotMs } = await beacon.times();
      return { kind: 'casper', slotsPerEpoch, slotMs };
    },
    close: async () => {},
  };
}

interface Source {
  readonly client: string;
  readonly beacon: BeaconApi;
}

/**
 * A client that is many periods behind is taken along in chunks. The enclave keeps what each of them brought, so that
 * after a stop the next sequence goes on from there.
 */
async function* follow(source: Source, initial: EthereumStatus): Following {
  const { client, beacon } = source;
  let status = initial;
  if (status.held === null) {
    const bootstrap = await beacon.bootstrap(status.checkpointRoot);
    status = statusOf(client, yield { command: 'bootstrap', params: { client, bootstrap } });
  }
  for (let last = -1, wanted = wantedPeriod(status); wanted > last; wanted = wantedPeriod(status)) {
    const updates = await committeeUpdates(beacon, wanted);
    if (updates.length > 0) status = statusOf(client, yield advance(client, updates));
    last = wanted;
  }
  const newest = await beacon.finalityUpdate();
  if (newest !== undefined && (await isUseful(source, newest, status))) {
    yield advance(client, [newest]);
  }
}

function advance(client: string, updates: readonly BeaconUpdate[]): FinalityStep {
  return { command: 'advance', params: { client, updates: updates.map(({ json }) => json) } };
}

/** The period of the update that makes the next step along the committees. */
function wantedPeriod({ committee, knowsNextSyncCommittee }: EthereumStatus): number {
  return Number(committee) + (knowsNextSyncCommittee ? 1 : 0);
}

/** The updates from that period on, up to the first that is not there or not whole yet. */
async function committeeUpdates(beacon: BeaconApi, from: number): Promise<BeaconUpdate[]> {
  const { slotsPerPeriod } = await beacon.times();
  const served = (await beacon.lightClientUpdates(from, CHUNK_PERIODS)).slice(0, CHUNK_PERIODS);
  const gap = served.findIndex((update, i) => !isWhole(update, from + i, slotsPerPeriod));
  return gap < 0 ? served : served.slice(0, gap);
}

/** Both headers in the period: then the update brings that period's committee and the one after it. */
function isWhole(update: BeaconUpdate, period: number, slotsPerPeriod: number): boolean {
  return (
    Math.floor(update.finalizedSlot / slotsPerPeriod) === period &&
    Math.floor(update.attestedSlot / slotsPerPeriod) === period
  );
}

/** Whether the client can verify the update, and learns from it. @throws {ChainError} CHAIN_PERIOD_MISSING */
async function isUseful(
  { client, beacon }: Source,
  newest: BeaconUpdate,
  status: EthereumStatus,
): Promise<boolean> {
  if (newest.finalizedSlot <= Number(status.finalizedSlot)) return false;
  const { slotsPerPeriod } = await beacon.times();
  const wanted = wantedPeriod(status);
  const reached = Math.floor(newest.attestedSlot / slotsPerPeriod);
  // The wanted period is over, and its update will not come any more.
  if (reached > wanted) {
    beacon.passOver();
    const what = `the beacon node is in sync-committee period ${reached} but serves no update that was made and finalized in period ${wanted}, which the enclave needs next; use a node that keeps it, or configure a newer checkpoint if none does`;
    throw new ChainError('CHAIN_PERIOD_MISSING', { chain: client, what });
  }
  // Signed one slot after the attested header at the earliest, by the committee of that slot's period.
  return Math.floor((newest.attestedSlot + 1) / slotsPerPeriod) <= wanted;
}

/** Due before it has started, and in every period once: a committee that is missed is missed for good. */
async function isDue(beacon: BeaconApi, status: EthereumStatus): Promise<boolean> {
  if (status.held === null) return true;
  const [newest, { slotsPerPeriod }] = await Promise.all([beacon.finalityUpdate(), beacon.times()]);
  if (newest === undefined) return false;
  return Math.floor(newest.finalizedSlot / slotsPerPeriod) > Number(status.committee);
}

function statusOf(client: string, status: LightClientStatus): EthereumStatus {
  if (status.kind === 'ethereum') return status;
  const what = `the enclave's light client is of kind ${status.kind}, the configured one is not`;
  throw new ChainError('CHAIN_CLIENT_MISMATCH', { chain: client, what });
}
