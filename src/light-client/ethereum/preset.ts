import type { EthereumConfig } from './config.ts';

/** Constants of a consensus network. SPEC: consensus-specs@a08d8a6 presets, and configs for the length of a slot. */
export interface Preset {
  readonly SLOTS_PER_EPOCH: number;
  readonly SECONDS_PER_SLOT: number;
  readonly EPOCHS_PER_SYNC_COMMITTEE_PERIOD: number;
  readonly SYNC_COMMITTEE_SIZE: number;
}

const PRESETS: Record<EthereumConfig['preset'], Preset> = {
  mainnet: {
    SLOTS_PER_EPOCH: 32,
    SECONDS_PER_SLOT: 12,
    EPOCHS_PER_SYNC_COMMITTEE_PERIOD: 256,
    SYNC_COMMITTEE_SIZE: 512,
  },
  minimal: {
    SLOTS_PER_EPOCH: 8,
    SECONDS_PER_SLOT: 6,
    EPOCHS_PER_SYNC_COMMITTEE_PERIOD: 8,
    SYNC_COMMITTEE_SIZE: 32,
  },
};

/** The constants of the configured preset. */
export function presetOf(config: Pick<EthereumConfig, 'preset'>): Preset {
  return PRESETS[config.preset];
}

/** SPEC: `compute_epoch_at_slot`. */
export function computeEpochAtSlot(slot: number, config: EthereumConfig): number {
  return Math.floor(slot / presetOf(config).SLOTS_PER_EPOCH);
}

/** SPEC: `compute_sync_committee_period_at_slot`. */
export function computeSyncCommitteePeriodAtSlot(slot: number, config: EthereumConfig): number {
  const epoch = computeEpochAtSlot(slot, config);
  return Math.floor(epoch / presetOf(config).EPOCHS_PER_SYNC_COMMITTEE_PERIOD);
}
