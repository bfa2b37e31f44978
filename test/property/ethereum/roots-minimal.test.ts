import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hashTreeRootOfSyncCommittee } from '../../../src/light-client/ethereum/hash-tree-root.ts';
import * as reference from '../../reference/ethereum/ssz.ts';
import { splitKeys, syncCommittee } from './arbitraries.ts';

process.env['LODESTAR_PRESET'] = 'minimal';
const { ssz } = await import('@lodestar/types');

it('sync committees of 32', () => {
  fc.assert(
    fc.property(syncCommittee(32), (committee) => {
      const ours = hashTreeRootOfSyncCommittee(committee);
      expect(ours).toEqual(reference.hashTreeRoot(reference.syncCommittee(committee)));
      const { aggregatePubkey } = committee;
      const theirs = { pubkeys: splitKeys(committee), aggregatePubkey };
      expect(ours).toEqual(ssz.altair.SyncCommittee.hashTreeRoot(theirs));
    }),
  );
});
