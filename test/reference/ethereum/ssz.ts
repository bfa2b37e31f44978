import { createHash } from 'node:crypto';
import type {
  BeaconBlockHeader,
  ExecutionPayloadHeader,
  SyncCommittee,
} from '../../../src/light-client/ethereum/types.ts';

// Simple Serialize as its specification defines it, one case a line, without any thought of speed.

/** A value with its SSZ type. */
export type Ssz =
  | { readonly uint: bigint; readonly bytes: number }
  | { readonly byteVector: Uint8Array }
  | { readonly byteList: Uint8Array; readonly max: number }
  | { readonly vector: readonly Ssz[] }
  | { readonly container: readonly Ssz[] };

/** `hash_tree_root`. */
export function hashTreeRoot(value: Ssz): Uint8Array {
  if ('uint' in value) return merkleize(pack(littleEndian(value.uint, value.bytes)), 1);
  if ('byteVector' in value) return merkleize(pack(value.byteVector), 1);
  if ('vector' in value) return merkleize(value.vector.map(hashTreeRoot), 1);
  if ('container' in value) return merkleize(value.container.map(hashTreeRoot), 1);
  const limit = Math.ceil(value.max / 32);
  const length = littleEndian(BigInt(value.byteList.length), 32);
  return sha256(merkleize(pack(value.byteList), limit), length);
}

/** `merkleize`: pads with zero chunks to a power of two of at least `limit`, then hashes in pairs. */
export function merkleize(chunks: readonly Uint8Array[], limit: number): Uint8Array {
  const padded = [...chunks];
  while (padded.length < Math.max(1, limit) || !Number.isInteger(Math.log2(padded.length))) {
    padded.push(new Uint8Array(32));
  }
  if (padded.length === 1) return padded[0] ?? new Uint8Array(32);
  const half = padded.length / 2;
  return sha256(merkleize(padded.slice(0, half), 1), merkleize(padded.slice(half), 1));
}

/** The root of a branch's fold, by the definition of generalized indices: parent of g is ⌊g / 2⌋. */
export function rootOfBranch(
  leaf: Uint8Array,
  branch: readonly Uint8Array[],
  gindex: number,
): Uint8Array {
  const [sibling, ...above] = branch;
  if (sibling === undefined) return leaf;
  const parent = gindex % 2 === 0 ? sha256(leaf, sibling) : sha256(sibling, leaf);
  return rootOfBranch(parent, above, Math.floor(gindex / 2));
}

/** SPEC: phase0 `BeaconBlockHeader`. */
export function beaconBlockHeader(header: BeaconBlockHeader): Ssz {
  const { slot, proposerIndex, parentRoot, stateRoot, bodyRoot } = header;
  const roots = [parentRoot, stateRoot, bodyRoot].map((byteVector) => ({ byteVector }));
  return { container: [uint64(BigInt(slot)), uint64(proposerIndex), ...roots] };
}

/** SPEC: altair `SyncCommittee`. */
export function syncCommittee({ pubkeys, aggregatePubkey }: SyncCommittee): Ssz {
  const vector: Ssz[] = [];
  for (let i = 0; i < pubkeys.length / 48; i++) {
    vector.push({ byteVector: pubkeys.slice(48 * i, 48 * i + 48) });
  }
  return { container: [{ vector }, { byteVector: aggregatePubkey }] };
}

/** SPEC: capella `ExecutionPayloadHeader`. */
export function capellaExecutionPayloadHeader(
  h: ExecutionPayloadHeader,
): Ssz & { container: Ssz[] } {
  return {
    container: [
      { byteVector: h.parentHash },
      { byteVector: h.feeRecipient },
      { byteVector: h.stateRoot },
      { byteVector: h.receiptsRoot },
      { byteVector: h.logsBloom },
      { byteVector: h.prevRandao },
      uint64(h.blockNumber),
      uint64(h.gasLimit),
      uint64(h.gasUsed),
      uint64(h.timestamp),
      { byteList: h.extraData, max: 32 },
      { uint: h.baseFeePerGas, bytes: 32 },
      { byteVector: h.blockHash },
      { byteVector: h.transactionsRoot },
      { byteVector: h.withdrawalsRoot },
    ],
  };
}

/** SPEC: deneb `ExecutionPayloadHeader`. */
export function denebExecutionPayloadHeader(header: ExecutionPayloadHeader): Ssz {
  const { container } = capellaExecutionPayloadHeader(header);
  return { container: [...container, uint64(header.blobGasUsed), uint64(header.excessBlobGas)] };
}

/** A `uint64`. */
function uint64(uint: bigint): Ssz {
  return { uint, bytes: 8 };
}

function pack(bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 32) {
    const chunk = new Uint8Array(32);
    chunk.set(bytes.slice(at, at + 32));
    chunks.push(chunk);
  }
  return chunks;
}

function littleEndian(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

function sha256(left: Uint8Array, right: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(left).update(right).digest());
}
