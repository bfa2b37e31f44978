import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchGenesisCheckpoint } from '../../devnet/checkpoints.ts';
import type { PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import { registerHeads } from '../../devnet/polkadot/parachain-heads.ts';
import type { BlockRef } from '../../src/chains/shared/bridged-chain.ts';
import {
  createPolkadotChain,
  type PolkadotChain,
} from '../../src/chains/substrate/substrate-chain.ts';
import { applyFinality } from '../../src/light-client/polkadot/apply-finality.ts';
import { headerHash } from '../../src/light-client/polkadot/header.ts';
import {
  initializePolkadotStore,
  type PolkadotStore,
} from '../../src/light-client/polkadot/store.ts';
import { verifyFinality } from '../../src/light-client/polkadot/verify-finality.ts';
import { verifyParachainHead } from '../../src/light-client/polkadot/verify-parachain-head.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { heightOf, startManualChain } from '../support/polkadot-devnet.ts';

const PARA_ID = 1000;
const NOWHERE = { address: `0x${'00'.repeat(20)}`, trieId: `0x${'11'.repeat(32)}` } as const;
const SLOT: Hex = `0x${'00'.repeat(32)}`;

let relay: PolkadotDevnet;
let parachain: PolkadotDevnet;
let chain: PolkadotChain;

beforeAll(async () => {
  relay = await startManualChain({ setChangeIntervalBlocks: 4 });
  parachain = await startManualChain({ sudoUri: '//Ferdie' });
  parachain.holdFinality();
  await relay.produceBlock();
  await relay.produceBlock();
  chain = await createPolkadotChain({
    wsUrl: parachain.wsUrl,
    chainId: 420_420_499n,
    relay: { wsUrl: relay.wsUrl, paraId: PARA_ID },
    pollMs: 50,
  });
});

afterAll(async () => {
  await chain?.close();
  await Promise.all([relay?.close(), parachain?.close()]);
});

/** A parachain block that the next relay block holds as head. */
async function produceHead(): Promise<BlockRef> {
  const hash = await parachain.produceBlock();
  await registerHeads({
    relay,
    parachains: [{ paraId: PARA_ID, chain: parachain }],
    sudoUri: '//Alice',
  });
  await relay.produceBlock();
  return { hash, number: await heightOf(parachain, hash) };
}

async function follow(store: PolkadotStore): Promise<PolkadotStore> {
  const { number } = await chain.finalityHead();
  const fragments = await chain.finalityFragments(store.finalized.number, number);
  return fragments.reduce((at, fragment) => applyFinality(at, verifyFinality(at, fragment)), store);
}

test('nothing but genesis is final before a final relay block holds a head', async () => {
  expect(await chain.finalityHead()).toMatchObject({ number: 1 });
  const genesis = { number: 0, hash: parachain.genesisHash };
  expect(await chain.finalizedHead()).toEqual(genesis);
  await produceHead();
  expect(await chain.finalizedHead()).toEqual(genesis);
  expect(relay.genesisHash).not.toBe(parachain.genesisHash);
});

test('a block becomes final with the relay block that holds it, and not by itself', async () => {
  const first = await produceHead();
  relay.holdFinality();
  const second = await produceHead();
  await relay.produceBlock();
  expect((await chain.finalizedHead()).number).toBeLessThanOrEqual(first.number);
  await relay.resumeFinality();
  expect(await chain.finalizedHead()).toEqual(second);
});

test('the light client follows the relay chain over its set changes to the head of the parachain', async () => {
  const checkpoint = await fetchGenesisCheckpoint(relay.httpUrl);
  const genesis = initializePolkadotStore({ checkpoint, topology: { paraId: PARA_ID } });
  for (let i = 0; i < 5; i++) await produceHead();
  const { finalized, authoritySet } = await follow(genesis);
  expect(authoritySet.setId).toBeGreaterThanOrEqual(1n);

  const shown = await chain.blockShownBy(finalized);
  expect(shown.number).toBeLessThan(finalized.number);
  const proof = await chain.stateProof(NOWHERE, SLOT, finalized);
  if (proof.chain !== 'polkadot' || proof.hop === undefined) throw new Error('no hop');
  expect(proof.blockHash).toBe(finalized.hash);
  const head = verifyParachainHead(finalized.stateRoot, PARA_ID, proof.hop.headNodes);
  expect({ number: head.number, hash: headerHash(head) }).toEqual(shown);
});
