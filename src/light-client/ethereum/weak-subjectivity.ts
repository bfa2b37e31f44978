import { WEAK_SUBJECTIVITY_SEC } from '../weak-subjectivity.ts';
import { type EthereumConfig, FORK_NAMES, type ForkEntry } from './config.ts';
import { presetOf } from './preset.ts';

/**
 * The period from Gloas on: six days.
 *
 * SPEC: EIP-8061 lets validators leave four times as fast and gives 7.0 days for 36 million staked ether; six stay below
 * that, and below what remains if its cap on activations goes too.
 */
const FROM_GLOAS_SEC = 6 * 24 * 60 * 60;

/**
 * How old a checkpoint of Ethereum may be at `nowSec` when somebody begins to trust it, in seconds.
 *
 * The fork in force now decides, not that of the checkpoint: who staked at the checkpoint may have left at the new pace.
 * A configuration that does not say when slot 0 was has the period of the last fork in its table, as it might be in force.
 *
 * @param nowSec seconds since the Unix epoch
 */
export function computeWeakSubjectivitySec(
  config: Pick<EthereumConfig, 'preset' | 'forks' | 'genesisTimeSec'>,
  nowSec: bigint,
): number {
  const isFast = config.forks.some((fork) => isFromGloas(fork) && isInForce(fork, config, nowSec));
  return isFast ? FROM_GLOAS_SEC : WEAK_SUBJECTIVITY_SEC.ethereum;
}

function isFromGloas({ name }: ForkEntry): boolean {
  return FORK_NAMES.indexOf(name) >= FORK_NAMES.indexOf('gloas');
}

function isInForce(
  { epoch }: ForkEntry,
  config: Pick<EthereumConfig, 'preset' | 'genesisTimeSec'>,
  nowSec: bigint,
): boolean {
  const { genesisTimeSec } = config;
  if (genesisTimeSec === undefined) return true;
  const { SLOTS_PER_EPOCH, SECONDS_PER_SLOT } = presetOf(config);
  const startSec =
    BigInt(genesisTimeSec) + BigInt(epoch) * BigInt(SLOTS_PER_EPOCH * SECONDS_PER_SLOT);
  return nowSec >= startSec;
}
