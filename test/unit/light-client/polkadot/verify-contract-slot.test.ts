import { describe, expect, it } from 'vitest';
import { childRootKey } from '../../../../src/light-client/polkadot/storage-keys.ts';
import {
  verifyContractSlot,
  verifyContractSlots,
} from '../../../../src/light-client/polkadot/verify-contract-slot.ts';
import { fromHex, type Hex } from '../../../../src/shared/bytes.ts';
import { contractState, plain, union, word } from '../../../support/contract-state.ts';
import { refusal } from '../../../support/refusal.ts';

const gateway: Hex = `0x${'1f'.repeat(32)}`;
const other: Hex = `0x1f${'2f'.repeat(31)}`;
const absent: Hex = `0x${'9d'.repeat(32)}`;
const words = (...values: number[]) =>
  new Map(values.map((value, slot) => [word(slot), fromHex(word(value))]));
const state = contractState(
  new Map([
    [gateway, words(7, 8, 9)],
    [other, words(70, 80, 90)],
  ]),
  new Map([['26aa', new Uint8Array(40)]]),
);

function read(
  trieId: Hex,
  slot: number,
  nodes: readonly Uint8Array[],
  stateRoot = state.stateRoot,
) {
  return verifyContractSlot(stateRoot, { trieId }, word(slot), nodes);
}

describe('a slot of a contract', () => {
  it.each([0, 1, 2])('is proven from the main trie to the child trie: slot %i', (slot) => {
    expect(read(gateway, slot, state.prove(gateway, [word(slot)]))).toBe(word(7 + slot));
  });

  it('is zero when proven absent', () => {
    expect(read(gateway, 5, state.prove(gateway, [word(5)]))).toBe(word(0));
  });

  it('is zero when the contract is proven to have no storage at all', () => {
    expect(read(absent, 0, state.prove(absent, [word(0)]))).toBe(word(0));
  });

  it('is read together with others in one pass, in the order asked', () => {
    const slots = [word(2), word(5), word(0)];
    const nodes = state.prove(gateway, slots);
    const found = verifyContractSlots(state.stateRoot, { trieId: gateway }, slots, nodes);
    expect(found).toEqual([word(9), word(0), word(7)]);
  });
});

describe('a slot is refused', () => {
  it('when the proof is of another contract', () => {
    expect(refusal(() => read(gateway, 0, state.prove(other, [word(0)]))).code).toBe(
      'READ_PROOF_INCOMPLETE',
    );
  });

  it('when the main path is right and the child trie is that of another contract', () => {
    const nodes = union(state.proveMain(gateway), state.proveChild(other, [word(0)]));
    expect(refusal(() => read(gateway, 0, nodes)).code).toBe('READ_PROOF_INCOMPLETE');
  });

  it('when the proof is of another slot', () => {
    const nodes = state.prove(gateway, [word(1)]);
    expect(refusal(() => read(gateway, 0, nodes)).code).toMatch(/^READ_PROOF_/);
  });

  it('when the proof is of another block', () => {
    const later = contractState(new Map([[gateway, words(7, 8, 10)]]));
    const nodes = state.prove(gateway, [word(0)]);
    expect(refusal(() => read(gateway, 0, nodes, later.stateRoot)).code).toBe(
      'READ_PROOF_INCOMPLETE',
    );
  });

  it('when the child trie is offered as the state', () => {
    const childRoot = state.childRoots.get(gateway);
    const nodes = state.proveChild(gateway, [word(0)]);
    expect(refusal(() => read(gateway, 0, nodes, childRoot)).code).toMatch(/^READ_PROOF_/);
  });

  it('when any node is missing, and is never taken for zero', () => {
    for (const slot of [0, 5]) {
      const nodes = state.prove(gateway, [word(slot)]);
      for (const missing of nodes) {
        const partial = nodes.filter((node) => node !== missing);
        expect(refusal(() => read(gateway, slot, partial)).code).toBe('READ_PROOF_INCOMPLETE');
      }
    }
  });

  it('when nodes are left over, unless they are to be ignored', () => {
    const nodes = state.prove(gateway, [word(0), word(1)]);
    expect(refusal(() => read(gateway, 0, nodes)).code).toBe('READ_PROOF_NODE_UNUSED');
    const options = { unusedNodes: 'ignore' } as const;
    expect(
      verifyContractSlots(state.stateRoot, { trieId: gateway }, [word(0)], nodes, options),
    ).toEqual([word(7)]);
  });

  it('when the stored word is not 32 bytes', () => {
    const odd = contractState(new Map([[gateway, new Map([[word(0), new Uint8Array(31)]])]]));
    const nodes = odd.prove(gateway, [word(0)]);
    expect(refusal(() => read(gateway, 0, nodes, odd.stateRoot))).toMatchObject({
      code: 'CONTRACT_SLOT_LENGTH',
      disposition: 'halt',
      meta: { length: 31 },
    });
  });

  it('when the child root is not 32 bytes', () => {
    const key = plain(childRootKey(gateway));
    const odd = contractState(new Map(), new Map([[key, new Uint8Array(20)]]));
    const nodes = odd.prove(gateway, []);
    expect(refusal(() => read(gateway, 0, nodes, odd.stateRoot))).toMatchObject({
      code: 'CONTRACT_CHILD_ROOT_LENGTH',
      meta: { length: 20 },
    });
  });
});
