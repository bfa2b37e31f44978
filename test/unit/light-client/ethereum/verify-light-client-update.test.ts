import { describe, expect, it } from 'vitest';
import { decodeRlp } from '../../../../src/codec/rlp.ts';
import { applyLightClientUpdate } from '../../../../src/light-client/ethereum/apply-light-client-update.ts';
import type { EthereumConfig } from '../../../../src/light-client/ethereum/config.ts';
import { MAINNET } from '../../../../src/light-client/ethereum/networks.ts';
import type {
  LightClientHeader,
  LightClientStore,
  LightClientUpdate,
} from '../../../../src/light-client/ethereum/types.ts';
import { verifyExecutionHeader } from '../../../../src/light-client/ethereum/verify-execution-header.ts';
import { verifyLightClientUpdate } from '../../../../src/light-client/ethereum/verify-light-client-update.ts';
import { toHex } from '../../../../src/shared/bytes.ts';
import {
  makeHashHeader,
  makeHeader,
  makePayloadHeader,
  makeSigners,
  makeStore,
  makeUpdate,
  WORLD,
} from '../../../support/ethereum-world.ts';
import { makeExecutionBlock } from '../../../support/execution-block.ts';
import { refusal } from '../../../support/refusal.ts';

// Periods of 64 slots; Deneb from slot 32, Electra from 80, Fulu from 160, Gloas from 320, Heze without rules from 480.
const first = makeSigners(1);
const second = makeSigners(2);
const third = makeSigners(3);

/** A store at slot 88, period 1, that knows the committee of period 2. */
const store = makeStore(88, first.committee, { next: second.committee });
const stranger = makeStore(88, first.committee);
const good = makeUpdate({ signers: first, finalizedSlot: 96, attestedSlot: 112 });

function verify(update: LightClientUpdate, under: LightClientStore = store, config = WORLD) {
  return verifyLightClientUpdate(under, update, config);
}

function refuse(update: LightClientUpdate, under: LightClientStore = store, config = WORLD) {
  const { code, meta } = refusal(() => verify(update, under, config));
  return { code, meta };
}

function codeOf(update: LightClientUpdate, under: LightClientStore = store): string {
  return refuse(update, under).code;
}

function flip(bytes: Uint8Array, at = 0): Uint8Array {
  return bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
}

describe('an update that keeps every rule', () => {
  it('advances the finalized header and nothing else within a period', () => {
    const after = applyLightClientUpdate(store, verify(good));
    expect(after.finalizedHeader.beacon.slot).toBe(96);
    expect(after.finalizedHeader.execution.stated?.blockNumber).toBe(1096n);
    expect(after.currentSyncCommittee).toBe(store.currentSyncCommittee);
    expect(after.nextSyncCommittee).toBe(store.nextSyncCommittee);
  });

  it('hands over to the next committee when it finalizes a block of the next period', () => {
    const update = makeUpdate({
      signers: second,
      finalizedSlot: 136,
      attestedSlot: 152,
      next: third.committee,
    });
    const after = applyLightClientUpdate(store, verify(update));
    expect(after.currentSyncCommittee).toBe(second.committee);
    expect(after.nextSyncCommittee).toBe(third.committee);
  });

  it('forgets the next committee when the hand-over does not bring another', () => {
    const update = makeUpdate({ signers: second, finalizedSlot: 136, attestedSlot: 152 });
    const after = applyLightClientUpdate(store, verify(update));
    expect(after.currentSyncCommittee).toBe(second.committee);
    expect(after.nextSyncCommittee).toBeUndefined();
  });

  it('keeps both committees when only the attested header is in the next period', () => {
    const update = makeUpdate({
      signers: second,
      finalizedSlot: 120,
      attestedSlot: 136,
      next: third.committee,
    });
    const after = applyLightClientUpdate(store, verify(update));
    expect(after.finalizedHeader.beacon.slot).toBe(120);
    expect(after.currentSyncCommittee).toBe(first.committee);
    expect(after.nextSyncCommittee).toBe(second.committee);
  });

  it('teaches the next committee from an older block of the same period without going back', () => {
    const older = makeUpdate({
      signers: first,
      finalizedSlot: 72,
      attestedSlot: 84,
      next: second.committee,
    });
    const after = applyLightClientUpdate(stranger, verify(older, stranger));
    expect(after.nextSyncCommittee).toBe(second.committee);
    expect(after.finalizedHeader).toBe(stranger.finalizedHeader);
  });

  it('advances a store that does not know the next committee', () => {
    const after = applyLightClientUpdate(stranger, verify(good, stranger));
    expect(after.finalizedHeader.beacon.slot).toBe(96);
    expect(after.nextSyncCommittee).toBeUndefined();
  });

  it('leads from Capella to Fulu, with finalized and attested headers on both sides of every fork', () => {
    const steps = [
      { signers: first, finalizedSlot: 24, attestedSlot: 40, next: second.committee },
      { signers: second, finalizedSlot: 72, attestedSlot: 88, next: third.committee },
      { signers: third, finalizedSlot: 152, attestedSlot: 168, next: first.committee },
      { signers: first, finalizedSlot: 192, attestedSlot: 208 },
    ];
    let world = makeStore(8, first.committee);
    for (const step of steps) {
      world = applyLightClientUpdate(world, verify(makeUpdate(step), world));
      expect(world.finalizedHeader.beacon.slot).toBe(step.finalizedSlot);
    }
    expect(world.currentSyncCommittee).toBe(first.committee);
    expect(world.nextSyncCommittee).toBeUndefined();
  });

  it('may carry the default committee with a zero branch and is then a finality update', () => {
    const zeros = { pubkeys: new Uint8Array(32 * 48), aggregatePubkey: new Uint8Array(48) };
    const nextSyncCommitteeBranch = good.finalityBranch.slice(1).map(() => new Uint8Array(32));
    const update = { ...good, nextSyncCommittee: zeros, nextSyncCommitteeBranch };
    expect(verify(update).nextSyncCommittee).toBeUndefined();
  });
});

describe('an update of Gloas', () => {
  const late = makeStore(328, first.committee, { next: second.committee });
  const update = makeUpdate({ signers: first, finalizedSlot: 336, attestedSlot: 352 });

  it('leads from Fulu into Gloas and hands over there', () => {
    const steps = [
      { signers: second, finalizedSlot: 312, attestedSlot: 328 },
      { signers: second, finalizedSlot: 344, attestedSlot: 360, next: third.committee },
      { signers: third, finalizedSlot: 392, attestedSlot: 408, next: first.committee },
    ];
    let world = makeStore(296, first.committee, { next: second.committee });
    for (const step of steps) {
      world = applyLightClientUpdate(world, verify(makeUpdate(step), world));
      expect(world.finalizedHeader.beacon.slot).toBe(step.finalizedSlot);
    }
    expect(world.currentSyncCommittee).toBe(third.committee);
    expect(world.nextSyncCommittee).toBe(first.committee);
  });

  it('proves the hash of an execution block, and nothing else of it', () => {
    const { finalizedHeader } = applyLightClientUpdate(late, verify(update, late));
    expect(finalizedHeader.execution).toEqual({
      blockHash: toHex(update.finalizedHeader.execution.blockHash),
      stated: undefined,
    });
    const { blockHash } = makeExecutionBlock(335, WORLD).payload;
    expect(update.finalizedHeader.execution.blockHash).toEqual(blockHash);
  });

  it('proves execution headers on both sides of the fork, each of its own form', () => {
    // The finalized slot, and the slot of the execution block that it proves: a bid names the one before.
    const steps = [
      [{ signers: second, finalizedSlot: 312, attestedSlot: 328 }, 312],
      [{ signers: second, finalizedSlot: 320, attestedSlot: 336, next: third.committee }, 319],
      [{ signers: second, finalizedSlot: 328, attestedSlot: 344 }, 327],
      [{ signers: third, finalizedSlot: 392, attestedSlot: 408 }, 391],
    ] as const;
    let world = makeStore(296, first.committee, { next: second.committee });
    for (const [step, executionSlot] of steps) {
      world = applyLightClientUpdate(world, verify(makeUpdate(step), world));
      const { beacon, execution } = world.finalizedHeader;
      const { header } = makeExecutionBlock(executionSlot, WORLD);
      const proven = { slot: beacon.slot, config: WORLD };
      expect(verifyExecutionHeader(header, execution.blockHash, proven)).toMatchObject({
        number: BigInt(executionSlot + 1000),
        timestamp: BigInt(1_700_000_000 + 6 * executionSlot),
        stateRoot: toHex(new Uint8Array(32).fill((executionSlot + 4) % 256)),
      });
      const list = decodeRlp(header);
      expect(list).toHaveLength(executionSlot < 320 ? 21 : 23);
    }
    expect(world.currentSyncCommittee).toBe(third.committee);
  });

  it('is refused with another block hash', () => {
    for (const name of ['attestedHeader', 'finalizedHeader'] as const) {
      const header = update[name];
      const execution = { blockHash: flip(header.execution.blockHash, 31) };
      expect(refuse({ ...update, [name]: { ...header, execution } }, late)).toMatchObject({
        code: 'ETHEREUM_BRANCH_INVALID',
        meta: { expected: 'its root at index 2856' },
      });
    }
  });

  it('is refused with an execution header, even one that is in the block', () => {
    const finalizedHeader = makePayloadHeader(336, WORLD);
    expect(refuse({ ...update, finalizedHeader }, late)).toMatchObject({
      code: 'ETHEREUM_HEADER_NOT_DEFAULT',
      meta: { subject: 'finalized header', got: 'an execution header' },
    });
  });

  it.each([
    ['finalityBranch', 9],
    ['nextSyncCommitteeBranch', 11],
  ] as const)('is refused with a %s of another length than %i', (name, depth) => {
    const next = second.committee;
    const made = makeUpdate({ signers: first, finalizedSlot: 336, attestedSlot: 352, next });
    expect(made[name]).toHaveLength(depth);
    for (const branch of [made[name].slice(1), [new Uint8Array(32), ...made[name]]]) {
      expect(refuse({ ...made, [name]: branch }, late)).toMatchObject({
        code: 'ETHEREUM_BRANCH_LENGTH',
        meta: { expected: `${depth} siblings` },
      });
    }
  });

  it('is refused with branches of the state of Fulu', () => {
    const plan = { signers: first, finalizedSlot: 336, attestedSlot: 352, stateLike: 312 };
    expect(codeOf(makeUpdate(plan), late)).toBe('ETHEREUM_BRANCH_LENGTH');
  });

  it.each([
    ['Capella', 16, 24, 412],
    ['Deneb', 40, 48, 812],
    ['Fulu', 168, 176, 812],
  ])('may have a header of its form for a block of %s', (_, stored, slot, gindex) => {
    const early = makeStore(stored, first.committee);
    const made = makeUpdate({ signers: first, finalizedSlot: slot, attestedSlot: slot + 4 });
    const attestedHeader = makeHashHeader(slot + 4, WORLD);
    const refused = refuse({ ...made, attestedHeader }, early);
    // The branch holds; what the made-up state lacks comes after it.
    expect(refused.meta).toMatchObject({ subject: 'finality branch' });
    const branch = attestedHeader.executionBranch.with(0, new Uint8Array(32).fill(7));
    const broken = { ...attestedHeader, executionBranch: branch };
    expect(refuse({ ...made, attestedHeader: broken }, early).meta).toMatchObject({
      subject: 'attested header: execution branch',
      expected: `its root at index ${gindex}`,
    });
  });
});

describe('rule 1: participation', () => {
  const mainnet: EthereumConfig = { ...MAINNET, checkpointRoot: WORLD.checkpointRoot };
  const committee = makeSigners(9, 512);
  const slot = 194048 * 32 + 8192;
  const known = makeStore(slot, committee.committee, { config: mainnet });
  const plan = { signers: committee, finalizedSlot: slot + 32, attestedSlot: slot + 96 };

  it('accepts 342 of 512 members', () => {
    const update = makeUpdate({ ...plan, participants: 342 }, mainnet);
    expect(verify(update, known, mainnet).finalizedHeader.beacon.slot).toBe(slot + 32);
  });

  it('refuses 341 of 512 members, although they have signed', () => {
    const update = makeUpdate({ ...plan, participants: 341 }, mainnet);
    expect(refuse(update, known, mainnet)).toEqual({
      code: 'ETHEREUM_PARTICIPATION_TOO_LOW',
      meta: { subject: 'sync_committee_bits', expected: 'at least 342 of 512', got: '341' },
    });
  });

  it('accepts 22 of 32 members and refuses 21', () => {
    const update = { signers: first, finalizedSlot: 96, attestedSlot: 112 };
    expect(verify(makeUpdate({ ...update, participants: 22 })).storePeriod).toBe(1);
    expect(codeOf(makeUpdate({ ...update, participants: 21 }))).toBe(
      'ETHEREUM_PARTICIPATION_TOO_LOW',
    );
  });

  it('refuses an update that nobody signed', () => {
    const syncAggregate = { ...good.syncAggregate, syncCommitteeBits: new Uint8Array(4) };
    expect(codeOf({ ...good, syncAggregate })).toBe('ETHEREUM_PARTICIPATION_TOO_LOW');
  });
});

describe('rule 2: the attested header', () => {
  it('refuses an execution header that is not in the block', () => {
    const { attestedHeader: header } = good;
    const execution = { ...header.execution, blockHash: flip(header.execution.blockHash) };
    expect(refuse({ ...good, attestedHeader: { ...header, execution } })).toMatchObject({
      code: 'ETHEREUM_BRANCH_INVALID',
      meta: { subject: 'attested header: execution branch' },
    });
  });

  it('refuses blob fields before Deneb', () => {
    const early = makeStore(8, first.committee);
    const update = makeUpdate({ signers: first, finalizedSlot: 16, attestedSlot: 28 });
    const { attestedHeader: header } = update;
    expect(verify(update, early).finalizedPeriod).toBe(0);
    for (const field of ['blobGasUsed', 'excessBlobGas']) {
      const execution = { ...header.execution, [field]: 1n };
      expect(codeOf({ ...update, attestedHeader: { ...header, execution } }, early)).toBe(
        'ETHEREUM_HEADER_NOT_DEFAULT',
      );
    }
  });

  it('refuses a slot in a fork that it has no rules for', () => {
    const late = makeStore(464, first.committee);
    const config = { ...WORLD, forks: WORLD.forks.slice(0, 5) };
    const update = makeUpdate({ signers: first, finalizedSlot: 472, attestedSlot: 480 }, config);
    expect(refuse(update, late)).toMatchObject({
      code: 'ETHEREUM_FORK_UNSUPPORTED',
      meta: { subject: 'slot 480, epoch 60', got: 'heze' },
    });
  });

  it('refuses a slot before the fork table', () => {
    const config = { ...WORLD, forks: WORLD.forks.slice(2) };
    const update = makeUpdate({ signers: first, finalizedSlot: 64, attestedSlot: 72 });
    expect(refuse(update, store, config).code).toBe('ETHEREUM_FORK_UNSUPPORTED');
  });
});

describe('rule 3: the order of slots', () => {
  it('refuses a signature in the attested slot', () => {
    const update = { signers: first, finalizedSlot: 96, attestedSlot: 112, signatureSlot: 112 };
    expect(refuse(makeUpdate(update))).toEqual({
      code: 'ETHEREUM_SLOT_ORDER',
      meta: {
        subject: 'slots',
        expected: 'current >= signature > attested >= finalized',
        got: `${Number.MAX_SAFE_INTEGER}, 112, 112, 96`,
      },
    });
  });

  it('refuses a finalized block above the attested one', () => {
    const update = makeUpdate({ signers: first, finalizedSlot: 120, attestedSlot: 112 });
    expect(codeOf(update)).toBe('ETHEREUM_SLOT_ORDER');
  });

  it('refuses a signature slot in the future of the given clock and accepts the present', () => {
    const at = (slot: number) => verifyLightClientUpdate(store, good, WORLD, slot);
    expect(refusal(() => at(112)).code).toBe('ETHEREUM_SLOT_ORDER');
    expect(at(113).finalizedPeriod).toBe(1);
  });
});

describe('rule 4: the signature period', () => {
  const later = makeUpdate({ signers: second, finalizedSlot: 136, attestedSlot: 152 });

  it('refuses the next period while its committee is unknown', () => {
    expect(refuse(later, stranger)).toEqual({
      code: 'ETHEREUM_SIGNATURE_PERIOD',
      meta: { subject: 'signature_slot', expected: 'period 1', got: '2' },
    });
  });

  it('refuses a period after the next, and one before the store', () => {
    const far = makeUpdate({ signers: third, finalizedSlot: 200, attestedSlot: 216 });
    expect(codeOf(far)).toBe('ETHEREUM_SIGNATURE_PERIOD');
    const past = makeUpdate({ signers: first, finalizedSlot: 40, attestedSlot: 48 });
    expect(codeOf(past)).toBe('ETHEREUM_SIGNATURE_PERIOD');
  });

  it('takes the committee of the signature slot, not of the attested slot', () => {
    const plan = { finalizedSlot: 112, attestedSlot: 127, signatureSlot: 128 };
    expect(verify(makeUpdate({ ...plan, signers: second })).finalizedPeriod).toBe(1);
    expect(codeOf(makeUpdate({ ...plan, signers: first }))).toBe('ETHEREUM_SIGNATURE_INVALID');
  });
});

describe('rule 5: relevance', () => {
  it('refuses an update that finalizes what the store has', () => {
    const update = makeUpdate({ signers: first, finalizedSlot: 88, attestedSlot: 112 });
    expect(refuse(update)).toEqual({
      code: 'ETHEREUM_UPDATE_IRRELEVANT',
      meta: {
        subject: 'finalized_header',
        expected: 'a finalized slot above 88, or an unknown next committee',
        got: '88',
      },
    });
  });

  it('refuses an older update that brings a committee already known', () => {
    const update = makeUpdate({
      signers: first,
      finalizedSlot: 72,
      attestedSlot: 84,
      next: second.committee,
    });
    expect(codeOf(update)).toBe('ETHEREUM_UPDATE_IRRELEVANT');
  });

  it('refuses an older update that brings nothing to a store without a next committee', () => {
    const update = makeUpdate({ signers: first, finalizedSlot: 72, attestedSlot: 84 });
    expect(codeOf(update, stranger)).toBe('ETHEREUM_UPDATE_IRRELEVANT');
  });

  it('refuses to learn the committee of its own period from a state of the one before', () => {
    const update = makeUpdate({
      signers: first,
      finalizedSlot: 56,
      attestedSlot: 62,
      signatureSlot: 65,
      next: first.committee,
    });
    expect(codeOf(update, stranger)).toBe('ETHEREUM_UPDATE_IRRELEVANT');
  });

  it('refuses to learn a committee from a state whose finality is of an earlier period', () => {
    const update = makeUpdate({
      signers: first,
      finalizedSlot: 56,
      attestedSlot: 84,
      next: second.committee,
    });
    expect(codeOf(update, stranger)).toBe('ETHEREUM_UPDATE_IRRELEVANT');
  });
});

describe('rule 6: finality', () => {
  it('refuses the bait of a forced update: a signed header that finalizes nothing', () => {
    const update = makeUpdate({
      signers: first,
      finalizedSlot: 96,
      attestedSlot: 112,
      next: second.committee,
    });
    expect(codeOf({ ...update, finalityBranch: [] }, stranger)).toBe('ETHEREUM_UPDATE_NOT_FINAL');
    const finalityBranch = update.finalityBranch.map(() => new Uint8Array(32));
    expect(refuse({ ...update, finalityBranch }, stranger)).toEqual({
      code: 'ETHEREUM_UPDATE_NOT_FINAL',
      meta: { subject: 'finality_branch', expected: 'a finality branch', got: 'an empty one' },
    });
  });

  it('refuses the zero root that stands for genesis', () => {
    const update = makeUpdate({
      signers: first,
      finalizedSlot: 96,
      attestedSlot: 112,
      finalizedRoot: new Uint8Array(32),
    });
    expect(codeOf(update)).toBe('ETHEREUM_BRANCH_INVALID');
  });

  it('refuses a finalized header that the attested state does not name', () => {
    const finalizedHeader: LightClientHeader = makeHeader(104, WORLD);
    expect(refuse({ ...good, finalizedHeader })).toMatchObject({
      code: 'ETHEREUM_BRANCH_INVALID',
      meta: { subject: 'finality branch', expected: 'its root at index 169' },
    });
  });

  it('refuses a finalized header with a false execution header', () => {
    const { finalizedHeader: header } = good;
    const execution = { ...header.execution, stateRoot: new Uint8Array(32).fill(9) };
    expect(refuse({ ...good, finalizedHeader: { ...header, execution } })).toMatchObject({
      code: 'ETHEREUM_BRANCH_INVALID',
      meta: { subject: 'finalized header: execution branch' },
    });
  });

  it('refuses a branch of the length of Deneb at a slot of Electra', () => {
    const update = makeUpdate({
      signers: first,
      finalizedSlot: 96,
      attestedSlot: 112,
      stateLike: 40,
    });
    expect(refuse(update)).toEqual({
      code: 'ETHEREUM_BRANCH_LENGTH',
      meta: { subject: 'finality branch', expected: '7 siblings', got: '6' },
    });
  });

  it('refuses a branch of the length of Electra at a slot of Deneb', () => {
    const deneb = makeStore(40, first.committee);
    const update = makeUpdate({
      signers: first,
      finalizedSlot: 48,
      attestedSlot: 60,
      stateLike: 112,
    });
    expect(refuse(update, deneb)).toMatchObject({
      code: 'ETHEREUM_BRANCH_LENGTH',
      meta: { expected: '6 siblings', got: '7' },
    });
  });

  it('refuses a branch with a zero sibling in front, the form of old data in new containers', () => {
    const finalityBranch = [new Uint8Array(32), ...good.finalityBranch];
    expect(codeOf({ ...good, finalityBranch })).toBe('ETHEREUM_BRANCH_LENGTH');
  });
});

describe('rule 7: the next sync committee', () => {
  const plan = { signers: first, finalizedSlot: 96, attestedSlot: 112 };

  it('refuses another committee than the one known for the same period', () => {
    const update = makeUpdate({ ...plan, next: third.committee });
    expect(refuse(update)).toEqual({
      code: 'ETHEREUM_NEXT_COMMITTEE_MISMATCH',
      meta: {
        subject: 'next_sync_committee',
        expected: 'the stored committee of the same period',
        got: 'another',
      },
    });
  });

  it('refuses the known keys with another aggregate key, or the reverse, although the state has them', () => {
    const { pubkeys } = second.committee;
    const next = { pubkeys, aggregatePubkey: third.committee.aggregatePubkey };
    expect(codeOf(makeUpdate({ ...plan, next }))).toBe('ETHEREUM_NEXT_COMMITTEE_MISMATCH');
    const { aggregatePubkey } = second.committee;
    const others = { pubkeys: third.committee.pubkeys, aggregatePubkey };
    expect(codeOf(makeUpdate({ ...plan, next: others }))).toBe('ETHEREUM_NEXT_COMMITTEE_MISMATCH');
  });

  it('refuses a committee of another period under the branch of this one', () => {
    const update = makeUpdate({ ...plan, next: second.committee });
    const swapped = { ...update, nextSyncCommittee: third.committee };
    expect(refuse(swapped, stranger)).toMatchObject({
      code: 'ETHEREUM_BRANCH_INVALID',
      meta: { subject: 'next sync committee branch' },
    });
  });

  it('refuses one changed key, and a changed aggregate key', () => {
    const update = makeUpdate({ ...plan, next: second.committee });
    const { pubkeys, aggregatePubkey } = second.committee;
    for (const nextSyncCommittee of [
      { pubkeys: flip(pubkeys, 31 * 48), aggregatePubkey },
      { pubkeys, aggregatePubkey: flip(aggregatePubkey, 47) },
    ]) {
      expect(codeOf({ ...update, nextSyncCommittee }, stranger)).toBe('ETHEREUM_BRANCH_INVALID');
    }
  });

  it('refuses a committee without a branch and a branch without a committee', () => {
    const update = makeUpdate({ ...plan, next: second.committee });
    expect(codeOf({ ...update, nextSyncCommitteeBranch: [] })).toBe(
      'ETHEREUM_NEXT_COMMITTEE_NOT_DEFAULT',
    );
    expect(codeOf({ ...update, nextSyncCommittee: undefined })).toBe(
      'ETHEREUM_NEXT_COMMITTEE_NOT_DEFAULT',
    );
  });

  it('refuses a branch of the length of Deneb at a slot of Electra', () => {
    const update = makeUpdate({ ...plan, next: second.committee });
    const nextSyncCommitteeBranch = update.nextSyncCommitteeBranch.slice(1);
    expect(refuse({ ...update, nextSyncCommitteeBranch })).toMatchObject({
      code: 'ETHEREUM_BRANCH_LENGTH',
      meta: { subject: 'next sync committee branch', expected: '6 siblings', got: '5' },
    });
  });
});

describe('rule 8: the signature', () => {
  it('refuses a signature by another committee', () => {
    const update = makeUpdate({ signers: second, finalizedSlot: 96, attestedSlot: 112 });
    expect(codeOf(update)).toBe('ETHEREUM_SIGNATURE_INVALID');
  });

  it('refuses a bit for a member who did not sign, and a missing one for a member who did', () => {
    const update = makeUpdate({
      signers: first,
      finalizedSlot: 96,
      attestedSlot: 112,
      participants: 30,
    });
    for (const member of [0, 31]) {
      const syncCommitteeBits = update.syncAggregate.syncCommitteeBits.map((byte, i) =>
        i === member >> 3 ? byte ^ (1 << (member & 7)) : byte,
      );
      const syncAggregate = { ...update.syncAggregate, syncCommitteeBits };
      expect(codeOf({ ...update, syncAggregate })).toBe('ETHEREUM_SIGNATURE_INVALID');
    }
  });

  it('refuses a signature over another header', () => {
    const other = makeUpdate({ signers: first, finalizedSlot: 96, attestedSlot: 113 });
    expect(codeOf({ ...good, syncAggregate: other.syncAggregate })).toBe(
      'ETHEREUM_SIGNATURE_INVALID',
    );
  });

  it('refuses the infinity point and a signature that is no point', () => {
    const infinity = new Uint8Array(96);
    infinity[0] = 0xc0;
    for (const syncCommitteeSignature of [infinity, new Uint8Array(96), new Uint8Array(95)]) {
      const syncAggregate = { ...good.syncAggregate, syncCommitteeSignature };
      expect(codeOf({ ...good, syncAggregate })).toBe('BLS_SIGNATURE_MALFORMED');
    }
  });

  it('uses the fork version of the slot before the signature, on both sides of a fork', () => {
    const deneb = makeStore(72, first.committee);
    const lastOfDeneb = { signers: first, finalizedSlot: 76, attestedSlot: 79, signatureSlot: 80 };
    const crossing = { signers: first, finalizedSlot: 76, attestedSlot: 79, signatureSlot: 81 };
    expect(verify(makeUpdate(lastOfDeneb), deneb).finalizedPeriod).toBe(1);
    expect(verify(makeUpdate(crossing), deneb).finalizedPeriod).toBe(1);
    const noElectra = { ...WORLD, forks: WORLD.forks.slice(0, 2) };
    const stillDeneb = makeUpdate({ ...crossing, signedUnder: noElectra });
    expect(codeOf(stillDeneb, deneb)).toBe('ETHEREUM_SIGNATURE_INVALID');
    const [capella, , electra] = WORLD.forks;
    if (!capella || !electra) throw new Error('the fork table of the world is short');
    const early = { ...WORLD, forks: [capella, { ...electra, epoch: 9 }] };
    const alreadyElectra = makeUpdate({ ...lastOfDeneb, signedUnder: early });
    expect(codeOf(alreadyElectra, deneb)).toBe('ETHEREUM_SIGNATURE_INVALID');
  });

  it('refuses a signature for another network', () => {
    const elsewhere = { ...WORLD, genesisValidatorsRoot: `0x${'22'.repeat(32)}` as const };
    const plan = { signers: first, finalizedSlot: 96, attestedSlot: 112, signedUnder: elsewhere };
    expect(codeOf(makeUpdate(plan))).toBe('ETHEREUM_SIGNATURE_INVALID');
  });

  it('refuses a signature slot in a fork without rules', () => {
    const late = makeStore(464, first.committee);
    const config = { ...WORLD, forks: WORLD.forks.slice(0, 5) };
    const plan = { signers: first, finalizedSlot: 472, attestedSlot: 479, signatureSlot: 481 };
    const secondOfPeriod = { ...late, nextSyncCommittee: first.committee };
    expect(codeOf(makeUpdate(plan, config), secondOfPeriod)).toBe('ETHEREUM_FORK_UNSUPPORTED');
  });
});

describe('applying', () => {
  it('refuses an update that was verified against another store', () => {
    const verified = verify(good);
    const { code, meta } = refusal(() => applyLightClientUpdate({ ...store }, verified));
    expect(code).toBe('ETHEREUM_STORE_CHANGED');
    expect(meta).toEqual({
      subject: 'store',
      expected: 'the store at slot 88',
      got: 'the store at slot 88',
    });
  });

  it('does not let an update be applied twice', () => {
    const verified = verify(good);
    const after = applyLightClientUpdate(store, verified);
    expect(refusal(() => applyLightClientUpdate(after, verified)).code).toBe(
      'ETHEREUM_STORE_CHANGED',
    );
    expect(codeOf(good, after)).toBe('ETHEREUM_UPDATE_IRRELEVANT');
  });
});
