import type { EthereumConfig } from './config.ts';
import { readField } from './json-reader.ts';
import {
  parseBranch,
  parseLightClientHeader,
  parseSyncCommittee,
  parseVersioned,
} from './parse-containers.ts';
import type { LightClientBootstrap } from './types.ts';

/**
 * Parses the answer of `/eth/v1/beacon/light_client/bootstrap/{block_root}`, or the item in its `data`.
 *
 * @param json untrusted, as JSON.parse gives it
 * @throws {BeaconJsonError} a field is missing, out of bounds or of another type
 * @throws {LightClientError} ETHEREUM_FORK_UNSUPPORTED: `version` names a fork that we cannot verify
 */
export function parseBootstrap(json: unknown, config: EthereumConfig): LightClientBootstrap {
  const item = parseVersioned(json, config);
  return {
    header: parseLightClientHeader(readField(item, 'header')),
    currentSyncCommittee: parseSyncCommittee(readField(item, 'current_sync_committee'), config),
    currentSyncCommitteeBranch: parseBranch(readField(item, 'current_sync_committee_branch')),
  };
}
