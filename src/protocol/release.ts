import { addressWord, bytes32Word, uintWord } from '../codec/abi.ts';
import { keccak256 } from '../crypto/hashes.ts';
import { concatBytes, type Hex, toHex } from '../shared/bytes.ts';
import type { AssetId } from './asset.ts';
import { hashArray, hashStruct, type SigningDomain, typedDataDigest } from './eip712.ts';
import type { ChainPosition } from './message.ts';

// test/vectors/typed-data.json holds this file and the contracts to the same hashes and constants.
const RELEASE_TYPE =
  'Release(bytes32 tag,bytes32 asset,address recipient,uint256 amount,uint64 refundOf)';
const FEE_TYPE = 'Fee(bytes32 asset,uint256 amount)';
const BATCH_TYPE =
  'ReleaseBatch(uint256 chainId,address gateway,uint64 epoch,uint64 firstIndex,bytes32 prevHead,Release[] releases,Fee[] fees,uint64 consumedCount,address submitter)' +
  FEE_TYPE +
  RELEASE_TYPE;

/** Releases in one batch at most: it fits any block and EIP-7825's gas cap. */
export const MAX_BATCH_RELEASES = 16;

/** One payout on the destination chain. */
export interface Release {
  /** What the user finds it by and nobody else can compute, 32 bytes. */
  readonly tag: Hex;
  readonly asset: AssetId;
  /** 20 bytes. */
  readonly recipient: Hex;
  readonly amount: bigint;
  /** 1 more than the index of the paying gateway's own message that this gives back; 0 if it is no refund. */
  readonly refundOf: bigint;
}

/** What whoever submits a batch is paid, per asset, by ascending asset id. */
export interface Fee {
  readonly asset: AssetId;
  readonly amount: bigint;
}

/** Releases that one transaction pays, at their place in the gateway's order. */
export interface ReleaseBatch {
  readonly chainId: bigint;
  /** 20 bytes. */
  readonly gateway: Hex;
  /** Index of the first release, counted over all releases of this gateway. */
  readonly firstIndex: bigint;
  /** The gateway's released head before this batch, 32 bytes. */
  readonly prevHead: Hex;
  readonly releases: readonly Release[];
  readonly fees: readonly Fee[];
  /** Messages of this gateway's own outbox that the ledger has consumed when the batch is cut. */
  readonly consumedCount: bigint;
}

/** The gateway's position after `batch`; independent of who signs it, in which epoch, and of who submits it. */
export function positionAfterBatch(batch: ReleaseBatch): ChainPosition {
  const { releases, fees } = listHashes(batch);
  const head = keccak256(concatBytes(bytes32Word(batch.prevHead), releases, fees));
  return { count: batch.firstIndex + BigInt(batch.releases.length), head: toHex(head) };
}

/**
 * What an enclave of `epoch` signs for the gateway the batch names, 32 bytes.
 *
 * @param submitter who alone may submit the batch and gets its fees, 20 bytes
 */
export function releaseBatchDigest(epoch: bigint, submitter: Hex, batch: ReleaseBatch): Uint8Array {
  const { releases, fees } = listHashes(batch);
  const domain: SigningDomain = { chainId: batch.chainId, verifyingContract: batch.gateway };
  const hash = hashStruct(
    BATCH_TYPE,
    uintWord(batch.chainId),
    addressWord(batch.gateway),
    uintWord(epoch),
    uintWord(batch.firstIndex),
    bytes32Word(batch.prevHead),
    releases,
    fees,
    uintWord(batch.consumedCount),
    addressWord(submitter),
  );
  return typedDataDigest(domain, hash);
}

function listHashes(batch: ReleaseBatch): { releases: Uint8Array; fees: Uint8Array } {
  return {
    releases: hashArray(batch.releases.map(hashRelease)),
    fees: hashArray(
      batch.fees.map((fee) => hashStruct(FEE_TYPE, bytes32Word(fee.asset), uintWord(fee.amount))),
    ),
  };
}

function hashRelease(release: Release): Uint8Array {
  return hashStruct(
    RELEASE_TYPE,
    bytes32Word(release.tag),
    bytes32Word(release.asset),
    addressWord(release.recipient),
    uintWord(release.amount),
    uintWord(release.refundOf),
  );
}
