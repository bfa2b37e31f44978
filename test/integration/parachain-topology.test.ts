import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchGenesisCheckpoint } from '../../devnet/checkpoints.ts';
import type { PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import { registerHeads } from '../../devnet/polkadot/parachain-heads.ts';
import type { BlockRef } from '../../src/chains/shared/bridged-chain.ts';
import { findContractsBlock } from '../../src/light-client/polkadot/find-contracts-block.ts';
import { headerHash } from '../../src/light-client/polkadot/header.ts';
import { initializePolkadotStore } from '../../src/light-client/polkadot/store.ts';
import { verifyParachainHead } from '../../src/light-client/polkadot/verify-parachain-head.ts';
import type { Route } from '../../src/protocol/chain-kind.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { followOnce, type OpenSubstrate, openSubstrate } from '../support/follow-substrate.ts';
import { heightOf, startManualChain } from '../support/polkadot-devnet.ts';
import { refusal } from '../support/refusal.ts';

const PARA_IDS = [1000, 1001] as const;
const CHAIN_IDS = [420_420_499n, 420_420_500n] as const;
const NOWHERE = { address: `0x${'00'.repeat(20)}`, trieId: `0x${'11'.repeat(32)}` } as const;
const SLOT: Hex = `0x${'00'.repeat(32)}`;

let relay: PolkadotDevnet;
let parachains: readonly PolkadotDevnet[];
let opened: readonly OpenSubstrate[];

beforeAll(async () => {
  relay = await startManualChain({ setChangeIntervalBlocks: 4 });
  parachains = await Promise.all(
    CHAIN_IDS.map((evmChainId) => startManualChain({ sudoUri: '//Ferdie', evmChainId })),
  );
  for (const parachain of parachains) parachain.holdFinality();
  await relay.produceBlock();
  await relay.produceBlock();
  opened = await Promise.all(
    parachains.map(({ wsUrl }, i) => {
      const route = { paraId: at(PARA_IDS, i) };
      const options = { name: `chain-${i}`, chainId: at(CHAIN_IDS, i), url: wsUrl, route };
      return openSubstrate({ ...options, pollMs: 50 }, relay.wsUrl);
    }),
  );
});

afterAll(async () => {
  for (const each of opened ?? []) await each.close();
  await Promise.all([relay, ...(parachains ?? [])].map((chain) => chain?.close()));
});

function at<T>(list: readonly T[], i: number): T {
  const item = list[i];
  if (item === undefined) throw new RangeError(`no item ${i}`);
  return item;
}

/** A block of every parachain, which the next relay block holds as heads. */
async function produceHeads(): Promise<BlockRef[]> {
  const hashes = await Promise.all(parachains.map((parachain) => parachain.produceBlock()));
  const registered = parachains.map((chain, i) => ({ chain, paraId: at(PARA_IDS, i) }));
  await registerHeads({ relay, parachains: registered, sudoUri: '//Alice' });
  await relay.produceBlock();
  return Promise.all(
    hashes.map(async (hash, i) => ({ hash, number: await heightOf(at(parachains, i), hash) })),
  );
}

async function finalHeads(): Promise<BlockRef[]> {
  return Promise.all(opened.map(({ chain }) => chain.finalizedHead()));
}

test('nothing but genesis is final before a final relay block holds a head', async () => {
  const genesis = parachains.map(({ genesisHash }) => ({ number: 0, hash: genesisHash }));
  expect(await finalHeads()).toEqual(genesis);
  await produceHeads();
  expect(await finalHeads()).toEqual(genesis);
  const hashes = [relay, ...parachains].map(({ genesisHash }) => genesisHash);
  expect(new Set(hashes).size).toBe(3);
});

test('a block becomes final with the relay block that holds it, and not by itself', async () => {
  const first = await produceHeads();
  relay.holdFinality();
  const second = await produceHeads();
  await relay.produceBlock();
  const held = await finalHeads();
  held.forEach(({ number }, i) => {
    expect(number).toBeLessThanOrEqual(at(first, i).number);
  });
  await relay.resumeFinality();
  expect(await finalHeads()).toEqual(second);
});

test('one light client follows the relay chain over its set changes to the heads of both parachains', async () => {
  const config = { checkpoint: await fetchGenesisCheckpoint(relay.httpUrl) };
  for (let i = 0; i < 5; i++) await produceHeads();
  const genesis = initializePolkadotStore(config);
  const { store } = await followOnce(at(opened, 0).finality, config, genesis);
  const { finalized, authoritySet } = store;
  expect(authoritySet.setId).toBeGreaterThanOrEqual(1n);

  const shown = await Promise.all(opened.map(({ chain }) => chain.blockShownBy(finalized.hash)));
  expect(shown[0]?.hash).not.toBe(shown[1]?.hash);
  for (const [i, { chain }] of opened.entries()) {
    const proof = await chain.stateProof(NOWHERE, SLOT, finalized.hash);
    if (proof.kind !== 'substrate' || proof.hop === undefined) throw new Error('no hop');
    expect(proof.blockHash).toBe(finalized.hash);
    const head = verifyParachainHead(finalized.stateRoot, at(PARA_IDS, i), proof.hop.headNodes);
    expect({ number: head.number, hash: headerHash(head) }).toEqual(shown[i]);
  }
});

test('a word of one parachain is proven by its own route only', async () => {
  await produceHeads();
  const config = { checkpoint: await fetchGenesisCheckpoint(relay.httpUrl) };
  const { chain, finality } = at(opened, 0);
  const { store } = await followOnce(finality, config, initializePolkadotStore(config));
  const proof = await chain.stateProof(NOWHERE, SLOT, store.finalized.hash);
  if (proof.kind !== 'substrate') throw new Error(`a proof of ${proof.kind}`);
  const known = { client: 'polkadot', recent: [store.finalized] };
  const prove = (route: Route) => findContractsBlock(proof, route, known);
  expect(prove({ paraId: PARA_IDS[0] }).hash).toBe(
    (await chain.blockShownBy(store.finalized.hash)).hash,
  );
  expect(refusal(() => prove({ paraId: PARA_IDS[1] })).code).toMatch(/^(READ_PROOF|PARACHAIN)_/);
  expect(refusal(() => prove('direct')).code).toBe('STATE_PROOF_OTHER_ROUTE');
});
