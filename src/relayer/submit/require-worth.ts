import type { ReleaseBatch } from '../../protocol/release.ts';
import { formatCoins } from '../../shared/units.ts';
import { type Bridge, type ProfitRule, RelayerError, type Side } from '../bridge.ts';
import { batchesFrom } from '../journal/batches.ts';
import { payoutsOf } from './release-call.ts';

/** What the first batch of a line would cost, and how often it pays. */
interface Tried {
  readonly firstIndex: bigint;
  readonly costWei: bigint;
  readonly payouts: number;
}

/**
 * Weighs the whole line that waits for a gateway against what sending it costs: a gateway pays in order, so a batch that is not worth it may
 * stand before many that are. Without a rule everything is sent.
 *
 * @throws {RelayerError} RELAYER_NOT_WORTH_SENDING
 */
export async function requireWorth(
  { database }: Pick<Bridge, 'database'>,
  { chain, profit }: Pick<Side, 'chain' | 'profit'>,
  { firstIndex, costWei, payouts }: Tried,
): Promise<void> {
  if (profit === undefined) return;
  const line = await batchesFrom(database, chain.chainId, firstIndex);
  const all = line.reduce((sum, batch) => sum + payoutsOf(batch), 0);
  const costOfLineWei = (costWei * BigInt(all)) / BigInt(payouts);
  const gainWei = line.reduce((sum, batch) => sum + feesWei(batch, profit), 0n);
  if (gainWei - costOfLineWei >= profit.minimumWei) return;
  const [gain, cost, least] = [gainWei, costOfLineWei, profit.minimumWei].map(formatCoins);
  const what = `${line.length} batches for ${chain.name} bring ${gain} coins and cost ${cost}; they are sent when that leaves ${least}`;
  throw new RelayerError('RELAYER_NOT_WORTH_SENDING', what);
}

const PRICED_UNITS = 10n ** 18n;

/** What a batch's fees are worth in the chain's coin; what has no price counts for nothing. */
function feesWei({ fees }: ReleaseBatch, { prices }: ProfitRule): bigint {
  const worth = fees.map(
    ({ asset, amount }) => (amount * (prices.get(asset) ?? 0n)) / PRICED_UNITS,
  );
  return worth.reduce((sum, wei) => sum + wei, 0n);
}
