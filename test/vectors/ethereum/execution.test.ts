import { describe, expect, it } from 'vitest';
import { verifyAccountProof } from '../../../src/light-client/ethereum/verify-account-proof.ts';
import { verifyExecutionHeader } from '../../../src/light-client/ethereum/verify-execution-header.ts';
import { verifyStorageProof } from '../../../src/light-client/ethereum/verify-storage-proof.ts';
import { concatBytes, type Hex } from '../../../src/shared/bytes.ts';
import { type Json, MAINNET_CAPELLA, nodes } from '../../support/ethereum-vectors.ts';
import { executionHeaderRlp, HEADER_FIELDS } from '../../support/execution-header.ts';
import { refusal } from '../../support/refusal.ts';
import { readVectorJson, vectorsMissing } from '../../support/vectors.ts';

/** A slot of Deneb, the fork of that block. */
const proven = { slot: 269568 * 32, config: MAINNET_CAPELLA };
const block = (): Json => readVectorJson('ethereum/execution/block.json');
const proof = (): Json => readVectorJson('ethereum/execution/proof.json');

describe.skipIf(vectorsMissing)('recorded mainnet block 21925176', () => {
  it('has a header whose RLP hashes to the block hash', () => {
    const json = block();
    expect(verifyExecutionHeader(executionHeaderRlp(json), json.hash, proven)).toEqual({
      hash: json.hash,
      parentHash: json.parentHash,
      stateRoot: json.stateRoot,
      receiptsRoot: json.receiptsRoot,
      number: 21925176n,
      timestamp: 0x67be0db3n,
    });
  });

  it('refuses the header with any field changed', () => {
    const json = block();
    for (const name of HEADER_FIELDS) {
      const hex: string = json[name];
      const tampered = {
        ...json,
        [name]: hex === '0x0' ? '0x1' : hex.replace(/.$/, (d) => (d === '1' ? '2' : '1')),
      };
      const { code } = refusal(() =>
        verifyExecutionHeader(executionHeaderRlp(tampered), json.hash, proven),
      );
      expect(code, name).toBe('ETHEREUM_EXECUTION_HEADER_HASH_MISMATCH');
    }
  });

  it('refuses a byte behind the header', () => {
    const json = block();
    const rlp = concatBytes(executionHeaderRlp(json), new Uint8Array(1));
    expect(refusal(() => verifyExecutionHeader(rlp, json.hash, proven)).code).toBe(
      'ETHEREUM_EXECUTION_HEADER_HASH_MISMATCH',
    );
  });

  it('proves the deposit contract and its slot 1', () => {
    const { address, accountProof, balance, codeHash, storageHash, storageProof } = proof();
    const account = verifyAccountProof(block().stateRoot, address, nodes(accountProof));
    expect(account).toEqual({
      nonce: 1n,
      balanceWei: BigInt(balance),
      storageRoot: storageHash,
      codeHash,
    });
    const [{ key, value, proof: slotProof }] = storageProof;
    expect(verifyStorageProof(storageHash, key, nodes(slotProof))).toBe(value);
  });

  it('refuses the proofs for another account, slot, state or contract', () => {
    const { address, accountProof, storageHash, storageProof } = proof();
    const [{ key, proof: slotProof }] = storageProof;
    const other: Hex = '0x00000000219ab540356cbb839cbe05303d7705fb';
    const slot: Hex = `0x${'00'.repeat(31)}02`;
    const { stateRoot, parentHash } = block();
    const codes = [
      () => verifyAccountProof(stateRoot, other, nodes(accountProof)),
      () => verifyStorageProof(storageHash, slot, nodes(slotProof)),
      () => verifyAccountProof(parentHash, address, nodes(accountProof)),
      () => verifyStorageProof(stateRoot, key, nodes(slotProof)),
    ].map((run) => refusal(run).code);
    expect(codes).toEqual(Array(4).fill('TRIE_NODE_HASH_MISMATCH'));
  });

  it('refuses a proof that lacks a node, repeats one, or has one too many', () => {
    const { address, accountProof } = proof();
    const path = nodes(accountProof);
    const [root = new Uint8Array(), ...rest] = path;
    const { stateRoot } = block();
    const codes = [path.slice(0, -1), rest, [root, ...path], [...path, root], []].map(
      (tampered) => refusal(() => verifyAccountProof(stateRoot, address, tampered)).code,
    );
    expect(codes).toEqual([
      'TRIE_PROOF_INCOMPLETE',
      'TRIE_NODE_HASH_MISMATCH',
      'TRIE_NODE_HASH_MISMATCH',
      'TRIE_PROOF_EXTRA_NODES',
      'TRIE_PROOF_INCOMPLETE',
    ]);
  });

  it('refuses a flipped bit in any node', () => {
    const { address, accountProof } = proof();
    const { stateRoot } = block();
    nodes(accountProof).forEach((node, i) => {
      for (const at of [0, node.length >> 1, node.length - 1]) {
        const tampered = nodes(accountProof);
        tampered[i] = node.map((byte, j) => (j === at ? byte ^ 1 : byte));
        expect(refusal(() => verifyAccountProof(stateRoot, address, tampered)).code).toBe(
          'TRIE_NODE_HASH_MISMATCH',
        );
      }
    });
  });
});
