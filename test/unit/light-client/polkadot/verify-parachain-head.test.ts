import { describe, expect, it } from 'vitest';
import { encodeByteVector } from '../../../../src/codec/scale.ts';
import { decodeHeader } from '../../../../src/light-client/polkadot/header.ts';
import { MAX_PARENT_HEADERS } from '../../../../src/light-client/polkadot/limits.ts';
import { parachainHeadKey } from '../../../../src/light-client/polkadot/storage-keys.ts';
import { verifyContractSlot } from '../../../../src/light-client/polkadot/verify-contract-slot.ts';
import {
  verifyParachainHead,
  verifyParents,
} from '../../../../src/light-client/polkadot/verify-parachain-head.ts';
import { concatBytes, fromHex, type Hex, toHex } from '../../../../src/shared/bytes.ts';
import { buildTrie } from '../../../reference/polkadot/trie-builder.ts';
import { contractState, plain, word } from '../../../support/contract-state.ts';
import { chainOf, childBlock, genesis, hashOf, type TestBlock } from '../../../support/grandpa.ts';
import { refusal } from '../../../support/refusal.ts';

const trieId: Hex = `0x${'1f'.repeat(32)}`;
const state = contractState(new Map([[trieId, new Map([[word(0), fromHex(word(7))]])]]));
const older = childBlock(genesis, { stateRoot: fromHex(state.stateRoot) });
const [middle, head] = chainOf(older, 2) as [TestBlock, TestBlock];

/** A relay state in which parachain 1000 has this value as its head, and 1001 another. */
function relay(value: Uint8Array) {
  const other = encodeByteVector(genesis.header);
  return buildTrie(
    new Map([
      [plain(parachainHeadKey(1000)), value],
      [plain(parachainHeadKey(1001)), other],
    ]),
    1,
  );
}

function read(value: Uint8Array, paraId = 1000, provenId = paraId) {
  const trie = relay(value);
  const nodes = trie.prove([plain(parachainHeadKey(provenId))]);
  return verifyParachainHead(toHex(trie.root), paraId, nodes);
}

const good = encodeByteVector(head.header);

describe('the parachain hop', () => {
  it('leads from the relay state to the head, by its parents to an older block, and to a slot', () => {
    const found = verifyParents(read(good), [middle.header, older.header]);
    expect(found).toEqual({ number: 1, hash: hashOf(older), stateRoot: state.stateRoot });
    const nodes = state.prove(trieId, [word(0)]);
    expect(verifyContractSlot(found.stateRoot, { trieId }, word(0), nodes)).toBe(word(7));
  });

  it('ends at the head itself without parents', () => {
    expect(verifyParents(read(good), []).hash).toBe(hashOf(head));
  });
});

describe('the parachain hop is refused', () => {
  it('when the parachain is proven to have no head', () => {
    expect(refusal(() => read(good, 1002)).code).toBe('PARACHAIN_HEAD_ABSENT');
  });

  it('when the proof is of another parachain', () => {
    expect(refusal(() => read(good, 1000, 1001)).code).toBe('READ_PROOF_INCOMPLETE');
  });

  it('when bytes follow the head or its header', () => {
    const after = concatBytes(good, Uint8Array.of(0));
    expect(refusal(() => read(after)).code).toBe('SCALE_TRAILING_BYTES');
    const inside = encodeByteVector(concatBytes(head.header, Uint8Array.of(0)));
    expect(refusal(() => read(inside)).code).toBe('SCALE_TRAILING_BYTES');
  });

  it('when a parent is left out, repeated or a sibling', () => {
    const sibling = childBlock(older, { salt: 'sibling of the middle' });
    for (const parents of [[older], [middle, middle], [sibling], [head]]) {
      const headers = parents.map(({ header }) => header);
      expect(refusal(() => verifyParents(decodeHeader(head.header), headers)).code).toBe(
        'PARACHAIN_PARENT_MISMATCH',
      );
    }
  });

  it('when the chain of parents is longer than any is', () => {
    const longest = chainOf(genesis, MAX_PARENT_HEADERS + 1).toReversed();
    const headers = longest.map(({ header }) => header);
    const [newest = head.header, ...parents] = headers;
    expect(verifyParents(decodeHeader(newest), parents).number).toBe(1);
    const many = Array.from({ length: MAX_PARENT_HEADERS + 1 }, () => new Uint8Array(0));
    expect(refusal(() => verifyParents(decodeHeader(head.header), many)).code).toBe(
      'PARACHAIN_PARENTS_TOO_MANY',
    );
  });
});
