import type { EthereumConfig } from './config.ts';
import { type JsonNode, readField, readOptionalField, readSlot } from './json-reader.ts';
import {
  parseBranch,
  parseLightClientHeader,
  parseSyncAggregate,
  parseSyncCommittee,
  parseVersioned,
} from './parse-containers.ts';
import type { LightClientUpdate } from './types.ts';

/**
 * Parses one element of the answer of `/eth/v1/beacon/light_client/updates`, or the item in its `data`.
 *
 * @param json untrusted, as JSON.parse gives it
 * @throws {BeaconJsonError} a field is missing, out of bounds or of another type
 * @throws {LightClientError} ETHEREUM_FORK_UNSUPPORTED: `version` names a fork that we cannot verify
 */
export function parseUpdate(json: unknown, config: EthereumConfig): LightClientUpdate {
  const item = parseVersioned(json, config);
  const committee = readOptionalField(item, 'next_sync_committee');
  const branch = readOptionalField(item, 'next_sync_committee_branch');
  return {
    ...parseFinality(item, config),
    nextSyncCommittee: committee && parseSyncCommittee(committee, config),
    nextSyncCommitteeBranch: branch === undefined ? [] : parseBranch(branch),
  };
}

/**
 * Parses the answer of `/eth/v1/beacon/light_client/finality_update`: an update without committee.
 *
 * @param json untrusted, as JSON.parse gives it
 * @throws {BeaconJsonError} a field is missing, out of bounds or of another type
 * @throws {LightClientError} ETHEREUM_FORK_UNSUPPORTED: `version` names a fork that we cannot verify
 */
export function parseFinalityUpdate(json: unknown, config: EthereumConfig): LightClientUpdate {
  const item = parseVersioned(json, config);
  return {
    ...parseFinality(item, config),
    nextSyncCommittee: undefined,
    nextSyncCommitteeBranch: [],
  };
}

type FinalityPart = Omit<LightClientUpdate, 'nextSyncCommittee' | 'nextSyncCommitteeBranch'>;

function parseFinality(item: JsonNode, config: EthereumConfig): FinalityPart {
  return {
    attestedHeader: parseLightClientHeader(readField(item, 'attested_header')),
    finalizedHeader: parseLightClientHeader(readField(item, 'finalized_header')),
    finalityBranch: parseBranch(readField(item, 'finality_branch')),
    syncAggregate: parseSyncAggregate(readField(item, 'sync_aggregate'), config),
    signatureSlot: readSlot(readField(item, 'signature_slot')),
  };
}
