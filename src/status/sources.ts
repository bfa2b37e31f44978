import type { BridgedChain } from '../chains/shared/bridged-chain.ts';
import type { FinalityRule } from '../chains/shared/finality-source.ts';
import type { RoundSchedule } from '../protocol/rounds.ts';
import type { Database } from '../relayer/journal/database.ts';
import type { Hex } from '../shared/bytes.ts';

/** A chain, as far as answers are about it. */
export interface ChainPlace {
  readonly chainId: bigint;
  readonly name: string;
  readonly gateway: Hex;
  readonly isAnchor: boolean;
  readonly lagSec: bigint;
  /** Undefined where the gateway is asked which contract that is. */
  readonly registry: Hex | undefined;
  /** Block in which the first of its contracts was deployed, or any before. */
  readonly fromBlock: number;
  readonly chain: Pick<BridgedChain, 'head' | 'finalizedHead' | 'call' | 'logs'>;
  /** What its time to finality depends on. */
  rule(): Promise<FinalityRule>;
}

/** All that answers come from. */
export interface StatusSources {
  /** The journal: it is only read. */
  readonly database: Database;
  readonly places: readonly ChainPlace[];
  readonly schedule: RoundSchedule;
  /** Seconds from one commit to the next. */
  readonly commitEverySec: bigint;
  /** The clock on the wall, in milliseconds of Unix time: estimates are held against what chains say of time. */
  nowMs(): number;
}
