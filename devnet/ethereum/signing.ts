import { ssz } from '@lodestar/types';
import { concatBytes, fromHex } from '../../src/shared/bytes.ts';
import type { SyncAggregate } from './beacon-block.ts';
import {
  CURRENT_FORK_VERSION,
  computeEpoch,
  DOMAIN_BEACON_PROPOSER,
  DOMAIN_RANDAO,
  DOMAIN_SYNC_COMMITTEE,
} from './beacon-config.ts';
import type { BeaconBlockHeader } from './beacon-state.ts';
import {
  choosePresent,
  type DevCommittee,
  type DevValidator,
  signAggregate,
} from './validators.ts';

/** Signs as the devnet's validators do: every domain has the one fork version that is active from genesis. */
export interface Signer {
  signHeader(proposer: DevValidator, header: BeaconBlockHeader): Uint8Array;
  signRandao(proposer: DevValidator, slot: number): Uint8Array;
  /** The aggregate that a block at `signatureSlot` carries over its parent's root. */
  signSyncAggregate(
    committee: DevCommittee,
    message: { parentRoot: Uint8Array; signatureSlot: number; absentees: number },
  ): SyncAggregate;
}

export function createSigner(genesisValidatorsRoot: Uint8Array): Signer {
  const forkDataRoot = ssz.phase0.ForkData.hashTreeRoot({
    currentVersion: fromHex(CURRENT_FORK_VERSION),
    genesisValidatorsRoot,
  });
  const signingRoot = (objectRoot: Uint8Array, domainType: Uint8Array) =>
    ssz.phase0.SigningData.hashTreeRoot({
      objectRoot,
      domain: concatBytes(domainType, forkDataRoot.subarray(0, 28)),
    });
  return {
    signHeader(proposer, header) {
      const root = ssz.phase0.BeaconBlockHeader.hashTreeRoot(header);
      return proposer.secretKey.sign(signingRoot(root, DOMAIN_BEACON_PROPOSER)).toBytes();
    },
    signRandao(proposer, slot) {
      const root = ssz.Epoch.hashTreeRoot(computeEpoch(slot));
      return proposer.secretKey.sign(signingRoot(root, DOMAIN_RANDAO)).toBytes();
    },
    signSyncAggregate(committee, { parentRoot, signatureSlot, absentees }) {
      const present = choosePresent(signatureSlot, absentees);
      const signers = committee.members.filter((_, seat) => present[seat]);
      return {
        syncCommitteeBits: ssz.altair.SyncCommitteeBits.deserialize(packBits(present)),
        syncCommitteeSignature: signAggregate(
          signers,
          signingRoot(parentRoot, DOMAIN_SYNC_COMMITTEE),
        ),
      };
    },
  };
}

function packBits(bits: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(bits.length / 8);
  for (const [i, bit] of bits.entries()) {
    if (bit) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7));
  }
  return bytes;
}
