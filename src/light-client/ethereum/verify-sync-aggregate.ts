import { bitAt } from '../../codec/ssz.ts';
import { type BlsPublicKey, decodeBlsPublicKeys, fastAggregateVerify } from '../../crypto/bls.ts';
import { toHex } from '../../shared/bytes.ts';
import type { EthereumConfig } from './config.ts';
import { LightClientError } from './light-client-error.ts';
import { presetOf } from './preset.ts';
import type { SyncAggregate, SyncCommittee } from './types.ts';

/**
 * Checks that at least two thirds of the committee take part: 342 of 512, 22 of 32.
 *
 * DIFF FROM SPEC: MIN_SYNC_COMMITTEE_PARTICIPANTS is 1 there, and two thirds are asked only to apply.
 *
 * @throws {LightClientError} ETHEREUM_PARTICIPATION_TOO_LOW
 */
export function verifyParticipation(aggregate: SyncAggregate, config: EthereumConfig): void {
  const size = presetOf(config).SYNC_COMMITTEE_SIZE;
  let participants = 0;
  for (let i = 0; i < size; i++) if (bitAt(aggregate.syncCommitteeBits, i)) participants++;
  if (participants * 3 >= size * 2) return;
  const expected = `at least ${Math.ceil((size * 2) / 3)} of ${size}`;
  const meta = { subject: 'sync_committee_bits', expected, got: `${participants}` };
  throw new LightClientError('ETHEREUM_PARTICIPATION_TOO_LOW', meta);
}

/**
 * Checks the aggregate signature of the members whose bits are set.
 *
 * @param committee   proven by an earlier update or the bootstrap
 * @param signingRoot 32 bytes
 * @throws {LightClientError} ETHEREUM_SIGNATURE_INVALID
 * @throws {BlsError} the signature is no point of the subgroup, or a member's key no point of the curve
 */
export function verifySyncAggregate(
  aggregate: SyncAggregate,
  committee: SyncCommittee,
  signingRoot: Uint8Array,
): void {
  const { syncCommitteeBits, syncCommitteeSignature } = aggregate;
  const keys = publicKeysOf(committee).filter((_, i) => bitAt(syncCommitteeBits, i));
  if (!fastAggregateVerify(keys, signingRoot, syncCommitteeSignature)) {
    const expected = `a signature by ${keys.length} members over ${toHex(signingRoot)}`;
    const got = toHex(syncCommitteeSignature);
    const meta = { subject: 'sync_committee_signature', expected, got };
    throw new LightClientError('ETHEREUM_SIGNATURE_INVALID', meta);
  }
}

/** Decompressing a committee costs five times what verifying its signature does, so it is done once. */
const DECOMPRESSED = new WeakMap<SyncCommittee, readonly BlsPublicKey[]>();

function publicKeysOf(committee: SyncCommittee): readonly BlsPublicKey[] {
  const known = DECOMPRESSED.get(committee);
  if (known !== undefined) return known;
  const keys = decodeBlsPublicKeys(committee.pubkeys);
  DECOMPRESSED.set(committee, keys);
  return keys;
}
