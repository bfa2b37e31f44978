import {
  createScaleCursor,
  encodeCompact,
  encodeVector,
  expectEnd,
  readBytes,
  readU64,
  readVector,
} from '../../codec/scale.ts';
import { concatBytes, fromHex, type Hex, toHex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import { createAuthoritySet } from './authority-set.ts';
import type { PolkadotConfig } from './config.ts';
import { decodeHeader, headerHash } from './header.ts';
import { MAX_AUTHORITIES } from './limits.ts';
import { verifyReadProofs } from './verify-read-proof.ts';

/** A header as `chain_getHeader` writes it, its logs SCALE-encoded. */
export interface HeaderFields {
  readonly parentHash: Hex;
  readonly number: number;
  readonly stateRoot: Hex;
  readonly extrinsicsRoot: Hex;
  readonly logs: readonly Hex[];
}

/**
 * Storage keys of what a checkpoint says: Grandpa.CurrentSetId, Grandpa.Authorities, and Timestamp.Now, u64 in
 * milliseconds. SPEC: docs/light-client-rules.md C.2, "Defence in depth": twox128 of pallet and item.
 */
export const CHECKPOINT_KEYS: readonly Hex[] = [
  '0x5f9cc45b7a00c5899361e1c6099678dc8a2d09463effcc78a22d75b9cb87dffc',
  '0x5f9cc45b7a00c5899361e1c6099678dc5e0621c4869aa60c02be9adcc98a0d1d',
  '0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb',
];

/**
 * A checkpoint of a block, to be pinned once somebody trusted has confirmed its hash: from there on nothing of it is
 * taken on a node's word. The state after a block holds the set that finalizes the blocks after it.
 *
 * @param hash  32 bytes, of a block that is called final
 * @param nodes the `proof` of `state_getReadProof` for {@link CHECKPOINT_KEYS} at that block (untrusted)
 * @throws {CheckpointError} the header is not that of the block, or its state keeps no authorities
 * @throws {ReadProofError | TrieNodeError | ScaleError} as `verifyReadProof`
 * @throws {AuthoritySetError} authorities that a light client must not start from
 */
export function verifyCheckpoint(
  hash: Hex,
  fields: HeaderFields,
  nodes: readonly Uint8Array[],
): PolkadotConfig['checkpoint'] {
  const { number, stateRoot } = fields;
  const got = headerHash(decodeHeader(encodeHeader(fields)));
  if (got !== hash) throw new CheckpointError(`the header of block ${hash} hashes to ${got}`);
  const keys = CHECKPOINT_KEYS.map((key) => fromHex(key));
  const [set, voters, now] = verifyReadProofs(stateRoot, keys, nodes);
  if (voters === undefined) throw new CheckpointError(`block ${hash} has no Grandpa.Authorities`);
  const setId = set === undefined ? 0n : readOneU64(set);
  const { authorities } = createAuthoritySet(setId, decodeAuthorities(voters));
  return {
    number,
    hash,
    stateRoot,
    setId: Number(setId),
    authorities: authorities.map(({ id, weight }) => ({ id, weight: Number(weight) })),
    ...(now && { timestampSec: Number(readOneU64(now) / 1000n) }),
  };
}

/** SPEC: docs/light-client-rules.md C.2, "SCALE layout". */
function encodeHeader(fields: HeaderFields): Uint8Array {
  return concatBytes(
    fromHex(fields.parentHash, 32),
    encodeCompact(fields.number),
    fromHex(fields.stateRoot, 32),
    fromHex(fields.extrinsicsRoot, 32),
    encodeVector(fields.logs.map((log) => fromHex(log))),
  );
}

function readOneU64(value: Uint8Array): bigint {
  const cursor = createScaleCursor(value);
  const number = readU64(cursor);
  expectEnd(cursor);
  return number;
}

function decodeAuthorities(value: Uint8Array): { id: Hex; weight: bigint }[] {
  const cursor = createScaleCursor(value);
  const authorities = readVector(cursor, MAX_AUTHORITIES, () => ({
    id: toHex(readBytes(cursor, 32)),
    weight: readU64(cursor),
  }));
  expectEnd(cursor);
  return authorities;
}

/** What a node says of a block does not fit together. */
export class CheckpointError extends BridgeError<{ what: string }> {
  readonly code = 'CHECKPOINT_INCONSISTENT';
  readonly disposition = 'reject';
  constructor(what: string) {
    super(
      `No checkpoint: expected answers that fit together, got others: ${what}; ask another node.`,
      {
        what,
      },
    );
  }
}
