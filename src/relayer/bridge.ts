import type { Logger } from 'pino';
import type { BridgedChain, ChainSigner } from '../chains/shared/bridged-chain.ts';
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
import type { Vitals } from './vitals.ts';

/** One chain with what stands on it for this bridge. */
export interface Side {
  readonly chain: BridgedChain;
  /** The light client that shows what is final here. */
  readonly lightClient: string;
  readonly gateway: Hex;
  /** Seconds that its messages have to become final before their round ends. */
  readonly lagSec: bigint;
  readonly signer: ChainSigner;
  /** Block in which the gateway was deployed. */
  readonly fromBlock: number;
  /** Everything whose logs are recorded. */
  readonly contracts: readonly Hex[];
  /** Submissions of the signer, one at a time. */
  readonly submitting: Serial;
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
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The side with this chain id. @throws {RelayerError} RELAYER_CHAIN_UNKNOWN */
export function sideOf({ sides }: Pick<Bridge, 'sides'>, chainId: bigint): Side {
  const side = sides.find(({ chain }) => chain.chainId === chainId);
  if (side !== undefined) return side;
  throw new RelayerError('RELAYER_CHAIN_UNKNOWN', `no chain ${chainId} is configured`);
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
