import type { RoundSchedule } from '../protocol/rounds.ts';
import type { Hex } from '../shared/bytes.ts';

/** A bridged chain, as the measured configuration has it. */
export interface ChainRules {
  readonly chainId: bigint;
  /** 20 bytes. */
  readonly gateway: Hex;
  /** LAG: longer than it usually takes to be final, in seconds. */
  readonly lagSec: bigint;
}

/** All that is measured and that the ledger goes by. What must be able to change comes as control messages. */
export interface LedgerRules {
  readonly schedule: RoundSchedule;
  /** By ascending chain id. */
  readonly chains: readonly ChainRules[];
  /** The chain whose lag is that of the control outbox, and the anchor on it, 20 bytes. Together they name the ledger. */
  readonly anchor: { readonly chainId: bigint; readonly address: Hex };
  /** LATE: a message older than this is never opened, only refunded, in seconds. */
  readonly lateSec: bigint;
  /** GRACE: how long after its end an epoch still opens what was sent, in seconds. */
  readonly graceSec: bigint;
  readonly pools: {
    /** The floor k: different roots that a pooled leg leaves among at least. */
    readonly leastRoots: number;
    /** 1 / p: rounds that a leg which may leave stays on average. */
    readonly meanStayRounds: number;
  };
  /** The genesis house account, 32 bytes: gets entry fees, and fee credits whose account is not open. */
  readonly houseAccount: Hex;
  /** The key epoch that runs from round 1 on. */
  readonly firstEpoch: bigint;
}
