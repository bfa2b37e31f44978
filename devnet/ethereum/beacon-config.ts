import { concatBytes, fromHex, type Hex, toHex, utf8 } from '../../src/shared/bytes.ts';

/** The minimal preset's numbers that the beacon and its clients share. SPEC: consensus-specs presets/minimal. */
export const SLOTS_PER_EPOCH = 8;
const EPOCHS_PER_SYNC_COMMITTEE_PERIOD = 8;
export const SLOTS_PER_PERIOD = SLOTS_PER_EPOCH * EPOCHS_PER_SYNC_COMMITTEE_PERIOD;
export const SLOTS_PER_HISTORICAL_ROOT = 64;
export const EPOCHS_PER_HISTORICAL_VECTOR = 64;
export const SYNC_COMMITTEE_SIZE = 32;
export const VALIDATOR_COUNT = 64;
const FAR_FUTURE_EPOCH = 18446744073709551615n;

export const DOMAIN_BEACON_PROPOSER = fromHex('0x00000000');
export const DOMAIN_RANDAO = fromHex('0x02000000');
export const DOMAIN_SYNC_COMMITTEE = fromHex('0x07000000');

const LIGHT_CLIENT_FORKS = [
  'altair',
  'bellatrix',
  'capella',
  'deneb',
  'electra',
  'fulu',
  'gloas',
] as const;

export interface ForkEntry {
  readonly name: (typeof LIGHT_CLIENT_FORKS)[number];
  readonly version: Hex;
  readonly epoch: number;
}

/** A fork in whose forms the beacon makes its blocks. */
export type BeaconFork = 'fulu' | 'gloas';

/** Which fork is in force when. */
export interface ForkSchedule {
  /** The forks that light clients know, in the form of their configuration; all but Gloas are active from genesis. */
  readonly forks: readonly ForkEntry[];
  /** The fork in force in an epoch, and the version before it. */
  at(epoch: number): ForkEntry & { readonly name: BeaconFork; readonly previousVersion: Hex };
}

export const GENESIS_FORK_VERSION: Hex = forkVersion(0);

/** Fulu's containers and version hold from genesis to `gloasEpoch`, which is at least 1; for ever if it is left out. */
export function createForkSchedule(gloasEpoch?: number): ForkSchedule {
  const all = LIGHT_CLIENT_FORKS.map((name, i) => ({
    name,
    version: forkVersion(i + 1),
    epoch: 0,
  }));
  const fulu = { ...entryOf(all, 'fulu'), previousVersion: entryOf(all, 'fulu').version };
  const rest = all.filter(({ name }) => name !== 'gloas');
  if (gloasEpoch === undefined) return { forks: rest, at: () => fulu };
  const entry = { ...entryOf(all, 'gloas'), epoch: gloasEpoch };
  const gloas = { ...entry, previousVersion: fulu.version };
  return { forks: [...rest, entry], at: (epoch) => (epoch < gloasEpoch ? fulu : gloas) };
}

function entryOf<N extends BeaconFork>(all: readonly ForkEntry[], name: N) {
  const entry = all.find((fork) => fork.name === name);
  if (entry === undefined) throw new RangeError(`no fork ${name}`);
  return { ...entry, name };
}

/** The last bytes spell "VSD", so that no public network's signatures can be taken for ours. */
function forkVersion(fork: number): Hex {
  return toHex(concatBytes(Uint8Array.of(fork), utf8('VSD')));
}

export function computeEpoch(slot: number): number {
  return Math.floor(slot / SLOTS_PER_EPOCH);
}

export function computePeriod(slot: number): number {
  return Math.floor(slot / SLOTS_PER_PERIOD);
}

/** Execution timestamps are whole seconds; slots below one second still take a second each there. */
export function secondsPerSlot(slotMs: number): number {
  return Math.max(1, Math.ceil(slotMs / 1000));
}

/** The `data` of `/eth/v1/config/spec`: decimal strings and hex, as the Beacon API writes them. */
export function specJson(
  { forks }: ForkSchedule,
  slotMs: number,
  executionChainId: number,
): Record<string, string> {
  return {
    PRESET_BASE: 'minimal',
    CONFIG_NAME: 'veilspan-devnet',
    SLOTS_PER_EPOCH: String(SLOTS_PER_EPOCH),
    EPOCHS_PER_SYNC_COMMITTEE_PERIOD: String(EPOCHS_PER_SYNC_COMMITTEE_PERIOD),
    SLOTS_PER_HISTORICAL_ROOT: String(SLOTS_PER_HISTORICAL_ROOT),
    EPOCHS_PER_HISTORICAL_VECTOR: String(EPOCHS_PER_HISTORICAL_VECTOR),
    SYNC_COMMITTEE_SIZE: String(SYNC_COMMITTEE_SIZE),
    MIN_SYNC_COMMITTEE_PARTICIPANTS: '1',
    UPDATE_TIMEOUT: String(SLOTS_PER_PERIOD),
    SECONDS_PER_SLOT: String(secondsPerSlot(slotMs)),
    SLOT_DURATION_MS: String(slotMs),
    DEPOSIT_CHAIN_ID: String(executionChainId),
    DEPOSIT_NETWORK_ID: String(executionChainId),
    DOMAIN_BEACON_PROPOSER: toHex(DOMAIN_BEACON_PROPOSER),
    DOMAIN_RANDAO: toHex(DOMAIN_RANDAO),
    DOMAIN_SYNC_COMMITTEE: toHex(DOMAIN_SYNC_COMMITTEE),
    FAR_FUTURE_EPOCH: String(FAR_FUTURE_EPOCH),
    ...forkSpec(forks),
  };
}

function forkSpec(forks: readonly ForkEntry[]): Record<string, string> {
  const spec: Record<string, string> = { GENESIS_FORK_VERSION };
  for (const { name, version, epoch } of forks) {
    spec[`${name.toUpperCase()}_FORK_VERSION`] = version;
    spec[`${name.toUpperCase()}_FORK_EPOCH`] = String(epoch);
  }
  return spec;
}
