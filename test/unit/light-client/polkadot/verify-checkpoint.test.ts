import { describe, expect, it } from 'vitest';
import { encodeU64, encodeVector } from '../../../../src/codec/scale.ts';
import { blake2b256 } from '../../../../src/crypto/hashes.ts';
import {
  CHECKPOINT_KEYS,
  type HeaderFields,
  verifyCheckpoint,
} from '../../../../src/light-client/polkadot/verify-checkpoint.ts';
import { concatBytes, fromHex, type Hex, toHex } from '../../../../src/shared/bytes.ts';
import { buildTrie } from '../../../reference/polkadot/trie-builder.ts';
import { plain } from '../../../support/contract-state.ts';
import { childBlock, genesis, hashOf, testAuthorities } from '../../../support/grandpa.ts';
import { refusal } from '../../../support/refusal.ts';

const authorities = testAuthorities(3).map(({ id }, i) => ({ id, weight: i + 1 }));
const voters = (list: readonly { id: Hex; weight: number }[]) =>
  encodeVector(list.map(({ id, weight }) => concatBytes(fromHex(id), encodeU64(BigInt(weight)))));

/** A block whose state holds these values at the keys of a checkpoint. */
function make(values: readonly (Uint8Array | undefined)[]) {
  const entries = CHECKPOINT_KEYS.flatMap((key, i) => {
    const value = values[i];
    return value ? [[plain(fromHex(key)), value] as const] : [];
  });
  const trie = buildTrie(new Map([...entries, ['00ff', Uint8Array.of(1)]]), 1);
  const block = childBlock(genesis, { stateRoot: trie.root });
  const fields: HeaderFields = {
    parentHash: toHex(genesis.hash),
    number: 1,
    stateRoot: toHex(trie.root),
    extrinsicsRoot: toHex(blake2b256(new Uint8Array())),
    logs: [],
  };
  const nodes = trie.prove(CHECKPOINT_KEYS.map((key) => plain(fromHex(key))));
  return { hash: hashOf(block), fields, nodes };
}

const good = [encodeU64(7n), voters(authorities), encodeU64(1_700_000_000_999n)];
const verify = ({ hash, fields, nodes }: ReturnType<typeof make>) =>
  verifyCheckpoint(hash, fields, nodes);

describe('a checkpoint from a node', () => {
  it('says what is proven under the state root of its block', () => {
    const made = make(good);
    expect(verify(made)).toEqual({
      ...{ number: 1, hash: made.hash, stateRoot: made.fields.stateRoot },
      ...{ setId: 7, authorities, timestampSec: 1_700_000_000 },
    });
  });

  it('of genesis has set 0 and no time', () => {
    const { setId, timestampSec } = verify(make([undefined, good[1], undefined]));
    expect([setId, timestampSec]).toEqual([0, undefined]);
  });
});

describe('a checkpoint from a node is refused', () => {
  it('when the header is not that of the hash', () => {
    const made = make(good);
    const changed = { ...made, fields: { ...made.fields, number: 2 } };
    expect(refusal(() => verify(changed)).code).toBe('CHECKPOINT_INCONSISTENT');
  });

  it('when the state has no authorities', () => {
    const made = make([good[0], undefined, good[2]]);
    expect(refusal(() => verify(made)).code).toBe('CHECKPOINT_INCONSISTENT');
  });

  it('when a node of the proof is missing', () => {
    const made = make(good);
    for (const missing of made.nodes) {
      const nodes = made.nodes.filter((node) => node !== missing);
      expect(refusal(() => verify({ ...made, nodes })).code).toBe('READ_PROOF_INCOMPLETE');
    }
  });

  it('when its authorities cannot be a set', () => {
    const twice = voters([...authorities, ...authorities]);
    expect(refusal(() => verify(make([good[0], twice, good[2]]))).code).toBe(
      'AUTHORITY_SET_KEY_REPEATED',
    );
  });

  it('when a value has bytes left over', () => {
    const long = concatBytes(good[1] ?? new Uint8Array(), Uint8Array.of(0));
    expect(refusal(() => verify(make([good[0], long, good[2]]))).code).toBe('SCALE_TRAILING_BYTES');
    const number = concatBytes(encodeU64(7n), Uint8Array.of(0));
    for (const values of [
      [number, good[1], good[2]],
      [good[0], good[1], number],
    ]) {
      expect(refusal(() => verify(make(values))).code).toBe('SCALE_TRAILING_BYTES');
    }
  });
});
