import { describe, expect, it } from 'vitest';
import { verifyTimedSlot } from '../../../../src/light-client/polkadot/verify-timed-slot.ts';
import { fromHex, type Hex } from '../../../../src/shared/bytes.ts';
import {
  contractState,
  plain,
  timestampNow,
  union,
  word,
} from '../../../support/contract-state.ts';
import { refusal } from '../../../support/refusal.ts';

const trieId: Hex = `0x${'1f'.repeat(32)}`;
const contracts = new Map([[trieId, new Map([[word(0), fromHex(word(7))]])]]);
const stateAt = (ms: bigint) => contractState(contracts, timestampNow(ms));
const state = stateAt(1_700_000_000_123n);
const nodes = state.proveTimed(trieId, [word(0)]);
const read = (proof: readonly Uint8Array[], at = state, slot = 0) =>
  verifyTimedSlot(at.stateRoot, { trieId }, word(slot), proof);

describe('a slot of a contract with its time', () => {
  it.each([
    [1_700_000_000_000n, 1_700_000_000n],
    [1_700_000_000_999n, 1_700_000_000n],
    [1_700_000_001_000n, 1_700_000_001n],
    [999n, 0n],
  ])('is proven at %i ms to be of second %i', (ms, blockTimeSec) => {
    const at = stateAt(ms);
    const proof = at.proveTimed(trieId, [word(0)]);
    expect(read(proof, at)).toEqual({ word: word(7), blockTimeSec });
  });

  it('has its time too where it is proven absent', () => {
    const proof = state.proveTimed(trieId, [word(5)]);
    expect(read(proof, state, 5)).toEqual({ word: word(0), blockTimeSec: 1_700_000_000n });
  });
});

describe('a slot with its time is refused', () => {
  it('when any node is missing, that of the time too', () => {
    for (const missing of nodes) {
      const partial = nodes.filter((node) => node !== missing);
      expect(refusal(() => read(partial)).code).toBe('READ_PROOF_INCOMPLETE');
    }
  });

  it('when the time is that of another block', () => {
    const later = stateAt(1_700_000_004_000n);
    const mixed = union(state.prove(trieId, [word(0)]), later.proveTimed(trieId, []));
    expect(refusal(() => read(mixed)).code).toMatch(/^READ_PROOF_/);
  });

  it('when nodes are left over', () => {
    const more = state.proveTimed(trieId, [word(0)]);
    const beside = contractState(contracts, timestampNow(5n)).proveTimed(trieId, [word(0)]);
    expect(refusal(() => read(union(more, beside))).code).toBe('READ_PROOF_NODE_UNUSED');
  });

  it('when the state has no time', () => {
    const bare = contractState(contracts, new Map([['00ff', new Uint8Array(40)]]));
    const proof = bare.proveTimed(trieId, [word(0)]);
    expect(refusal(() => read(proof, bare))).toMatchObject({
      code: 'BLOCK_TIME_ABSENT',
      disposition: 'reject',
    });
  });

  it('when the time is not eight bytes', () => {
    const [key = plain(new Uint8Array())] = timestampNow(0n).keys();
    const odd = contractState(contracts, new Map([[key, new Uint8Array(9)]]));
    expect(refusal(() => read(odd.proveTimed(trieId, [word(0)]), odd))).toMatchObject({
      code: 'BLOCK_TIME_LENGTH',
      meta: { length: 9 },
    });
  });
});
