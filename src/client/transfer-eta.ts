import type { FinalityRule } from '../chains/shared/finality-source.ts';
import { consumingRound, type RoundSchedule, roundEndSec } from '../protocol/rounds.ts';
import { finalityEtaMs } from './finality-eta.ts';
import { awaitedBlock, currentChange } from './next-step.ts';
import type { Sources, StateChange } from './transfer-history.ts';

/** What an estimate rests on; all of it is public. */
export interface EtaFacts {
  readonly sources: Sources;
  /** How each chain becomes final, by chain id. */
  readonly rules: ReadonlyMap<bigint, FinalityRule>;
  readonly schedule: RoundSchedule;
  /** LAG of the chain that took the deposit, in seconds. */
  readonly lagSec: bigint | undefined;
  /** When the deposit was taken, in seconds of Unix time. */
  readonly sentAtSec: bigint | undefined;
  readonly nowSec: bigint;
}

/**
 * Seconds until a transfer with this history can be expected to be a step further: until its block is final, or until the round ends that
 * consumes it. Undefined where no rule says when.
 */
export function stepEtaSec(history: readonly StateChange[], facts: EtaFacts): number | undefined {
  const awaited = awaitedBlock(history);
  if (awaited !== undefined) return finalityEtaSec(awaited, facts);
  const state = currentChange(history)?.state;
  if (state !== 'finalized' && state !== 'verified') return undefined;
  const { schedule, lagSec, sentAtSec, nowSec } = facts;
  if (lagSec === undefined || sentAtSec === undefined) return undefined;
  const leftSec = roundEndSec(schedule, consumingRound(schedule, lagSec, sentAtSec)) - nowSec;
  return leftSec > 0n ? Number(leftSec) : undefined;
}

function finalityEtaSec(
  { chainId, blockNumber }: StateChange,
  { sources, rules }: EtaFacts,
): number | undefined {
  const rule = rules.get(chainId);
  const head = sources.chains.get(chainId)?.headNumber();
  if (rule === undefined || head === undefined) return undefined;
  return Math.ceil(finalityEtaMs(rule, blockNumber, head) / 1000);
}
