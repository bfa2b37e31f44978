import { describe, expect, it } from 'vitest';
import { keccak256 } from '../../../../src/crypto/hashes.ts';
import { ethereumLightClient } from '../../../../src/light-client/ethereum/light-client.ts';
import { proveAccount } from '../../../../src/light-client/ethereum/prove-account.ts';
import { type Hex, toHex } from '../../../../src/shared/bytes.ts';
import { ethereumState, wordOf } from '../../../support/enclave-world.ts';
import { WORLD } from '../../../support/ethereum-world.ts';
import { refusal } from '../../../support/refusal.ts';

const ADDRESS: Hex = `0x${'aa'.repeat(20)}`;
const NOBODY: Hex = `0x${'bb'.repeat(20)}`;
const SLOT = wordOf(1n);
const state = ethereumState(new Map([[ADDRESS, new Map([[SLOT, wordOf(7n)]])]]), 12n);
const proof = state.prove(ADDRESS, SLOT);
const hash = toHex(keccak256(proof.header));
const known = { client: 'beacon', config: undefined, recent: [{ hash }] };

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

  it('is proven under a header of the form that the fork of its slot has', () => {
    const at = (slot: number) => ({ ...known, config: WORLD, recent: [{ hash, slot }] });
    // 21 fields: Electra and Fulu, in that world from slot 80 up to 319.
    for (const slot of [80, 319]) {
      expect(proveAccount(proof, ADDRESS, at(slot)).header.number).toBe(12n);
    }
    expect(refusal(() => proveAccount(proof, ADDRESS, at(79)))).toMatchObject({
      code: 'ETHEREUM_EXECUTION_HEADER_MALFORMED',
      disposition: 'reject',
      meta: { field: 'header', got: '21' },
    });
    expect(refusal(() => proveAccount(proof, ADDRESS, at(480))).code).toBe(
      'ETHEREUM_FORK_UNSUPPORTED',
    );
  });

  it('is taken under a header of any form where its block is simply trusted', () => {
    const trusted = { ...known, config: WORLD };
    expect(proveAccount(proof, ADDRESS, trusted).header.number).toBe(12n);
    const unproven = { ...known, recent: [{ hash, slot: 79 }] };
    expect(proveAccount(proof, ADDRESS, unproven).header.number).toBe(12n);
  });

  it('must be there if a word of it is asked for, which comes with the time of the block', () => {
    const prove = (address: Hex) => {
      const at = { contract: { address }, slot: SLOT, route: 'direct' as const };
      const given = state.prove(address, SLOT);
      return ethereumLightClient.proveWord(given, at, known);
    };
    expect(prove(ADDRESS)).toEqual({ word: wordOf(7n), blockTimeSec: 1_700_000_000n });
    expect(refusal(() => prove(NOBODY))).toMatchObject({
      code: 'STATE_PROOF_CONTRACT_ABSENT',
      disposition: 'halt',
      meta: { address: NOBODY },
    });
  });
});
