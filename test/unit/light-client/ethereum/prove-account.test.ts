import { describe, expect, it } from 'vitest';
import { keccak256 } from '../../../../src/crypto/hashes.ts';
import { ethereumLightClient } from '../../../../src/light-client/ethereum/light-client.ts';
import { proveAccount } from '../../../../src/light-client/ethereum/prove-account.ts';
import { type Hex, toHex } from '../../../../src/shared/bytes.ts';
import { ethereumState, wordOf } from '../../../support/enclave-world.ts';
import { refusal } from '../../../support/refusal.ts';

const ADDRESS: Hex = `0x${'aa'.repeat(20)}`;
const NOBODY: Hex = `0x${'bb'.repeat(20)}`;
const SLOT = wordOf(1n);
const state = ethereumState(new Map([[ADDRESS, new Map([[SLOT, wordOf(7n)]])]]), 12n);
const proof = state.prove(ADDRESS, SLOT);
const known = { client: 'beacon', recent: [{ hash: toHex(keccak256(proof.header)) }] };

describe('an account in a final block', () => {
  it('is found under the header that hashes to a block known to be final', () => {
    const { header, account } = proveAccount(proof, ADDRESS, known);
    expect(header.number).toBe(12n);
    expect(account?.codeHash).toMatch(/^0x/);
    expect(proveAccount(state.prove(NOBODY, SLOT), NOBODY, known).account).toBeUndefined();
  });

  it('is not looked for under any other header', () => {
    const recent = [{ hash: wordOf(1n) }];
    expect(refusal(() => proveAccount(proof, ADDRESS, { ...known, recent }))).toMatchObject({
      code: 'STATE_PROOF_BLOCK_UNKNOWN',
      disposition: 'retry',
      meta: { client: 'beacon', blockHash: known.recent[0]?.hash },
    });
  });

  it('must be there if a word of it is asked for', () => {
    const prove = (address: Hex) => {
      const at = { contract: { address }, slot: SLOT, route: 'direct' as const };
      const given = state.prove(address, SLOT);
      return ethereumLightClient.proveWord(given, at, { ...known, config: undefined });
    };
    expect(prove(ADDRESS)).toBe(wordOf(7n));
    expect(refusal(() => prove(NOBODY))).toMatchObject({
      code: 'STATE_PROOF_CONTRACT_ABSENT',
      disposition: 'halt',
      meta: { address: NOBODY },
    });
  });
});
