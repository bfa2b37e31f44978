import { describe, expect, it } from 'vitest';
import { encodeByteVector } from '../../../../src/codec/scale.ts';
import { findContractsBlock } from '../../../../src/light-client/polkadot/find-contracts-block.ts';
import { polkadotLightClient } from '../../../../src/light-client/polkadot/light-client.ts';
import { parachainHeadKey } from '../../../../src/light-client/polkadot/storage-keys.ts';
import { toHex } from '../../../../src/shared/bytes.ts';
import { buildTrie } from '../../../reference/polkadot/trie-builder.ts';
import { plain, word } from '../../../support/contract-state.ts';
import { childBlock, genesis, hashOf } from '../../../support/grandpa.ts';
import { refusal } from '../../../support/refusal.ts';

const head = childBlock(genesis, {});
const key = plain(parachainHeadKey(1000));
const relay = buildTrie(
  new Map([
    [key, encodeByteVector(head.header)],
    ['00ff', new Uint8Array(40)],
  ]),
  1,
);
const final = { number: 5, hash: word(5), stateRoot: toHex(relay.root) };
const known = { client: 'relay', recent: [{ ...final, number: 4, hash: word(4) }, final] };
const hop = { headNodes: relay.prove([key]), parents: [] };

describe('the block that contracts are in', () => {
  it('is the final block itself where the route is direct', () => {
    expect(findContractsBlock({ blockHash: final.hash }, 'direct', known)).toBe(final);
  });

  it('is the head that the final block holds where the route is by a parachain', () => {
    const found = findContractsBlock({ blockHash: final.hash, hop }, { paraId: 1000 }, known);
    expect(found.hash).toBe(hashOf(head));
  });

  it('is not looked for under a block that was not shown to be final', () => {
    const find = () => findContractsBlock({ blockHash: word(6) }, 'direct', known);
    expect(refusal(find)).toMatchObject({
      code: 'STATE_PROOF_BLOCK_UNKNOWN',
      disposition: 'retry',
      meta: { client: 'relay', blockHash: word(6) },
    });
  });

  it('is reached by the configured route, whatever the proof says', () => {
    const byHop = () => findContractsBlock({ blockHash: final.hash, hop }, 'direct', known);
    expect(refusal(byHop)).toMatchObject({
      code: 'STATE_PROOF_OTHER_ROUTE',
      disposition: 'reject',
      meta: { expected: 'no hop' },
    });
    const straight = () => findContractsBlock({ blockHash: final.hash }, { paraId: 7 }, known);
    expect(refusal(straight)).toMatchObject({ meta: { expected: 'a hop to parachain 7' } });
  });
});

describe('a contract that was measured without its child trie', () => {
  it('is not proven anything of', () => {
    const address = `0x${'aa'.repeat(20)}` as const;
    const proof = { kind: 'substrate' as const, blockHash: final.hash, nodes: [] };
    const at = { contract: { address }, slot: word(0), route: 'direct' as const };
    const prove = () => polkadotLightClient.proveWord(proof, at, { ...known, config: undefined });
    expect(refusal(prove)).toMatchObject({
      code: 'STATE_PROOF_CONTRACT_ABSENT',
      disposition: 'halt',
      meta: { address },
    });
  });
});
