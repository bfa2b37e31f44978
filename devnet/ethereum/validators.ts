import { createHash } from 'node:crypto';
import { aggregatePublicKeys, type PublicKey, SecretKey } from '@chainsafe/blst';
import { concatBytes, fromBigEndian, toBigEndian, utf8 } from '../../src/shared/bytes.ts';
import { SYNC_COMMITTEE_SIZE, VALIDATOR_COUNT } from './beacon-config.ts';

/** The order of BLS12-381's groups. */
const CURVE_ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

export interface DevValidator {
  readonly index: number;
  readonly scalar: bigint;
  readonly secretKey: SecretKey;
  readonly publicKey: PublicKey;
  /** Compressed, 48 bytes. */
  readonly pubkey: Uint8Array;
}

export interface DevCommittee {
  readonly members: readonly DevValidator[];
  /** The sum of the members' keys, compressed, 48 bytes. */
  readonly aggregatePubkey: Uint8Array;
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return createHash('sha256')
    .update(concatBytes(...parts))
    .digest();
}

function uint32(value: number): Uint8Array {
  return toBigEndian(BigInt(value), 4);
}

/** Toy keys that anyone can derive: `sha256("veilspan devnet validator" ‖ index)` modulo the curve order. */
export function createValidators(count: number = VALIDATOR_COUNT): DevValidator[] {
  return Array.from({ length: count }, (_, index) => {
    const digest = sha256(utf8('veilspan devnet validator'), uint32(index));
    const scalar = fromBigEndian(digest) % CURVE_ORDER;
    const secretKey = SecretKey.fromBytes(toBigEndian(scalar, 32));
    const publicKey = secretKey.toPublicKey();
    return { index, scalar, secretKey, publicKey, pubkey: publicKey.toBytes() };
  });
}

/** A different half of the validators each period, in a different order, so that every hand-over matters. */
export function computeCommittee(
  validators: readonly DevValidator[],
  period: number,
): DevCommittee {
  const members = shuffle(validators, `sync committee ${period}`).slice(0, SYNC_COMMITTEE_SIZE);
  const keys = members.map(({ publicKey }) => publicKey);
  return { members, aggregatePubkey: aggregatePublicKeys(keys).toBytes() };
}

/** Which committee seats are present: all but `absentees` of them, others every slot. */
export function choosePresent(slot: number, absentees: number): boolean[] {
  const seats = Array.from({ length: SYNC_COMMITTEE_SIZE }, (_, seat) => seat);
  const absent = new Set(shuffle(seats, `absentees ${slot}`).slice(0, absentees));
  return seats.map((seat) => !absent.has(seat));
}

function shuffle<T>(items: readonly T[], seed: string): T[] {
  const ranked = items.map((item, i) => ({ item, rank: sha256(utf8(seed), uint32(i)) }));
  return ranked.sort((a, b) => Buffer.compare(a.rank, b.rank)).map(({ item }) => item);
}

/** What aggregating a signature of an empty set gives: the point at infinity, compressed, 96 bytes. */
const INFINITY_SIGNATURE = Uint8Array.from({ length: 96 }, (_, i) => (i === 0 ? 0xc0 : 0));

/**
 * The aggregate of the signers' signatures over one message, 96 bytes.
 *
 * Signing is linear, so one signature with the sum of the keys is that aggregate, byte for byte, at the
 * price of one signature.
 */
export function signAggregate(
  signers: readonly DevValidator[],
  signingRoot: Uint8Array,
): Uint8Array {
  if (signers.length === 0) return INFINITY_SIGNATURE;
  const sum = signers.reduce((total, { scalar }) => (total + scalar) % CURVE_ORDER, 0n);
  return SecretKey.fromBytes(toBigEndian(sum, 32)).sign(signingRoot).toBytes();
}
