import { describe, expect, it } from 'vitest';
import { applyLightClientUpdate } from '../../../src/light-client/ethereum/apply-light-client-update.ts';
import { hashTreeRootOfBeaconBlockHeader } from '../../../src/light-client/ethereum/hash-tree-root.ts';
import { initializeLightClientStore } from '../../../src/light-client/ethereum/initialize-light-client-store.ts';
import type { LightClientStore } from '../../../src/light-client/ethereum/types.ts';
import { verifyLightClientUpdate } from '../../../src/light-client/ethereum/verify-light-client-update.ts';
import { toHex } from '../../../src/shared/bytes.ts';
import {
  listSpecCases,
  loadSpecCase,
  type SpecCase,
  type SpecStep,
} from '../../support/light-client-spec-tests.ts';
import { refusal } from '../../support/refusal.ts';
import { vectorsMissing } from '../../support/vectors.ts';

// What our profile makes of each step of the official cases. 'applied' must give the specification's own
// finalized header. A forced update is none of our functions: the store stays, and what the specification
// builds on top of it is refused by name. The two forks have the same cases with other roots.
const OUTCOMES: Record<string, readonly string[]> = {
  advance_finality_without_sync_committee: [
    'applied',
    'applied', // hands over without the next committee, which is then unknown
    'ETHEREUM_UPDATE_NOT_FINAL',
    'applied', // finality without a committee
    'applied', // the same finality with the committee
  ],
  light_client_sync: [
    'applied',
    'applied',
    'applied', // finalized in one period, attested in the next
    'ETHEREUM_UPDATE_NOT_FINAL', // an optimistic header
    'ETHEREUM_UPDATE_IRRELEVANT', // an optimistic header and finality that is known already
    'a forced update, which does not exist here',
    'ETHEREUM_SIGNATURE_PERIOD', // period 3 signs, while ours ends with period 2
    'ETHEREUM_SIGNATURE_PERIOD',
    'a forced update, which does not exist here',
    'ETHEREUM_SIGNATURE_PERIOD',
  ],
  supply_sync_committee_from_past_update: ['applied'],
};

function run({ config }: SpecCase, store: LightClientStore, step: SpecStep) {
  const { update, currentSlot } = step;
  if (update === undefined) return { store, outcome: 'a forced update, which does not exist here' };
  const advance = () =>
    applyLightClientUpdate(store, verifyLightClientUpdate(store, update, config, currentSlot));
  try {
    return { store: advance(), outcome: 'applied' };
  } catch {
    return { store, outcome: refusal(advance).code };
  }
}

describe.skipIf(vectorsMissing)('the official light_client/sync cases, minimal preset', () => {
  const cases = vectorsMissing ? [] : listSpecCases();

  it('has the six recorded cases', () => {
    expect(cases).toHaveLength(6);
  });

  it.each(cases)(
    '%s: every step is applied as the specification says or refused by name',
    (path) => {
      const specCase = loadSpecCase(path);
      let store = initializeLightClientStore(specCase.config, specCase.bootstrap);
      const outcomes: string[] = [];
      for (const step of specCase.steps) {
        const after = run(specCase, store, step);
        store = after.store;
        outcomes.push(after.outcome);
        if (after.outcome !== 'applied') continue;
        const { beacon } = store.finalizedHeader;
        expect(beacon.slot).toBe(step.finalized.slot);
        expect(toHex(hashTreeRootOfBeaconBlockHeader(beacon))).toBe(step.finalized.beaconRoot);
      }
      expect(outcomes).toEqual(OUTCOMES[path.split('/')[1] ?? '']);
    },
  );

  it('refuses every step one slot before its signature', () => {
    const specCase = loadSpecCase('electra/advance_finality_without_sync_committee');
    const store = initializeLightClientStore(specCase.config, specCase.bootstrap);
    const [first] = specCase.steps;
    if (!first?.update) throw new Error('the first step of the case has no update');
    const early = { ...first, currentSlot: first.update.signatureSlot - 1 };
    expect(run(specCase, store, early).outcome).toBe('ETHEREUM_SLOT_ORDER');
  });
});
