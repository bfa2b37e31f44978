import { describe, expect, it } from 'vitest';
import { parseBootstrap } from '../../../../src/light-client/ethereum/parse-bootstrap.ts';
import {
  parseFinalityUpdate,
  parseUpdate,
} from '../../../../src/light-client/ethereum/parse-update.ts';
import type {
  LightClientHeader,
  LightClientUpdate,
} from '../../../../src/light-client/ethereum/types.ts';
import { toHex } from '../../../../src/shared/bytes.ts';
import type { Json } from '../../../support/ethereum-vectors.ts';
import { makeBootstrap, makeSigners, makeUpdate, WORLD } from '../../../support/ethereum-world.ts';
import { refusal } from '../../../support/refusal.ts';

const first = makeSigners(1);
const { committee } = makeSigners(2);
const update = makeUpdate({
  signers: first,
  finalizedSlot: 96,
  attestedSlot: 112,
  next: committee,
});

/** The update as the Beacon API writes it. */
function toJson(made: LightClientUpdate = update): Json {
  return {
    version: 'electra',
    data: {
      attested_header: headerJson(made.attestedHeader),
      next_sync_committee: committeeJson(),
      next_sync_committee_branch: made.nextSyncCommitteeBranch.map(toHex),
      finalized_header: headerJson(made.finalizedHeader),
      finality_branch: made.finalityBranch.map(toHex),
      sync_aggregate: {
        sync_committee_bits: toHex(made.syncAggregate.syncCommitteeBits),
        sync_committee_signature: toHex(made.syncAggregate.syncCommitteeSignature),
      },
      signature_slot: String(made.signatureSlot),
    },
  };
}

function committeeJson(): Json {
  const pubkeys = Array.from({ length: 32 }, (_, i) =>
    toHex(committee.pubkeys.subarray(48 * i, 48 * i + 48)),
  );
  return { pubkeys, aggregate_pubkey: toHex(committee.aggregatePubkey) };
}

function headerJson({ beacon, execution, executionBranch }: LightClientHeader): Json {
  return {
    beacon: snakeCase(beacon),
    execution: snakeCase(execution),
    execution_branch: executionBranch.map(toHex),
  };
}

function snakeCase(fields: object): Json {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value instanceof Uint8Array ? toHex(value) : String(value),
    ]),
  );
}

function refuse(change: (json: Json) => void): object {
  const json = toJson();
  change(json);
  const { code, meta } = refusal(() => parseUpdate(json, WORLD));
  return { code, ...meta };
}

describe('parsing updates', () => {
  it('reads every field, with or without the envelope around the item', () => {
    expect(parseUpdate(toJson(), WORLD)).toEqual(update);
    expect(parseUpdate(toJson().data, WORLD)).toEqual(update);
  });

  it('reads a finality update, and an update without a committee', () => {
    const expected = { ...update, nextSyncCommittee: undefined, nextSyncCommitteeBranch: [] };
    const { next_sync_committee: _, next_sync_committee_branch: __, ...item } = toJson().data;
    expect(parseFinalityUpdate(item, WORLD)).toEqual(expected);
    expect(parseUpdate({ ...item, next_sync_committee: null }, WORLD)).toEqual(expected);
    expect(parseFinalityUpdate(toJson(), WORLD)).toEqual(expected);
  });

  it('reads a bootstrap', () => {
    const { bootstrap, config } = makeBootstrap(88, committee);
    const json = {
      header: headerJson(bootstrap.header),
      current_sync_committee: committeeJson(),
      current_sync_committee_branch: bootstrap.currentSyncCommitteeBranch.map(toHex),
    };
    expect(parseBootstrap({ version: 'electra', data: json }, config)).toEqual(bootstrap);
  });

  it('takes absent blob fields as zero, as a header of Capella has none', () => {
    const json = toJson();
    delete json.data.finalized_header.execution.blob_gas_used;
    delete json.data.finalized_header.execution.excess_blob_gas;
    const { execution } = parseUpdate(json, WORLD).finalizedHeader;
    expect(execution).toMatchObject({ blobGasUsed: 0n, excessBlobGas: 0n });
  });

  it('reads a header of Gloas by its block hash', () => {
    const made = makeUpdate({ signers: first, finalizedSlot: 336, attestedSlot: 352 });
    const json = toJson({ ...made, nextSyncCommittee: undefined });
    json.version = 'gloas';
    for (const header of [json.data.attested_header, json.data.finalized_header]) {
      header.execution_block_hash = header.execution.block_hash;
      delete header.execution;
    }
    expect(parseFinalityUpdate(json, WORLD)).toEqual(made);
    json.data.attested_header.execution_block_hash += '00';
    expect(refusal(() => parseFinalityUpdate(json, WORLD)).meta).toMatchObject({
      field: 'data.attested_header.execution_block_hash',
    });
  });

  it('skips members that it does not know', () => {
    const json = toJson();
    json.data.attested_header.beacon.added = { by: 'a node' };
    json.execution_optimistic = false;
    expect(parseUpdate(json, WORLD)).toEqual(update);
  });

  it('names a version without rules', () => {
    expect(refuse((json) => (json.version = 'heze'))).toMatchObject({
      code: 'ETHEREUM_FORK_UNSUPPORTED',
      subject: 'version',
      got: 'heze',
    });
  });

  it.each<[string, (json: Json) => void, string]>([
    ['data.signature_slot', (j) => (j.data.signature_slot = 113), 'a value of type number'],
    ['data.signature_slot', (j) => (j.data.signature_slot = '0113'), '"0113"'],
    ['data.signature_slot', (j) => (j.data.signature_slot = '-1'), '"-1"'],
    ['data.signature_slot', (j) => (j.data.signature_slot = '1e3'), '"1e3"'],
    ['data.signature_slot', (j) => (j.data.signature_slot = ' 1'), '" 1"'],
    [
      'data.signature_slot',
      (j) => (j.data.signature_slot = '9007199254740992'),
      '9007199254740992',
    ],
    [
      'data.signature_slot',
      (j) => (j.data.signature_slot = '18446744073709551616'),
      '18446744073709551616',
    ],
    [
      'data.signature_slot',
      (j) => (j.data.signature_slot = '9'.repeat(10_000)),
      `"${'9'.repeat(80)}"`,
    ],
    ['data.signature_slot', (j) => delete j.data.signature_slot, 'none'],
    ['data.attested_header', (j) => (j.data.attested_header = []), 'an array'],
    ['data.attested_header.beacon', (j) => delete j.data.attested_header.beacon, 'none'],
    ['data.attested_header.execution', (j) => delete j.data.attested_header.execution, 'none'],
    [
      'data.attested_header.beacon.state_root',
      (j) => (j.data.attested_header.beacon.state_root = '0x12'),
      '1',
    ],
    [
      'data.attested_header.beacon.state_root',
      (j) => (j.data.attested_header.beacon.state_root = `0x${'zz'.repeat(32)}`),
      `"0x${'zz'.repeat(32)}"`,
    ],
    [
      'data.attested_header.beacon.state_root',
      (j) => (j.data.attested_header.beacon.state_root = 'ab'.repeat(33)),
      `"${'ab'.repeat(33)}"`,
    ],
    [
      'data.attested_header.beacon.state_root',
      (j) => (j.data.attested_header.beacon.state_root = 7),
      'a value of type number',
    ],
    [
      'data.attested_header.execution.extra_data',
      (j) => (j.data.attested_header.execution.extra_data = `0x${'00'.repeat(33)}`),
      '33',
    ],
    [
      'data.attested_header.execution.extra_data',
      (j) => (j.data.attested_header.execution.extra_data = '0x0'),
      '"0x0"',
    ],
    [
      'data.finalized_header.execution.logs_bloom',
      (j) => (j.data.finalized_header.execution.logs_bloom = '0x'),
      '0',
    ],
    [
      'data.finalized_header.execution.base_fee_per_gas',
      (j) => (j.data.finalized_header.execution.base_fee_per_gas = String(2n ** 256n)),
      String(2n ** 256n),
    ],
    [
      'data.finality_branch',
      (j) => (j.data.finality_branch = Array(17).fill(`0x${'00'.repeat(32)}`)),
      '17',
    ],
    ['data.finality_branch[2]', (j) => (j.data.finality_branch[2] = '0x'), '0'],
    [
      'data.finality_branch[1]',
      (j) => delete j.data.finality_branch[1],
      'a value of type undefined',
    ],
    [
      'data.finality_branch',
      (j) => (j.data.finality_branch = { length: 7 }),
      'a value of type object',
    ],
    ['data.next_sync_committee.pubkeys', (j) => j.data.next_sync_committee.pubkeys.pop(), '31'],
    [
      'data.next_sync_committee.pubkeys',
      (j) => j.data.next_sync_committee.pubkeys.push('0x'),
      '33',
    ],
    [
      'data.next_sync_committee.pubkeys[5]',
      (j) => (j.data.next_sync_committee.pubkeys[5] = '0x00'),
      '1',
    ],
    [
      'data.sync_aggregate.sync_committee_bits',
      (j) => (j.data.sync_aggregate.sync_committee_bits = `0x${'ff'.repeat(64)}`),
      '64',
    ],
    [
      'data.sync_aggregate.sync_committee_signature',
      (j) => (j.data.sync_aggregate.sync_committee_signature = '0x00'),
      '1',
    ],
  ])('refuses a malformed %s', (field, change, got) => {
    expect(refuse(change)).toMatchObject({ code: 'ETHEREUM_JSON_MALFORMED', field, got });
  });

  it.each([undefined, null, 7, 'update', [], true])(
    'refuses %s in the place of a document',
    (json) => {
      const { code, meta } = refusal(() => parseUpdate(json, WORLD));
      expect(code).toBe('ETHEREUM_JSON_MALFORMED');
      expect(meta).toMatchObject({ field: 'the document', expected: 'an object' });
    },
  );

  it('reads own members only', () => {
    const json = Object.create(toJson().data) as unknown;
    expect(refusal(() => parseUpdate(json, WORLD)).code).toBe('ETHEREUM_JSON_MALFORMED');
  });
});
