import fc from 'fast-check';
import type {
  BeaconBlockHeader,
  ExecutionPayloadHeader,
  SyncCommittee,
} from '../../../src/light-client/ethereum/types.ts';

/** Exactly `length` bytes. */
export function bytes(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

const root = bytes(32);
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

/** Any `BeaconBlockHeader` whose slot is a safe integer. */
export const beaconBlockHeader: fc.Arbitrary<BeaconBlockHeader> = fc.record({
  slot: fc.maxSafeNat(),
  proposerIndex: fc.maxSafeNat().map(BigInt),
  parentRoot: root,
  stateRoot: root,
  bodyRoot: root,
});

/** Any `ExecutionPayloadHeader` of Deneb. */
export const executionPayloadHeader: fc.Arbitrary<ExecutionPayloadHeader> = fc.record({
  parentHash: root,
  feeRecipient: bytes(20),
  stateRoot: root,
  receiptsRoot: root,
  logsBloom: bytes(256),
  prevRandao: root,
  // The oracle keeps these four as numbers.
  blockNumber: fc.maxSafeNat().map(BigInt),
  gasLimit: fc.maxSafeNat().map(BigInt),
  gasUsed: fc.maxSafeNat().map(BigInt),
  timestamp: fc.maxSafeNat().map(BigInt),
  extraData: fc.uint8Array({ maxLength: 32 }),
  baseFeePerGas: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  blockHash: root,
  transactionsRoot: root,
  withdrawalsRoot: root,
  blobGasUsed: uint64,
  excessBlobGas: uint64,
});

/** Any `SyncCommittee` of `size` members; the keys need be no points. */
export function syncCommittee(size: number): fc.Arbitrary<SyncCommittee> {
  const first = bytes(48);
  // One random key, changed from place to place: 512 random keys would only be slower.
  const pubkeys = first.map((key) =>
    Uint8Array.from(
      { length: 48 * size },
      (_, i) => (key[i % 48] ?? 0) ^ (Math.floor(i / 48) & 255),
    ),
  );
  return fc.record({ pubkeys, aggregatePubkey: bytes(48) });
}

/** The keys of a committee one by one, as the oracle wants them. */
export function splitKeys({ pubkeys }: SyncCommittee): Uint8Array[] {
  return Array.from({ length: pubkeys.length / 48 }, (_, i) =>
    pubkeys.subarray(48 * i, 48 * i + 48),
  );
}
