import type { Logger } from 'pino';
import type { BridgedChain, ChainSigner } from '../chains/shared/bridged-chain.ts';
import type { FeeCeilings } from '../chains/shared/fee-ceilings.ts';
import type { FinalitySource } from '../chains/shared/finality-source.ts';
import type { EnclaveClient } from '../enclave-client/enclave-client.ts';
import type { RoundSchedule } from '../protocol/rounds.ts';
import type { Hex } from '../shared/bytes.ts';
import type { Clock } from '../shared/clock.ts';
import { BridgeError } from '../shared/errors.ts';
import type { Database } from './journal/database.ts';
import type { Quorum } from './quorum/quorum.ts';
import type { StatusBoard } from './quorum/status-board.ts';
import type { Serial } from './serial.ts';
import type { Proofs } from './trace/proofs.ts';
import type { Vitals } from './vitals.ts';

/** What an account may give out. */
export interface SpendingLimits {
  /** For one transaction. */
  readonly ceilings: FeeCeilings;
  /** For the fees of a day, in wei of 18 decimals. */
  readonly dayWei: bigint;
  /** With less than this on it somebody should be told, in wei of 18 decimals. */
  readonly leastBalanceWei: bigint;
  /** Transactions that wait for a block at the same time. */
  readonly inFlight: number;
}

/** What releases have to be worth. */
export interface ProfitRule {
  /** Fees of the whole waiting line less what it costs to send it, in wei of the chain's coin: at least this. */
  readonly minimumWei: bigint;
  /** What 10^18 units of an asset are worth in wei of the chain's coin, by asset id; what is not in it counts for nothing. */
  readonly prices: ReadonlyMap<Hex, bigint>;
}

/** An account that submits on a chain. All its transactions go through one ledger of nonces. */
export interface Account {
  readonly chain: BridgedChain;
  readonly signer: ChainSigner;
  /** Signing and repair, one step at a time; nobody waits in it for a block. */
  readonly submitting: Serial;
  readonly limits: SpendingLimits;
}

/** One chain with what stands on it for this bridge, and the account that releases there. */
export interface Side extends Account {
  /** The light client that shows what is final here. */
  readonly lightClient: string;
  readonly gateway: Hex;
  /** Seconds that its messages have to become final before their round ends. */
  readonly lagSec: bigint;
  /** Block in which the gateway was deployed. */
  readonly fromBlock: number;
  /** Everything whose logs are recorded. */
  readonly contracts: readonly Hex[];
  /** What is asked of a line of batches before it is sent. */
  readonly profit?: ProfitRule | undefined;
  /** Changes of the journal's view of this chain, one at a time. */
  readonly recording: Serial;
}

/** An enclave and what must not run on it at the same time. */
export interface EnclaveLine {
  /** What lanes, logs and alarms call it: `enclave-1` is the first of the configuration. */
  readonly name: string;
  readonly client: EnclaveClient;
  /** Sequences of commands whose later ones build on the earlier. */
  readonly commanding: Serial;
}

/** Where the state id and the log of commits are. */
export interface AnchorPlace {
  /** One of the bridge's. */
  readonly side: Side;
  readonly address: Hex;
  /** An account of its own that commits, where commits and batches are not to stand in one line; otherwise the side's does. */
  readonly committer?: Account;
}

/** All that the lanes work with. */
export interface Bridge {
  readonly sides: readonly Side[];
  /** Where the light clients' finality comes from, by the name of the light client. */
  readonly finality: ReadonlyMap<string, FinalitySource>;
  readonly anchor: AnchorPlace;
  /** None leads by its place: see `quorum/`. */
  readonly enclaves: readonly [EnclaveLine, ...EnclaveLine[]];
  /** What the enclaves say of themselves. */
  readonly board: StatusBoard<EnclaveLine>;
  /** What they have to agree on, and who does not. */
  readonly quorum: Quorum;
  readonly database: Database;
  readonly schedule: RoundSchedule;
  /** Seconds from one commit to the next, whether or not anything leaves. */
  readonly commitEverySec: bigint;
  /** Commits from one snapshot of the ledger to the next. */
  readonly snapshotEveryCommits: bigint;
  /** The account in the ledger that is credited with the fees of what is committed, 32 bytes. */
  readonly beneficiary: Hex;
  readonly pollMs: number;
  readonly log: Logger;
  readonly vitals: Vitals;
  /** What enclaves have taken in lately; absent where nobody is told. */
  readonly proofs?: Proofs | undefined;
  /** Who this process is among those that share the journal. */
  readonly holder: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The side with this chain id. @throws {RelayerError} RELAYER_CHAIN_UNKNOWN */
export function sideOf({ sides }: Pick<Bridge, 'sides'>, chainId: bigint): Side {
  const side = sides.find(({ chain }) => chain.chainId === chainId);
  if (side !== undefined) return side;
  throw new RelayerError('RELAYER_CHAIN_UNKNOWN', `no chain ${chainId} is configured`);
}

/** The account that commits. */
export function committerOf({ anchor }: Pick<Bridge, 'anchor'>): Account {
  return anchor.committer ?? anchor.side;
}

/** Every account that submits, the one that commits last where it is an account of its own. */
export function accountsOf({ sides, anchor }: Pick<Bridge, 'sides' | 'anchor'>): Account[] {
  return anchor.committer === undefined ? [...sides] : [...sides, anchor.committer];
}

/** The enclave of this name. @throws {RelayerError} RELAYER_ENCLAVE_UNKNOWN */
export function lineOf({ enclaves }: Pick<Bridge, 'enclaves'>, name: string): EnclaveLine {
  const line = enclaves.find((one) => one.name === name);
  if (line !== undefined) return line;
  throw new RelayerError('RELAYER_ENCLAVE_UNKNOWN', `no enclave "${name}" is configured`);
}

const DISPOSITIONS = {
  RELAYER_CHAIN_UNKNOWN: 'reject',
  RELAYER_CLIENT_UNKNOWN: 'reject',
  RELAYER_ENCLAVE_UNKNOWN: 'reject',
  RELAYER_STATE_DIVERGED: 'halt',
  RELAYER_SUBMITTER_CHANGED: 'retry',
  RELAYER_COMMIT_UNSEEN: 'retry',
  RELAYER_SNAPSHOT_FOREIGN: 'retry',
  RELAYER_LEDGER_DISAGREES: 'retry',
  RELAYER_STOPPING: 'retry',
  RELAYER_NOT_LEADING: 'retry',
  RELAYER_SUBMISSION_LATE: 'retry',
  RELAYER_SPENDING_EXHAUSTED: 'retry',
  RELAYER_NOT_WORTH_SENDING: 'retry',
  RELAYER_BALANCE_LOW: 'retry',
} as const;

export type RelayerErrorCode = keyof typeof DISPOSITIONS;

/** A lane cannot go on. */
export class RelayerError extends BridgeError<{ what: string }> {
  readonly code: RelayerErrorCode;
  readonly disposition: (typeof DISPOSITIONS)[RelayerErrorCode];
  constructor(code: RelayerErrorCode, what: string) {
    super(`Relayer: ${what}.`, { what });
    this.code = code;
    this.disposition = DISPOSITIONS[code];
  }
}
