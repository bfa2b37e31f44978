import { describe, expect, it } from 'vitest';
import { createScaleCursor, encodeVector, readByteVector } from '../../../src/codec/scale.ts';
import { applyFinality } from '../../../src/light-client/polkadot/apply-finality.ts';
import { computeThreshold } from '../../../src/light-client/polkadot/authority-set.ts';
import { decodeFinalityProof } from '../../../src/light-client/polkadot/decode-finality-proof.ts';
import { followWarpSync } from '../../../src/light-client/polkadot/follow-warp-sync.ts';
import { decodeJustification } from '../../../src/light-client/polkadot/justification.ts';
import type { PolkadotStore } from '../../../src/light-client/polkadot/store.ts';
import { verifyAccountInfo } from '../../../src/light-client/polkadot/verify-account-info.ts';
import {
  verifyContractSlot,
  verifyContractSlots,
} from '../../../src/light-client/polkadot/verify-contract-slot.ts';
import { verifyFinality } from '../../../src/light-client/polkadot/verify-finality.ts';
import {
  verifyReadProof,
  verifyReadProofs,
} from '../../../src/light-client/polkadot/verify-read-proof.ts';
import { concatBytes, fromHex, toHex } from '../../../src/shared/bytes.ts';
import { word } from '../../support/contract-state.ts';
import { describeRecorded } from '../../support/describe-recorded.ts';
import { refusal } from '../../support/refusal.ts';
import { bytesOf, fragmentOf, genesisStore, readRecordedChain } from './three-authorities.ts';

describeRecorded('the recorded chain of three native nodes', () => {
  const chain = readRecordedChain();

  function step(store: PolkadotStore, number: number): PolkadotStore {
    return applyFinality(store, verifyFinality(store, fragmentOf(chain, number)));
  }

  function storeAfter(number: number): PolkadotStore {
    let store = genesisStore(chain);
    for (const stop of [11, 22, number]) {
      if (stop <= number && stop > store.finalized.number) store = step(store, stop);
    }
    return store;
  }

  it('is followed block by block from genesis through both set changes', () => {
    let store = genesisStore(chain);
    const changes: [number, bigint][] = [];
    for (let number = 1; number <= chain.justifications.length; number++) {
      const { setId } = store.authoritySet;
      store = step(store, number);
      if (store.authoritySet.setId !== setId) changes.push([number, store.authoritySet.setId]);
    }
    expect(changes).toEqual([
      [11, 1n],
      [22, 2n],
    ]);
    expect(store.finalized.number).toBe(102);
  });

  it.each(chain.blocks.map((block) => [block.number, block] as const))(
    'has the set that the nodes report after block %i',
    (number, block) => {
      const { finalized, authoritySet } = storeAfter(number);
      expect(finalized.hash).toBe(block.hash);
      expect(authoritySet.setId).toBe(BigInt(block.setId));
      expect(authoritySet.authorities).toEqual(
        block.authorities.map(([id, weight]) => ({ id, weight: BigInt(weight) })),
      );
    },
  );

  it('leaps from set change to set change', () => {
    expect(storeAfter(102).finalized.number).toBe(102);
  });

  it('cannot leap over a set change', () => {
    const store = genesisStore(chain);
    expect(refusal(() => step(store, 12)).code).toMatch(/^GRANDPA_/);
    expect(refusal(() => step(store, 23)).code).toMatch(/^GRANDPA_/);
  });

  it('finalizes in set 1 without the authority that never votes', () => {
    const set = storeAfter(11).authoritySet;
    const voted = new Set<string>();
    for (let number = 12; number <= 22; number++) {
      const { justification } = fragmentOf(chain, number);
      const { precommits } = decodeJustification(justification).commit;
      for (const { id } of precommits) voted.add(toHex(id));
    }
    expect(set.authorities).toHaveLength(4);
    expect(set.authorities.filter(({ id }) => !voted.has(id))).toHaveLength(1);
    expect(computeThreshold(set)).toBe(3n);
  });

  it('weighs votes by 2 in set 2', () => {
    const set = storeAfter(22).authoritySet;
    expect(set.authorities.map(({ weight }) => weight)).toEqual([2n, 2n, 2n]);
    expect(computeThreshold(set)).toBe(5n);
  });

  it.each([
    [8, 11],
    [11, 11],
    [19, 22],
    [22, 22],
    [26, 26],
  ])('answers grandpa_proveFinality(%i) with the justification of block %i', (number, last) => {
    const recorded = chain.blocks.find((block) => block.number === number)?.proveFinality;
    // The recording wraps the answer's bytes in one more length.
    const answer = readByteVector(createScaleCursor(fromHex(recorded ?? '0x')));
    const { block, justification, unknownHeaders } = decodeFinalityProof(answer);
    expect(unknownHeaders.map((header) => header.number)).toEqual(
      Array.from({ length: last - number }, (_, i) => number + 1 + i),
    );
    const fragment = { header: fromHex(chain.headers[last] ?? '0x'), justification };
    const verified = verifyFinality(storeAfter(last - 1), fragment);
    expect(verified.block).toMatchObject({ number: last, hash: block });
  });

  it('is followed by one warp-sync proof made of its set changes', () => {
    const fragments = [11, 22, 102].map((number) => {
      const { header, justification } = fragmentOf(chain, number);
      return concatBytes(header, justification);
    });
    const proof = concatBytes(encodeVector(fragments), Uint8Array.of(1));
    expect(followWarpSync(genesisStore(chain), proof)).toEqual(storeAfter(102));
  });

  it('refuses the header of one block with the justification of another', () => {
    const store = storeAfter(22);
    const proof = fragmentOf(chain, 30, 31);
    expect(refusal(() => verifyFinality(store, proof)).code).toBe('GRANDPA_TARGET_MISMATCH');
  });

  it('refuses a block of set 1 under the keys of set 0', () => {
    const store = storeAfter(11);
    const early = { ...store, authoritySet: genesisStore(chain).authoritySet };
    expect(refusal(() => verifyFinality(early, fragmentOf(chain, 12)))).toMatchObject({
      code: 'GRANDPA_SIGNATURE_INVALID',
      meta: { setId: 0n },
    });
  });

  describe('the contract in it', () => {
    const { contract } = chain;
    const pinned = { trieId: contract.trieId };
    const slots = contract.childProof.keys.map((_, i) => word(contract.slots[i]?.slot ?? -1));
    const childNodes = bytesOf(contract.childProof.nodes);

    it('stands under a state root that the client finalizes', () => {
      const { finalized } = storeAfter(contract.number);
      expect(finalized).toMatchObject({ hash: contract.at, stateRoot: contract.stateRoot });
    });

    it('is identified by its account info', () => {
      const nodes = bytesOf(contract.accountInfoProof.nodes);
      const found = verifyAccountInfo(contract.stateRoot, contract.address, nodes);
      expect(found.trieId).toBe(contract.trieId);
      expect(contract.accountInfo.slice(6 + 64)).toMatch(new RegExp(`^${found.codeHash.slice(2)}`));
    });

    it('has its slots proven in one pass', () => {
      const found = verifyContractSlots(contract.stateRoot, pinned, slots, childNodes);
      expect(found).toEqual(contract.slots.slice(0, 3).map(({ value }) => value));
    });

    it('has an absent slot proven zero', () => {
      const nodes = bytesOf(contract.absentChildProof.nodes);
      const slot = word(contract.slots[3]?.slot ?? -1);
      expect(verifyContractSlot(contract.stateRoot, pinned, slot, nodes)).toBe(word(0));
    });

    it('has its child root proven in the main trie', () => {
      const { keys, nodes } = contract.childRootProof;
      const [root] = verifyReadProofs(contract.stateRoot, bytesOf(keys), bytesOf(nodes));
      expect(root).toHaveLength(32);
    });

    it('says nothing about a slot once any node is missing', () => {
      for (const missing of childNodes) {
        const partial = childNodes.filter((node) => node !== missing);
        const read = () => verifyContractSlots(contract.stateRoot, pinned, slots, partial);
        expect(refusal(read).code).toBe('READ_PROOF_INCOMPLETE');
      }
    });

    it('is not found under the state root of another block', () => {
      const { stateRoot } = storeAfter(contract.number + 1).finalized;
      const read = () => verifyContractSlots(stateRoot, pinned, slots, childNodes);
      expect(refusal(read).code).toBe('READ_PROOF_INCOMPLETE');
    });
  });

  it('proves the absence of a key of the main trie', () => {
    const [key = '0x'] = chain.absentTopProof.keys;
    const nodes = bytesOf(chain.absentTopProof.nodes);
    expect(verifyReadProof(chain.contract.stateRoot, fromHex(key), nodes)).toBeUndefined();
  });
});
