import { DEFAULT_POOLS, type PoolRules } from './market.ts';
import { drawPoolIntents } from './pool-population.ts';
import { drawIntents, MODE_SHARES } from './population.ts';
import type { Scenario } from './simulate.ts';

/** How a world is to differ from the usual. */
export interface Variation {
  readonly seed: number;
  readonly weeks: number;
  /** Deposits. */
  readonly perHour: number;
  readonly pools?: PoolRules;
  readonly isSpread?: boolean;
  readonly isRefilled?: boolean;
}

/** All ways, assets and chains. */
export function wholeBridge({ perHour, isSpread = false, ...rest }: Variation): Scenario {
  return {
    ...{ pools: DEFAULT_POOLS, isSpread, modeShares: MODE_SHARES },
    ...rest,
    draw: (random, crowd, span) => drawIntents(random, crowd, { perHour, isSpread, ...span }),
  };
}

/** One pool, of which all amounts are the same: what pools do if amounts say nothing. */
export function onePool({ perHour, ...rest }: Variation): Scenario {
  return {
    ...{ pools: DEFAULT_POOLS, modeShares: [['pooled', 1]] },
    ...rest,
    draw: (random, crowd, span) => drawPoolIntents(random, crowd, { perHour, ...span }),
  };
}
