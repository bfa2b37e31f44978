import { genesisState } from '../../../src/ledger/genesis.ts';
import type { OpenedMessage } from '../../../src/ledger/transition.ts';
import { transition } from '../../../src/ledger/transition.ts';
import type { ReleaseBatch } from '../../../src/protocol/release.ts';
import { printTable } from '../../report.ts';
import { amount } from '../format.ts';
import { HOUR_SEC, type PoolRules, ROUND_SEC, rulesWith } from '../market.ts';
import type { Consumed } from '../round-input.ts';
import { roundInput } from '../round-input.ts';
import { type Variation, wholeBridge } from '../scenarios.ts';
import { simulate } from '../simulate.ts';

const HELD_BACK = [1, (3 * HOUR_SEC) / ROUND_SEC, (24 * HOUR_SEC) / ROUND_SEC];

/** Prints what differs for a host that holds rounds back and commits many at once. */
export function printDelays(variation: Variation): void {
  const scenario = wholeBridge(variation);
  const { consumed } = simulate(scenario);
  const told = HELD_BACK.map((rounds) => replay(consumed, scenario.pools, rounds));
  const usual = new Set(told[0]?.map(nameOf));
  const rows = told.map((batches, i) => {
    const rounds = HELD_BACK[i] ?? 0;
    const other = batches.filter((batch) => !usual.has(nameOf(batch)));
    const releases = batches.reduce((sum, batch) => sum + batch.releases.length, 0);
    return [`${rounds}`, amount(batches.length), amount(releases), `${other.length}`];
  });
  printTable({
    title: `A host that holds rounds back, ${variation.perHour} deposits an hour`,
    columns: ['rounds committed at once', 'batches', 'releases', 'batches that differ'],
    rows,
    note: 'The same messages. A batch differs if a recipient, an amount, a tag, its order or its place does.',
  });
}

/** Up to the last round that all ways of putting rounds together come to. */
function replay(consumed: readonly Consumed[], pools: PoolRules, atOnce: number): ReleaseBatch[] {
  const rules = rulesWith(pools);
  const most = Math.max(...HELD_BACK);
  const last = consumed.length - (consumed.length % most);
  const batches: ReleaseBatch[] = [];
  let state = genesisState(rules);
  for (let round = atOnce; round <= last; round += atOnce) {
    const portion = joinRounds(consumed.slice(round - atOnce, round));
    const done = transition(state, roundInput(state, rules, { consumed: portion, round }));
    state = done.state;
    batches.push(...done.batches);
  }
  return batches;
}

function joinRounds(rounds: readonly Consumed[]): Consumed {
  const joined = new Map<bigint, OpenedMessage[]>();
  for (const round of rounds) {
    for (const [chainId, messages] of round) {
      const list = joined.get(chainId) ?? [];
      joined.set(chainId, list);
      list.push(...messages);
    }
  }
  return joined;
}

function nameOf({ chainId, firstIndex, prevHead, releases }: ReleaseBatch): string {
  return `${chainId}:${firstIndex}:${prevHead}:${releases.map(({ tag }) => tag).join()}`;
}
