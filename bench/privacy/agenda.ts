import type { LedgerRules } from '../../src/ledger/rules.ts';
import { consumingRound } from '../../src/protocol/rounds.ts';
import type { Intent, Withdrawal } from './population.ts';

/** Something that somebody will send. */
export interface Item {
  readonly chainId: bigint;
  readonly sec: number;
  readonly intent: Intent;
  /** An order that spends what the intent brought; undefined of the deposit itself. */
  readonly withdrawal: Withdrawal | undefined;
  readonly by: 'people' | 'attacker' | 'filler';
}

/** What is going to be sent, by the round that consumes it. */
export interface Agenda {
  add(item: Item): void;
  /** What a round consumes of a chain, in the order it was sent; it is not there any more. */
  take(chainId: bigint, round: number): Item[];
}

/** An agenda without entries. */
export function createAgenda({ schedule, chains }: LedgerRules): Agenda {
  const lags = new Map(chains.map(({ chainId, lagSec }) => [chainId, lagSec]));
  const items = new Map<string, Item[]>();
  return {
    add(item) {
      const lagSec = lags.get(item.chainId) ?? 0n;
      const key = `${item.chainId}:${consumingRound(schedule, lagSec, BigInt(item.sec))}`;
      const list = items.get(key);
      if (list === undefined) items.set(key, [item]);
      else list.push(item);
    },
    take(chainId, round) {
      const key = `${chainId}:${round}`;
      const list = items.get(key) ?? [];
      items.delete(key);
      return list.sort((a, b) => a.sec - b.sec);
    },
  };
}
