import { SPREAD_STAYS } from '../../../src/client/order-times.ts';
import { printTable } from '../../report.ts';
import { createGauge } from '../figures.ts';
import { amount, pair, percent, share } from '../format.ts';
import { DEFAULT_POOLS, type PoolRules } from '../market.ts';
import { measure } from '../measures.ts';
import { onePool, wholeBridge } from '../scenarios.ts';
import { simulate } from '../simulate.ts';
import { isDefault } from './linkage.ts';

const CHOICES: readonly PoolRules[] = [
  ...[2, 4, 8, 16].map((leastRoots) => ({ ...DEFAULT_POOLS, leastRoots })),
  ...[24, 48, 192].map((meanStayRounds) => ({ ...DEFAULT_POOLS, meanStayRounds })),
  ...[1, 2, 6].map((spreadStays) => ({ ...DEFAULT_POOLS, spreadStays })),
];
const BRIDGE_PER_HOUR = 20;
const REFILLED_PER_HOUR = 0.5;

/** Prints what other floors, mean stays and spreads than the chosen ones would do. */
export function printDefaults({
  seed,
  weeks,
}: {
  readonly seed: number;
  readonly weeks: number;
}): void {
  const rows = CHOICES.map((pools) => {
    const bridge = measure(
      simulate(wholeBridge({ seed, weeks, pools, perHour: BRIDGE_PER_HOUR })).history,
    );
    const pooled = createGauge(bridge).figuresOf(isDefault);
    const attacked = onePool({ seed, weeks, pools, perHour: REFILLED_PER_HOUR, isRefilled: true });
    const victims = createGauge(measure(simulate(attacked).history)).figuresOf(isDefault);
    return [
      ...[`${pools.leastRoots}`, `${pools.meanStayRounds}`, `${pools.spreadStays ?? SPREAD_STAYS}`],
      ...[share(pooled.linked.get('laws') ?? 0), pair(pooled.effective), pair(pooled.others)],
      ...[percent(pooled.returned), pair(pooled.waitHours)],
      ...[
        percent(victims.alone),
        share(victims.linked.get('laws') ?? 0),
        amount(victims.effective[0]),
      ],
    ];
  });
  printTable({
    title: 'Other floors, mean stays and spreads',
    columns: [
      ...['k', 'mean stay, rounds', 'spread, mean stays'],
      ...['linked', 'effective set', 'honest roots beside it'],
      ...[
        'out of patience',
        'wait, h',
        'refilled: alone',
        'refilled: linked',
        'refilled: effective set',
      ],
    ],
    rows,
    note: `Orders for one address: first on the whole bridge at ${BRIDGE_PER_HOUR} deposits an hour, then in one pool at ${REFILLED_PER_HOUR} an hour that is refilled.`,
  });
}
