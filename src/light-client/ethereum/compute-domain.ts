import { concatBytes, fromHex } from '../../shared/bytes.ts';
import type { EthereumConfig } from './config.ts';
import { forkAtSlot } from './forks.ts';
import { hashTreeRootOfForkData, hashTreeRootOfSigningData } from './hash-tree-root.ts';

/** SPEC: altair/beacon-chain.md, domain types. */
const DOMAIN_SYNC_COMMITTEE = Uint8Array.of(0x07, 0, 0, 0);

/**
 * The 32 bytes that a sync committee signs for a block root in `signatureSlot`.
 *
 * SPEC: `compute_fork_version` of the slot *before* the signature's, `compute_domain`,
 * `compute_signing_root`.
 *
 * @param objectRoot 32 bytes, hash tree root of the attested beacon header
 * @throws {LightClientError} ETHEREUM_FORK_UNSUPPORTED
 */
export function computeSyncCommitteeSigningRoot(
  objectRoot: Uint8Array,
  signatureSlot: number,
  config: EthereumConfig,
): Uint8Array {
  const { version } = forkAtSlot(Math.max(signatureSlot, 1) - 1, config);
  const genesisValidatorsRoot = fromHex(config.genesisValidatorsRoot, 32);
  const forkDataRoot = hashTreeRootOfForkData(fromHex(version, 4), genesisValidatorsRoot);
  const domain = concatBytes(DOMAIN_SYNC_COMMITTEE, forkDataRoot.subarray(0, 28));
  return hashTreeRootOfSigningData(objectRoot, domain);
}
