import { describe, expect, it } from 'vitest';
import { encodeByteVector } from '../../../../src/codec/scale.ts';
import { accountInfoKey } from '../../../../src/light-client/polkadot/storage-keys.ts';
import { verifyAccountInfo } from '../../../../src/light-client/polkadot/verify-account-info.ts';
import { concatBytes, fromHex, type Hex, toHex } from '../../../../src/shared/bytes.ts';
import { buildTrie } from '../../../reference/polkadot/trie-builder.ts';
import { plain } from '../../../support/contract-state.ts';
import { refusal } from '../../../support/refusal.ts';

const address: Hex = `0x${'5a'.repeat(20)}`;
const neighbour: Hex = `0x${'5a'.repeat(19)}5b`;
const trieId: Hex = `0x${'1f'.repeat(32)}`;
const codeHash: Hex = `0x${'c0'.repeat(32)}`;

function contract(id: Uint8Array, rest: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(0), encodeByteVector(id), fromHex(codeHash), rest);
}

/** A state in which the account and its neighbour hold these bytes. */
function accounts(info: Uint8Array, neighbourInfo = info) {
  const entries = [
    [plain(accountInfoKey(address)), info],
    [plain(accountInfoKey(neighbour)), neighbourInfo],
  ] as const;
  return buildTrie(new Map(entries), 1);
}

function verify(info: Uint8Array, at = address) {
  const trie = accounts(info);
  return verifyAccountInfo(toHex(trie.root), at, trie.prove([plain(accountInfoKey(at))]));
}

describe('the account of a contract', () => {
  it.each([0, 64, 68])(
    'yields trie id and code hash, whatever the %i bytes behind them',
    (more) => {
      expect(verify(contract(fromHex(trieId), new Uint8Array(more)))).toEqual({ trieId, codeHash });
    },
  );
});

describe('an account is refused', () => {
  it('when it is proven absent', () => {
    const info = contract(fromHex(trieId), new Uint8Array(4));
    const nobody: Hex = `0x${'00'.repeat(20)}`;
    expect(refusal(() => verify(info, nobody))).toMatchObject({
      code: 'ACCOUNT_ABSENT',
      meta: { address: nobody },
    });
  });

  it.each([1, 2, 3])('when it is of type %i, not a contract', (type) => {
    const info = contract(fromHex(trieId), new Uint8Array(4));
    info[0] = type;
    expect(refusal(() => verify(info))).toMatchObject({
      code: 'ACCOUNT_NOT_CONTRACT',
      meta: { address },
    });
  });

  it.each([0, 31, 33])('when its trie id has %i bytes', (length) => {
    expect(refusal(() => verify(contract(new Uint8Array(length), new Uint8Array(40)))).code).toBe(
      'ACCOUNT_TRIE_ID_LENGTH',
    );
  });

  it('when it ends inside the code hash', () => {
    const info = contract(fromHex(trieId), new Uint8Array(0)).subarray(0, -1);
    expect(refusal(() => verify(info)).code).toBe('SCALE_TRUNCATED');
  });

  it('when the proof is of the neighbour', () => {
    const info = contract(fromHex(trieId), new Uint8Array(4));
    const trie = accounts(info, contract(fromHex(trieId), new Uint8Array(5)));
    const nodes = trie.prove([plain(accountInfoKey(neighbour))]);
    expect(refusal(() => verifyAccountInfo(toHex(trie.root), address, nodes)).code).toBe(
      'READ_PROOF_INCOMPLETE',
    );
  });
});
