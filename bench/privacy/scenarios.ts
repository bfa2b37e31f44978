import { DEFAULT_POOLS, type PoolRules } from './market.ts';
import { drawPoolIntents } from './pool-population.ts';
import { ADDRESS_SHARES, drawIntents, MODE_SHARES } from './population.ts';
import type { AddressShares } from './records.ts';
import type { Scenario } from './simulate.ts';

/** How a world is to differ from the usual. */
export interface Variation {
  readonly seed: number;
  readonly weeks: number;
  /** Deposits. */
  readonly perHour: number;
  readonly pools?: PoolRules;
  readonly addressShares?: AddressShares;
  readonly isRefilled?: boolean;
}

/** All ways, assets and chains. */
export function wholeBridge({
  perHour,
  addressShares = ADDRESS_SHARES,
  ...rest
}: Variation): Scenario {
  return {
    ...{ pools: DEFAULT_POOLS, addressShares, modeShares: MODE_SHARES },
    ...rest,
    draw: (random, crowd, span) => drawIntents(random, crowd, { perHour, addressShares, ...span }),
  };
}

/** One pool, of which all amounts are the same: what pools do if amounts say nothing. */
export function onePool({ perHour, ...rest }: Variation): Scenario {
  return {
    ...{ pools: DEFAULT_POOLS, addressShares: [[1, 1]], modeShares: [['pooled', 1]] },
    ...rest,
    draw: (random, crowd, span) => drawPoolIntents(random, crowd, { perHour, ...span }),
  };
}
