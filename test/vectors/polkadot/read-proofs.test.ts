import { describe, expect, it } from 'vitest';
import { createProofMap, settleUnusedNodes } from '../../../src/light-client/polkadot/proof-map.ts';
import { readTrieValue } from '../../../src/light-client/polkadot/read-trie-value.ts';
import { parachainHeadKey } from '../../../src/light-client/polkadot/storage-keys.ts';
import { verifyParachainHead } from '../../../src/light-client/polkadot/verify-parachain-head.ts';
import {
  verifyReadProof,
  verifyReadProofs,
} from '../../../src/light-client/polkadot/verify-read-proof.ts';
import { fromHex, type Hex, toHex } from '../../../src/shared/bytes.ts';
import { describeRecorded } from '../../support/describe-recorded.ts';
import { refusal } from '../../support/refusal.ts';
import { readVectorJson, vectorsMissing } from '../../support/vectors.ts';

interface RecordedRead {
  readonly stateRoot: Hex;
  readonly relayStateRoot: Hex;
  readonly storageKey: Hex;
  readonly expectedValue: Hex;
  readonly proof: readonly Hex[];
}

function load(name: string) {
  const recorded = readVectorJson<RecordedRead>(`trie/${name}.json`);
  const root = recorded.relayStateRoot ?? recorded.stateRoot;
  const nodes = recorded.proof.map((node) => fromHex(node));
  return { ...recorded, root, nodes, key: fromHex(recorded.storageKey) };
}

const names = ['parachain-head-1000', 'timestamp-now', 'polkadot-genesis-claims'];

describe.skipIf(vectorsMissing).each(names)('the real read proof %s', (name) => {
  it('proves the recorded value with every node used', () => {
    const { root, key, nodes, expectedValue } = load(name);
    expect(toHex(verifyReadProof(root, key, nodes) ?? new Uint8Array(0))).toBe(expectedValue);
  });

  it('proves nothing once any node is missing', () => {
    const { root, key, nodes } = load(name);
    for (const missing of nodes) {
      const partial = nodes.filter((node) => node !== missing);
      expect(refusal(() => verifyReadProof(root, key, partial)).code).toBe('READ_PROOF_INCOMPLETE');
    }
  });

  it('proves nothing once any byte of any node is altered', () => {
    const { root, key, nodes } = load(name);
    for (const [i, node] of nodes.entries()) {
      for (const at of [0, node.length >> 1, node.length - 1]) {
        const altered = Uint8Array.from(node);
        altered[at] = (altered[at] ?? 0) ^ 1;
        const read = () => verifyReadProof(root, key, nodes.with(i, altered));
        expect(refusal(read).code).toBe('READ_PROOF_INCOMPLETE');
      }
    }
  });

  it('proves that a neighbour of the key, whose path ends at the same leaf, is absent', () => {
    const { root, key, nodes } = load(name);
    const other = Uint8Array.from(key);
    other[key.length - 1] = (other[key.length - 1] ?? 0) ^ 1;
    expect(verifyReadProof(root, other, nodes, { unusedNodes: 'ignore' })).toBeUndefined();
  });
});

describeRecorded('the head of parachain 1000', () => {
  it('lies at the key that this client computes, and holds a header', () => {
    const { storageKey, root, nodes, expectedValue } = load('parachain-head-1000');
    expect(toHex(parachainHeadKey(1000))).toBe(storageKey);
    const head = verifyParachainHead(root, 1000, nodes);
    expect(expectedValue.endsWith(toHex(head.encoded).slice(2))).toBe(true);
    expect(head.digest.map(({ kind }) => kind)).toEqual(['preRuntime', 'seal']);
  });
});

describeRecorded('the synthetic child trie in a real state of version 1', () => {
  const recorded = readVectorJson<{
    mainStateRoot: Hex;
    childStorageKey: Hex;
    childRoot: Hex;
    entries: readonly { key: Hex; value: Hex }[];
    absentKeys: readonly Hex[];
    proof: readonly Hex[];
  }>('trie/synthetic-child-trie-v1.json');
  const nodes = recorded.proof.map((node) => fromHex(node));
  const childRootKey = fromHex(recorded.childStorageKey);

  it('has one set of nodes for the main path and all child keys, inline and hashed, with none left over', () => {
    const proof = createProofMap(nodes);
    const root = readTrieValue(proof, recorded.mainStateRoot, childRootKey);
    expect(root && toHex(root)).toBe(recorded.childRoot);
    for (const { key, value } of recorded.entries) {
      const found = readTrieValue(proof, recorded.childRoot, fromHex(key));
      expect(found && toHex(found)).toBe(value);
    }
    for (const key of recorded.absentKeys) {
      expect(readTrieValue(proof, recorded.childRoot, fromHex(key))).toBeUndefined();
    }
    expect(() => settleUnusedNodes(proof, 'refuse')).not.toThrow();
  });

  it('is not read under the main root', () => {
    const keys = recorded.entries.map(({ key }) => fromHex(key));
    const read = () => verifyReadProofs(recorded.mainStateRoot, keys, nodes);
    expect(refusal(read).code).toMatch(/^READ_PROOF_/);
  });
});
