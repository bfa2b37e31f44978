import fc from 'fast-check';
import { expect, it } from 'vitest';
import { applyLightClientUpdate } from '../../../src/light-client/ethereum/apply-light-client-update.ts';
import type {
  LightClientStore,
  LightClientUpdate,
} from '../../../src/light-client/ethereum/types.ts';
import { verifyLightClientUpdate } from '../../../src/light-client/ethereum/verify-light-client-update.ts';
import { BridgeError } from '../../../src/shared/errors.ts';
import { type ReferenceResult, referenceUpdate } from '../../reference/ethereum/light-client.ts';
import {
  makeSigners,
  makeStore,
  makeUpdate,
  type Signers,
  WORLD,
} from '../../support/ethereum-world.ts';

const committees = [1, 2, 3].map((seed) => makeSigners(seed));
const committee = fc.constantFrom(...committees);

// Slots over seven periods and all forks with rules, close enough for the interesting cases to be common.
const slot = fc.integer({ min: 24, max: 439 });

const plan = fc.record(
  {
    signers: committee,
    finalizedSlot: slot,
    attestedSlot: slot,
    gap: fc.integer({ min: 1, max: 70 }),
    next: fc.option(committee, { nil: undefined }),
    participants: fc.oneof(
      { weight: 3, arbitrary: fc.constant(32) },
      fc.integer({ min: 1, max: 32 }),
    ),
  },
  { requiredKeys: ['signers', 'finalizedSlot', 'attestedSlot'] },
);
type Plan = typeof plan extends fc.Arbitrary<infer P> ? P : never;

/** Half of the plans are put into an order that the rules allow, signed by who should. */
function ordered(made: Plan, store: LightClientStore): Plan {
  const stored = store.finalizedHeader.beacon.slot;
  const finalizedSlot = Math.min(stored + 1 + (made.finalizedSlot % 60), 438);
  const attestedSlot = Math.min(finalizedSlot + (made.attestedSlot % 40), 438);
  const isNext = Math.floor((attestedSlot + 1) / 64) > Math.floor(stored / 64);
  const wanted = isNext ? store.nextSyncCommittee : store.currentSyncCommittee;
  const signers = committees.find(({ committee: one }) => one === wanted) ?? made.signers;
  return { ...made, finalizedSlot, attestedSlot, gap: 1, signers };
}

function build({ gap = 1, next, ...made }: Plan): LightClientUpdate {
  const signatureSlot = Math.min(made.attestedSlot + gap, 439);
  return makeUpdate({ ...made, signatureSlot, ...(next && { next: next.committee }) });
}

function ours(store: LightClientStore, update: LightClientUpdate): ReferenceResult | undefined {
  try {
    const after = applyLightClientUpdate(store, verifyLightClientUpdate(store, update, WORLD));
    const { finalizedHeader, currentSyncCommittee: current, nextSyncCommittee: next } = after;
    return { finalizedSlot: finalizedHeader.beacon.slot, current, next };
  } catch (error) {
    if (error instanceof BridgeError) return undefined;
    throw error;
  }
}

/** Names the committees, so that a difference reads well. */
function label(result: ReferenceResult | undefined): unknown {
  const name = (wanted: Signers['committee'] | undefined) =>
    committees.findIndex(
      ({ committee: known }) => wanted !== undefined && known.pubkeys === wanted.pubkeys,
    );
  return result && { ...result, current: name(result.current), next: name(result.next) };
}

it('accepts and refuses what the slow twin does, and ends in the same store', () => {
  let accepted = 0;
  fc.assert(
    fc.property(
      slot,
      committee,
      fc.option(committee, { nil: undefined }),
      plan,
      fc.boolean(),
      (storeSlot, current, next, made, isOrdered) => {
        const store = makeStore(storeSlot, current.committee, next && { next: next.committee });
        const update = build(isOrdered ? ordered(made, store) : made);
        const result = ours(store, update);
        if (result !== undefined) accepted++;
        expect(label(result)).toEqual(label(referenceUpdate(store, update, WORLD)));
      },
    ),
    { numRuns: 150 },
  );
  // Both ways must occur, or nothing was compared.
  expect(accepted).toBeGreaterThan(10);
});

const BYTES = ['stateRoot', 'bodyRoot', 'parentRoot'] as const;

it('refuses every single flipped bit of a good update, as the twin does', () => {
  const [first, second] = committees;
  if (!first || !second) throw new Error('two committees are needed');
  const store = makeStore(88, first.committee);
  const good = makeUpdate({
    signers: first,
    finalizedSlot: 96,
    attestedSlot: 112,
    next: second.committee,
  });
  expect(ours(store, good)).toBeDefined();
  const flip = (bytes: Uint8Array, bit: number) =>
    bytes.map((byte, i) => (i === (bit >> 3) % bytes.length ? byte ^ (1 << (bit & 7)) : byte));
  const flipOne = (list: readonly Uint8Array[], bit: number) =>
    list.map((bytes, i) => (i === (bit >> 8) % list.length ? flip(bytes, bit & 255) : bytes));
  const mutations: readonly ((update: LightClientUpdate, bit: number) => LightClientUpdate)[] = [
    (u, bit) => ({ ...u, finalityBranch: flipOne(u.finalityBranch, bit) }),
    (u, bit) => ({ ...u, nextSyncCommitteeBranch: flipOne(u.nextSyncCommitteeBranch, bit) }),
    (u, bit) => ({
      ...u,
      attestedHeader: {
        ...u.attestedHeader,
        executionBranch: flipOne(u.attestedHeader.executionBranch, bit),
      },
    }),
    (u, bit) => {
      const { beacon } = u.attestedHeader;
      const field = BYTES[bit % 3] ?? 'stateRoot';
      return {
        ...u,
        attestedHeader: {
          ...u.attestedHeader,
          beacon: { ...beacon, [field]: flip(beacon[field], bit) },
        },
      };
    },
    (u, bit) => {
      const { beacon } = u.finalizedHeader;
      const field = BYTES[bit % 3] ?? 'stateRoot';
      return {
        ...u,
        finalizedHeader: {
          ...u.finalizedHeader,
          beacon: { ...beacon, [field]: flip(beacon[field], bit) },
        },
      };
    },
    (u, bit) => {
      const { syncAggregate: aggregate } = u;
      const signature = flip(aggregate.syncCommitteeSignature, bit % 768);
      return { ...u, syncAggregate: { ...aggregate, syncCommitteeSignature: signature } };
    },
    (u, bit) => {
      const { syncAggregate: aggregate } = u;
      const syncCommitteeBits = flip(aggregate.syncCommitteeBits, bit % 32);
      return { ...u, syncAggregate: { ...aggregate, syncCommitteeBits } };
    },
  ];
  fc.assert(
    fc.property(fc.constantFrom(...mutations), fc.nat(4095), (mutate, bit) => {
      const update = mutate(good, bit);
      expect(ours(store, update)).toBeUndefined();
      expect(referenceUpdate(store, update, WORLD)).toBeUndefined();
    }),
    { numRuns: 100 },
  );
});
