import { ssz } from '@lodestar/types';
import { concatBytes, fromHex } from '../../src/shared/bytes.ts';
import type { SyncAggregate } from './beacon-block.ts';
import {
  computeEpoch,
  DOMAIN_BEACON_PROPOSER,
  DOMAIN_RANDAO,
  DOMAIN_SYNC_COMMITTEE,
  type ForkSchedule,
} from './beacon-config.ts';
import type { BeaconBlockHeader } from './beacon-state.ts';
import {
  choosePresent,
  type DevCommittee,
  type DevValidator,
  signAggregate,
} from './validators.ts';

/** Signs as the devnet's validators do: every domain has the version of the fork in its epoch. */
export interface Signer {
  signHeader(proposer: DevValidator, header: BeaconBlockHeader): Uint8Array;
  signRandao(proposer: DevValidator, slot: number): Uint8Array;
  /** The aggregate that a block at `signatureSlot` carries over its parent's root. */
  signSyncAggregate(
    committee: DevCommittee,
    message: { parentRoot: Uint8Array; signatureSlot: number; absentees: number },
  ): SyncAggregate;
}

export function createSigner(genesisValidatorsRoot: Uint8Array, schedule: ForkSchedule): Signer {
  const signingRoot = (objectRoot: Uint8Array, domainType: Uint8Array, slot: number) => {
    const currentVersion = fromHex(schedule.at(computeEpoch(slot)).version);
    const forkDataRoot = ssz.phase0.ForkData.hashTreeRoot({
      currentVersion,
      genesisValidatorsRoot,
    });
    const domain = concatBytes(domainType, forkDataRoot.subarray(0, 28));
    return ssz.phase0.SigningData.hashTreeRoot({ objectRoot, domain });
  };
  return {
    signHeader(proposer, header) {
      const root = ssz.phase0.BeaconBlockHeader.hashTreeRoot(header);
      const message = signingRoot(root, DOMAIN_BEACON_PROPOSER, header.slot);
      return proposer.secretKey.sign(message).toBytes();
    },
    signRandao(proposer, slot) {
      const root = ssz.Epoch.hashTreeRoot(computeEpoch(slot));
      return proposer.secretKey.sign(signingRoot(root, DOMAIN_RANDAO, slot)).toBytes();
    },
    signSyncAggregate(committee, { parentRoot, signatureSlot, absentees }) {
      const present = choosePresent(signatureSlot, absentees);
      const signers = committee.members.filter((_, seat) => present[seat]);
      return {
        syncCommitteeBits: ssz.altair.SyncCommitteeBits.deserialize(packBits(present)),
        syncCommitteeSignature: signAggregate(
          signers,
          // The version is that of the slot before: the block that carries the signature may be of a new fork.
          signingRoot(parentRoot, DOMAIN_SYNC_COMMITTEE, Math.max(signatureSlot, 1) - 1),
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
