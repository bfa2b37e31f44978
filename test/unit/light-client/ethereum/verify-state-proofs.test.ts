import { describe, expect, it } from 'vitest';
import { encodeRlp, encodeRlpInteger, type RlpItem } from '../../../../src/codec/rlp.ts';
import { keccak256 } from '../../../../src/crypto/hashes.ts';
import { verifyAccountProof } from '../../../../src/light-client/ethereum/verify-account-proof.ts';
import { verifyStorageProof } from '../../../../src/light-client/ethereum/verify-storage-proof.ts';
import { fromHex, type Hex, toHex } from '../../../../src/shared/bytes.ts';
import { referenceTrie } from '../../../reference/ethereum/trie.ts';
import { refusal } from '../../../support/refusal.ts';

const ALICE: Hex = `0x${'aa'.repeat(20)}`;
const BOB: Hex = `0x${'bb'.repeat(20)}`;
const ROOT = new Uint8Array(32).fill(1);
const CODE = new Uint8Array(32).fill(2);
const ACCOUNT: readonly RlpItem[] = [
  encodeRlpInteger(7n),
  encodeRlpInteger(10n ** 18n),
  ROOT,
  CODE,
];

/** A state with these fields in Alice's place, and another account beside her. */
function state(fields: RlpItem) {
  const entries = [
    [keccak256(fromHex(ALICE)), encodeRlp(fields)],
    [keccak256(fromHex(`0x${'cc'.repeat(20)}`)), encodeRlp(ACCOUNT)],
  ] as const;
  const { root, prove } = referenceTrie(entries);
  return { stateRoot: toHex(root), prove: (address: Hex) => prove(keccak256(fromHex(address))) };
}

function refuseAccount(fields: RlpItem): object {
  const { stateRoot, prove } = state(fields);
  const { code, meta } = refusal(() => verifyAccountProof(stateRoot, ALICE, prove(ALICE)));
  return { code, ...meta };
}

const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`;

/** A storage trie with one raw value at slot 1, and another slot beside it. */
function storage(value: Uint8Array) {
  const entries = [
    [keccak256(fromHex(word(1n))), value],
    [keccak256(fromHex(word(5n))), encodeRlp(encodeRlpInteger(5n))],
  ] as const;
  const { root, prove } = referenceTrie(entries);
  return { storageRoot: toHex(root), prove: (slot: Hex) => prove(keccak256(fromHex(slot))) };
}

describe('account proofs', () => {
  it('give the four fields', () => {
    const { stateRoot, prove } = state(ACCOUNT);
    expect(verifyAccountProof(stateRoot, ALICE, prove(ALICE))).toEqual({
      nonce: 7n,
      balanceWei: 10n ** 18n,
      storageRoot: toHex(ROOT),
      codeHash: toHex(CODE),
    });
  });

  it('show that an account is not there', () => {
    const { stateRoot, prove } = state(ACCOUNT);
    expect(verifyAccountProof(stateRoot, BOB, prove(BOB))).toBeUndefined();
  });

  it('do not show one account by the proof of another', () => {
    const { stateRoot, prove } = state(ACCOUNT);
    const { code } = refusal(() => verifyAccountProof(stateRoot, BOB, prove(ALICE)));
    expect(['TRIE_PROOF_EXTRA_NODES', 'TRIE_NODE_HASH_MISMATCH']).toContain(code);
  });

  it.each<[string, RlpItem, object]>([
    ['three items', ACCOUNT.slice(1), { code: 'ETHEREUM_ACCOUNT_MALFORMED', got: '3 items' }],
    ['five items', [...ACCOUNT, ROOT], { code: 'ETHEREUM_ACCOUNT_MALFORMED', got: '5 items' }],
    ['a string', ROOT, { code: 'ETHEREUM_ACCOUNT_MALFORMED', got: 'a string' }],
    [
      'a string of as many bytes as an account has fields',
      new Uint8Array(4).fill(9),
      { code: 'ETHEREUM_ACCOUNT_MALFORMED', got: 'a string' },
    ],
    [
      'a code hash that is a list of as many items as a hash has bytes',
      [...ACCOUNT.slice(0, 3), Array.from({ length: 32 }, () => Uint8Array.of(1))],
      { code: 'ETHEREUM_ACCOUNT_MALFORMED', got: '32 bytes or items' },
    ],
    [
      'a root of 31 bytes',
      [...ACCOUNT.slice(0, 2), ROOT.subarray(1), CODE],
      { code: 'ETHEREUM_ACCOUNT_MALFORMED' },
    ],
    [
      'a code hash that is a list',
      [...ACCOUNT.slice(0, 3), []],
      { code: 'ETHEREUM_ACCOUNT_MALFORMED' },
    ],
    ['a nonce of nine bytes', [ROOT.subarray(23), ...ACCOUNT.slice(1)], { code: 'RLP_MALFORMED' }],
    [
      'a nonce with a leading zero',
      [Uint8Array.of(0), ...ACCOUNT.slice(1)],
      { code: 'RLP_MALFORMED' },
    ],
    ['a balance that is a list', [encodeRlpInteger(7n), [], ROOT, CODE], { code: 'RLP_MALFORMED' }],
  ])('refuse a value with %s', (_, fields, expected) => {
    expect(refuseAccount(fields)).toMatchObject(expected);
  });

  it('take addresses of 20 bytes only', () => {
    const { stateRoot, prove } = state(ACCOUNT);
    expect(refusal(() => verifyAccountProof(stateRoot, '0xaa', prove(ALICE))).code).toBe(
      'HEX_MALFORMED',
    );
  });
});

describe('storage proofs', () => {
  it.each([1n, 0x7fn, 0x80n, 2n ** 64n, 2n ** 256n - 1n])('give the word %i in full', (value) => {
    const { storageRoot, prove } = storage(encodeRlp(encodeRlpInteger(value)));
    expect(verifyStorageProof(storageRoot, word(1n), prove(word(1n)))).toBe(word(value));
  });

  it('give zero for a slot that is proven empty', () => {
    const { storageRoot, prove } = storage(Uint8Array.of(1));
    expect(verifyStorageProof(storageRoot, word(2n), prove(word(2n)))).toBe(word(0n));
  });

  it.each([
    ['a leading zero', encodeRlp(Uint8Array.of(0, 1))],
    ['33 bytes', encodeRlp(new Uint8Array(33).fill(1))],
    ['a list', encodeRlp([Uint8Array.of(1)])],
    ['a byte with a prefix', Uint8Array.of(0x81, 0x01)],
    ['trailing bytes', Uint8Array.of(1, 1)],
  ])('refuse a value with %s', (_, value) => {
    const { storageRoot, prove } = storage(value);
    const { code } = refusal(() => verifyStorageProof(storageRoot, word(1n), prove(word(1n))));
    expect(code).toBe('RLP_MALFORMED');
  });

  it('take slots of 32 bytes only', () => {
    const { storageRoot, prove } = storage(Uint8Array.of(1));
    expect(refusal(() => verifyStorageProof(storageRoot, '0x01', prove(word(1n)))).code).toBe(
      'HEX_MALFORMED',
    );
  });
});
