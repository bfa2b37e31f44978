import { describe, expect, it } from 'vitest';
import { applyLightClientUpdate } from '../../../src/light-client/ethereum/apply-light-client-update.ts';
import { initializeLightClientStore } from '../../../src/light-client/ethereum/initialize-light-client-store.ts';
import { parseBootstrap } from '../../../src/light-client/ethereum/parse-bootstrap.ts';
import {
  parseFinalityUpdate,
  parseUpdate,
} from '../../../src/light-client/ethereum/parse-update.ts';
import {
  decodeLightClientStore,
  encodeLightClientStore,
} from '../../../src/light-client/ethereum/store-codec.ts';
import type { LightClientStore } from '../../../src/light-client/ethereum/types.ts';
import { verifyLightClientUpdate } from '../../../src/light-client/ethereum/verify-light-client-update.ts';
import {
  MAINNET_CAPELLA as config,
  type Json,
  mainnetCapella,
} from '../../support/ethereum-vectors.ts';
import { refusal } from '../../support/refusal.ts';
import { vectorsMissing } from '../../support/vectors.ts';

const OTHER_ROOT = `0x${'ab'.repeat(32)}`;

function bootstrap(json: Json = mainnetCapella.bootstrap()): LightClientStore {
  return initializeLightClientStore(config, parseBootstrap(json, config));
}

function step(store: LightClientStore, json: Json): LightClientStore {
  const update = parseUpdate(json, config);
  return applyLightClientUpdate(store, verifyLightClientUpdate(store, update, config));
}

/** The store after the first `count` of the recorded updates. */
function advance(count: number): LightClientStore {
  return mainnetCapella.updates().slice(0, count).reduce(step, bootstrap());
}

describe.skipIf(vectorsMissing)('recorded mainnet data, Capella', () => {
  it('starts at the pinned checkpoint without knowing the next committee', () => {
    const store = bootstrap();
    expect(store.finalizedHeader.beacon.slot).toBe(7069376);
    expect(store.finalizedHeader.execution.stated?.blockNumber).toBe(17883333n);
    expect(store.nextSyncCommittee).toBeUndefined();
  });

  it('follows six periods in a row, handing over at each, and then a finality update', () => {
    const slots: number[] = [];
    let store = bootstrap();
    for (const update of mainnetCapella.updates()) {
      const before = store;
      store = step(store, update);
      slots.push(store.finalizedHeader.beacon.slot);
      if (slots.length > 1) expect(store.currentSyncCommittee).toBe(before.nextSyncCommittee);
    }
    expect(slots).toEqual([7069376, 7070047, 7078240, 7089280, 7094272, 7104096]);
    const finality = parseFinalityUpdate(mainnetCapella.finality(), config);
    store = applyLightClientUpdate(store, verifyLightClientUpdate(store, finality, config));
    expect(store.finalizedHeader).toMatchObject({
      beacon: { slot: 7109344 },
      // SPEC: the genesis time and twelve seconds for every slot.
      execution: { stated: { timestamp: 1606824023n + 12n * 7109344n } },
    });
  });

  it('survives sealing after every step', () => {
    let store = bootstrap();
    for (const update of mainnetCapella.updates()) {
      store = decodeLightClientStore(encodeLightClientStore(store), config);
      store = step(store, update);
      expect(decodeLightClientStore(encodeLightClientStore(store), config)).toEqual(store);
    }
  });

  it('refuses a skipped period', () => {
    const [, , third] = mainnetCapella.updates();
    expect(refusal(() => step(advance(1), third)).code).toBe('ETHEREUM_SIGNATURE_PERIOD');
  });

  it('refuses an update again after it was applied', () => {
    const [, second] = mainnetCapella.updates();
    expect(refusal(() => step(advance(2), second)).code).toBe('ETHEREUM_UPDATE_IRRELEVANT');
  });

  const bootstrapTampers: readonly [string, string, (data: Json) => void][] = [
    ['another block', 'ETHEREUM_CHECKPOINT_MISMATCH', (d) => (d.header.beacon.slot = '7069377')],
    [
      'another state root',
      'ETHEREUM_CHECKPOINT_MISMATCH',
      (d) => (d.header.beacon.state_root = OTHER_ROOT),
    ],
    [
      'another block hash',
      'ETHEREUM_BRANCH_INVALID',
      (d) => (d.header.execution.block_hash = OTHER_ROOT),
    ],
    [
      'a blob field',
      'ETHEREUM_HEADER_NOT_DEFAULT',
      (d) => (d.header.execution.excess_blob_gas = '1'),
    ],
    ['a short execution branch', 'ETHEREUM_BRANCH_LENGTH', (d) => d.header.execution_branch.pop()],
    ['swapped keys', 'ETHEREUM_BRANCH_INVALID', (d) => d.current_sync_committee.pubkeys.reverse()],
    [
      'a long committee branch',
      'ETHEREUM_BRANCH_LENGTH',
      (d) => d.current_sync_committee_branch.push(OTHER_ROOT),
    ],
    [
      'another committee branch',
      'ETHEREUM_BRANCH_INVALID',
      (d) => d.current_sync_committee_branch.reverse(),
    ],
  ];
  it.each(bootstrapTampers)('refuses a bootstrap with %s: %s', (_, code, tamper) => {
    const json = mainnetCapella.bootstrap();
    tamper(json.data);
    expect(refusal(() => bootstrap(json)).code).toBe(code);
  });

  const tampers: readonly [string, string, (data: Json) => void][] = [
    [
      'attested slot',
      'ETHEREUM_SIGNATURE_INVALID',
      (d) => (d.attested_header.beacon.slot = '7070141'),
    ],
    [
      'attested proposer',
      'ETHEREUM_SIGNATURE_INVALID',
      (d) => (d.attested_header.beacon.proposer_index = '1'),
    ],
    [
      'attested parent root',
      'ETHEREUM_SIGNATURE_INVALID',
      (d) => (d.attested_header.beacon.parent_root = OTHER_ROOT),
    ],
    [
      'attested state root',
      'ETHEREUM_BRANCH_INVALID',
      (d) => (d.attested_header.beacon.state_root = OTHER_ROOT),
    ],
    [
      'attested body root',
      'ETHEREUM_BRANCH_INVALID',
      (d) => (d.attested_header.beacon.body_root = OTHER_ROOT),
    ],
    [
      'attested execution',
      'ETHEREUM_BRANCH_INVALID',
      (d) => (d.attested_header.execution.gas_used = '1'),
    ],
    [
      'finalized slot',
      'ETHEREUM_BRANCH_INVALID',
      (d) => (d.finalized_header.beacon.slot = '7070048'),
    ],
    [
      'finalized state root',
      'ETHEREUM_BRANCH_INVALID',
      (d) => (d.finalized_header.beacon.state_root = OTHER_ROOT),
    ],
    [
      'finalized block hash',
      'ETHEREUM_BRANCH_INVALID',
      (d) => (d.finalized_header.execution.block_hash = OTHER_ROOT),
    ],
    [
      'finalized block number',
      'ETHEREUM_BRANCH_INVALID',
      (d) => (d.finalized_header.execution.block_number = '1'),
    ],
    [
      'finalized state of the block',
      'ETHEREUM_BRANCH_INVALID',
      (d) => (d.finalized_header.execution.state_root = OTHER_ROOT),
    ],
    ['finality branch', 'ETHEREUM_BRANCH_INVALID', (d) => (d.finality_branch[0] = OTHER_ROOT)],
    [
      'length of the finality branch',
      'ETHEREUM_BRANCH_LENGTH',
      (d) => d.finality_branch.push(OTHER_ROOT),
    ],
    ['next committee', 'ETHEREUM_BRANCH_INVALID', (d) => d.next_sync_committee.pubkeys.reverse()],
    [
      'next aggregate key',
      'ETHEREUM_BRANCH_INVALID',
      (d) => (d.next_sync_committee.aggregate_pubkey = d.next_sync_committee.pubkeys[0]),
    ],
    [
      'next committee branch',
      'ETHEREUM_BRANCH_INVALID',
      (d) => d.next_sync_committee_branch.reverse(),
    ],
    [
      'signature slot within the period',
      'ETHEREUM_SLOT_ORDER',
      (d) => (d.signature_slot = d.attested_header.beacon.slot),
    ],
    [
      'signature',
      'BLS_SIGNATURE_MALFORMED',
      (d) => (d.sync_aggregate.sync_committee_signature = `0x${'ab'.repeat(96)}`),
    ],
    [
      'bits',
      'ETHEREUM_SIGNATURE_INVALID',
      (d) => (d.sync_aggregate.sync_committee_bits = `0xfe${'ff'.repeat(63)}`),
    ],
    [
      'bits of fewer than two thirds',
      'ETHEREUM_PARTICIPATION_TOO_LOW',
      (d) => (d.sync_aggregate.sync_committee_bits = `0x${'ff'.repeat(42)}1f${'00'.repeat(21)}`),
    ],
  ];
  it.each(tampers)('refuses an update with another %s: %s', (_, code, tamper) => {
    const store = advance(1);
    const [, update] = mainnetCapella.updates();
    expect(step(store, update).finalizedHeader.beacon.slot).toBe(7070047);
    tamper(update.data);
    expect(refusal(() => step(store, update)).code).toBe(code);
  });

  it('refuses the signature of one update under the header of another', () => {
    const [, second, third] = mainnetCapella.updates();
    second.data.sync_aggregate = third.data.sync_aggregate;
    expect(refusal(() => step(advance(1), second)).code).toBe('ETHEREUM_SIGNATURE_INVALID');
  });

  it('refuses the next committee of another period', () => {
    const [, second, third] = mainnetCapella.updates();
    second.data.next_sync_committee = third.data.next_sync_committee;
    expect(refusal(() => step(advance(1), second)).code).toBe('ETHEREUM_BRANCH_INVALID');
  });
});
