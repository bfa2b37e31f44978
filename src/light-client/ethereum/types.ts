import type { Hex } from '../../shared/bytes.ts';

// The containers of the light client specification, in its own order and words. Roots and hashes are
// 32 bytes, branches are siblings from the leaf up. A slot is a safe integer; other uint64 are bigint.
// SPEC: consensus-specs@a08d8a6 specs/{phase0/beacon-chain,altair/light-client,capella,deneb,gloas}.

/** SPEC: phase0 `BeaconBlockHeader`. */
export interface BeaconBlockHeader {
  readonly slot: number;
  readonly proposerIndex: bigint;
  readonly parentRoot: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly bodyRoot: Uint8Array;
}

/** SPEC: capella and deneb `ExecutionPayloadHeader`; before Deneb the last two fields are zero. */
export interface ExecutionPayloadHeader {
  readonly parentHash: Uint8Array;
  /** 20 bytes. */
  readonly feeRecipient: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  /** 256 bytes. */
  readonly logsBloom: Uint8Array;
  readonly prevRandao: Uint8Array;
  readonly blockNumber: bigint;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  /** Seconds since the Unix epoch. */
  readonly timestamp: bigint;
  /** 0 … 32 bytes. */
  readonly extraData: Uint8Array;
  /** uint256. */
  readonly baseFeePerGas: bigint;
  readonly blockHash: Uint8Array;
  readonly transactionsRoot: Uint8Array;
  readonly withdrawalsRoot: Uint8Array;
  readonly blobGasUsed: bigint;
  readonly excessBlobGas: bigint;
}

/** All that a header of the Gloas form says of its execution block: `execution_block_hash`. */
export interface ExecutionBlockHash {
  readonly blockHash: Uint8Array;
}

/**
 * SPEC: capella `LightClientHeader`, in use until Fulu, and that of Gloas, which has a hash in the place of the execution
 * header and may also carry blocks of older forks.
 */
export interface LightClientHeader {
  readonly beacon: BeaconBlockHeader;
  readonly execution: ExecutionPayloadHeader | ExecutionBlockHash;
  readonly executionBranch: readonly Uint8Array[];
}

/** SPEC: altair `SyncCommittee`. Compare and cache by identity: a committee is never changed. */
export interface SyncCommittee {
  /** SYNC_COMMITTEE_SIZE compressed keys one after another, 48 bytes each. */
  readonly pubkeys: Uint8Array;
  /** 48 bytes. */
  readonly aggregatePubkey: Uint8Array;
}

/** SPEC: altair `SyncAggregate`. */
export interface SyncAggregate {
  /** One bit for each member, SYNC_COMMITTEE_SIZE / 8 bytes. */
  readonly syncCommitteeBits: Uint8Array;
  /** 96 bytes. */
  readonly syncCommitteeSignature: Uint8Array;
}

/** SPEC: altair `LightClientBootstrap`. */
export interface LightClientBootstrap {
  readonly header: LightClientHeader;
  readonly currentSyncCommittee: SyncCommittee;
  readonly currentSyncCommitteeBranch: readonly Uint8Array[];
}

/** SPEC: altair `LightClientUpdate`, also for a `LightClientFinalityUpdate`, which has no committee. */
export interface LightClientUpdate {
  readonly attestedHeader: LightClientHeader;
  /** Undefined in a finality update. An update without one may also carry the default, all zeros. */
  readonly nextSyncCommittee: SyncCommittee | undefined;
  readonly nextSyncCommitteeBranch: readonly Uint8Array[];
  readonly finalizedHeader: LightClientHeader;
  readonly finalityBranch: readonly Uint8Array[];
  readonly syncAggregate: SyncAggregate;
  readonly signatureSlot: number;
}

/** What the light-client headers of Capella to Fulu prove of their execution block beside its hash. */
export interface StatedExecution {
  readonly blockNumber: bigint;
  readonly stateRoot: Hex;
  /** Seconds since the Unix epoch. */
  readonly timestamp: bigint;
}

/** A beacon block that the sync committees have called final, and the execution block that it proves. */
export interface FinalizedHeader {
  readonly beacon: BeaconBlockHeader;
  readonly execution: {
    readonly blockHash: Hex;
    /**
     * Undefined from Gloas on. SECURITY: never needed to verify anything; whoever wants a number, a state root or a time
     * takes it from the RLP header with that hash, through `verifyExecutionHeader`, in every fork.
     */
    readonly stated: StatedExecution | undefined;
  };
}

/**
 * SPEC: altair `LightClientStore`. DIFF FROM SPEC: no `best_valid_update`, no `optimistic_header`, no
 * participation counters: they serve forced updates and optimistic headers, which we do not follow.
 */
export interface LightClientStore {
  readonly finalizedHeader: FinalizedHeader;
  /** Signs in the period of the finalized header. */
  readonly currentSyncCommittee: SyncCommittee;
  /** Signs in the period after it; undefined until an update teaches it. */
  readonly nextSyncCommittee: SyncCommittee | undefined;
}
