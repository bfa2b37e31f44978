import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  hashTreeRootOfBeaconBlockHeader,
  hashTreeRootOfExecutionPayloadHeader,
  hashTreeRootOfForkData,
  hashTreeRootOfSigningData,
  hashTreeRootOfSyncCommittee,
} from '../../../src/light-client/ethereum/hash-tree-root.ts';
import * as reference from '../../reference/ethereum/ssz.ts';
import {
  beaconBlockHeader,
  bytes,
  executionPayloadHeader,
  splitKeys,
  syncCommittee,
} from './arbitraries.ts';

// Our roots, the slow twin's and those of @lodestar/types, whose preset is one for the whole process.
process.env['LODESTAR_PRESET'] = 'mainnet';
const { ssz } = await import('@lodestar/types');

it('beacon block headers', () => {
  fc.assert(
    fc.property(beaconBlockHeader, (header) => {
      const ours = hashTreeRootOfBeaconBlockHeader(header);
      expect(ours).toEqual(reference.hashTreeRoot(reference.beaconBlockHeader(header)));
      const theirs = { ...header, proposerIndex: Number(header.proposerIndex) };
      expect(ours).toEqual(ssz.phase0.BeaconBlockHeader.hashTreeRoot(theirs));
    }),
  );
});

it('execution payload headers of Capella, Deneb, Electra and Fulu', () => {
  fc.assert(
    fc.property(executionPayloadHeader, (header) => {
      const { blockNumber, gasLimit, gasUsed, timestamp } = header;
      const numbers = {
        blockNumber: Number(blockNumber),
        gasLimit: Number(gasLimit),
        gasUsed: Number(gasUsed),
        timestamp: Number(timestamp),
      };
      const capella = hashTreeRootOfExecutionPayloadHeader(header, 'capella');
      expect(capella).toEqual(
        reference.hashTreeRoot(reference.capellaExecutionPayloadHeader(header)),
      );
      expect(capella).toEqual(
        ssz.capella.ExecutionPayloadHeader.hashTreeRoot({ ...header, ...numbers }),
      );
      const deneb = hashTreeRootOfExecutionPayloadHeader(header, 'deneb');
      expect(deneb).toEqual(reference.hashTreeRoot(reference.denebExecutionPayloadHeader(header)));
      for (const types of [ssz.deneb, ssz.electra, ssz.fulu]) {
        expect(deneb).toEqual(types.ExecutionPayloadHeader.hashTreeRoot({ ...header, ...numbers }));
      }
    }),
    { numRuns: 60 },
  );
});

it('sync committees of 512', () => {
  fc.assert(
    fc.property(syncCommittee(512), (committee) => {
      const ours = hashTreeRootOfSyncCommittee(committee);
      expect(ours).toEqual(reference.hashTreeRoot(reference.syncCommittee(committee)));
      const { aggregatePubkey } = committee;
      const theirs = { pubkeys: splitKeys(committee), aggregatePubkey };
      expect(ours).toEqual(ssz.altair.SyncCommittee.hashTreeRoot(theirs));
    }),
    { numRuns: 8 },
  );
});

it('fork data and signing data', () => {
  fc.assert(
    fc.property(bytes(4), bytes(32), bytes(32), (currentVersion, genesisValidatorsRoot, domain) => {
      const forkData = { currentVersion, genesisValidatorsRoot };
      const forkDataRoot = ssz.phase0.ForkData.hashTreeRoot(forkData);
      expect(hashTreeRootOfForkData(currentVersion, genesisValidatorsRoot)).toEqual(forkDataRoot);
      const signingData = { objectRoot: genesisValidatorsRoot, domain };
      const signingRoot = ssz.phase0.SigningData.hashTreeRoot(signingData);
      expect(hashTreeRootOfSigningData(genesisValidatorsRoot, domain)).toEqual(signingRoot);
    }),
  );
});
