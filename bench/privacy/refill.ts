import { originChainId } from '../../src/protocol/asset.ts';
import { type PoolRules, poolOf } from './market.ts';
import type { Person } from './people.ts';
import type { LegTruth } from './records.ts';
import type { World } from './world.ts';

/** Legs of a pool that have not left. */
interface Pool {
  readonly legs: LegTruth[];
}

/**
 * Keeps k − 1 own roots in every pool in which somebody waits; to be called after every round. It is told which pools those are, which
 * it could only guess, and its deposits are consumed by the very next round: no real one does better.
 */
export function createRefiller(world: World, { leastRoots }: PoolRules): (round: number) => void {
  const people = Array.from({ length: leastRoots - 1 }, () => world.crowd.person());
  const pools = new Map<string, Pool>();
  let next = 0;
  return (round) => {
    for (; next < world.legs.length; next++) {
      const leg = world.legs[next];
      if (leg === undefined || leg.mode === 'direct' || leg.mode === 'transparent') continue;
      const key = poolOf(leg.asset, leg.chainId, leg.amount);
      const pool = pools.get(key) ?? { legs: [] };
      pools.set(key, pool);
      pool.legs.push(leg);
    }
    for (const pool of pools.values()) refillPool(world, people, { pool, round });
  };
}

function refillPool(
  world: World,
  people: readonly Person[],
  { pool, round }: { readonly pool: Pool; readonly round: number },
): void {
  const waiting = pool.legs.filter(
    ({ exitRound, patience }) => exitRound === undefined && patience > round,
  );
  pool.legs.splice(0, pool.legs.length, ...waiting);
  const victim = waiting.find(({ isAttacker }) => !isAttacker);
  if (victim === undefined) return;
  const present = new Set(waiting.map(({ sender }) => sender));
  for (const person of people)
    if (!present.has(person.sender)) putLeg(world, person, { victim, round });
}

function putLeg(
  { plan, crowd, cutSec }: World,
  person: Person,
  { victim, round }: { readonly victim: LegTruth; readonly round: number },
): void {
  const { asset, chainId, amount } = victim;
  // At the asset's home it need not be minted first.
  const from = originChainId(asset);
  plan(
    {
      ...{ person, mode: 'pooled', from, asset, amount, crowd: 1, withdrawals: [] },
      sec: cutSec(from, round + 1),
      to: chainId,
      ...{ recipient: crowd.address(), isRecipientUsed: false, waits: 'at-once', addresses: 1 },
    },
    'attacker',
  );
}
