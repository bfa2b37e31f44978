import type { EthereumConfig } from './config.ts';
import { presetOf } from './preset.ts';
import type { FinalizedHeader } from './types.ts';

/**
 * When a final block was made, in seconds since the Unix epoch: as its execution header states it or, from Gloas on, where
 * it states nothing, by its slot.
 *
 * SPEC: `compute_time_at_slot`, with the slots of twelve seconds that networks of the mainnet preset have. Networks of the minimal preset are devnets, whose slots are of any
 * length.
 *
 * @returns undefined if neither says it
 */
export function computeBlockTimeSec(
  { beacon, execution }: FinalizedHeader,
  config: Pick<EthereumConfig, 'preset' | 'genesisTimeSec'>,
): bigint | undefined {
  if (execution.stated !== undefined) return execution.stated.timestamp;
  const { preset, genesisTimeSec } = config;
  if (preset !== 'mainnet' || genesisTimeSec === undefined) return undefined;
  return BigInt(genesisTimeSec) + BigInt(beacon.slot) * BigInt(presetOf(config).SECONDS_PER_SLOT);
}
