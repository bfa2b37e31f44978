import { expect } from 'vitest';
import { fetchGenesisCheckpoint } from '../../devnet/checkpoints.ts';
import { deploy, type Site } from '../../devnet/deploy.ts';
import { GATEWAY_ABI } from '../../src/chains/shared/abi.ts';
import type { FinalityFragment } from '../../src/chains/substrate/finality-source.ts';
import {
  createPolkadotChain,
  type PolkadotChain,
} from '../../src/chains/substrate/substrate-chain.ts';
import { loadArtifact } from '../../src/deploy/artifacts.ts';
import { applyFinality } from '../../src/light-client/polkadot/apply-finality.ts';
import {
  initializePolkadotStore,
  type PolkadotStore,
} from '../../src/light-client/polkadot/store.ts';
import { verifyContractSlot } from '../../src/light-client/polkadot/verify-contract-slot.ts';
import { verifyFinality } from '../../src/light-client/polkadot/verify-finality.ts';
import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import { GATEWAY_SLOTS } from '../../src/protocol/contracts.ts';
import { transparentEnvelope } from '../../src/protocol/envelope.ts';
import { appendMessage, type ChainPosition, EMPTY_HEAD } from '../../src/protocol/message.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { refusal } from '../support/refusal.ts';

/** A chain that the scenario runs on, whichever program makes its blocks. */
export interface Endpoint {
  readonly wsUrl: string;
  readonly httpUrl: string;
  close(): Promise<void>;
}

/** What must be the same on both chains, to the last byte. */
export interface Outcome {
  readonly genesisHash: Hex;
  readonly gateway: Hex;
  readonly trieId: Hex;
  /** The gateway's outbox as proven after each deposit. */
  readonly outbox: readonly ChainPosition[];
}

const CHAIN_ID = 420_420_499n;
const ETHEREUM = 31_337n;
const ASSET = assetId(CHAIN_ID, NATIVE_TOKEN);
const RECIPIENT: Hex = `0x${'52'.repeat(20)}`;
const LIMIT = 10n ** 27n;
const FEE = 10n ** 14n;
const POLL_MS = 200;

/** A light client and the adapter that feeds it. */
interface Follower {
  readonly chain: PolkadotChain;
  store: PolkadotStore;
  /** Every fragment that the client took, with the set it was verified under. */
  readonly taken: { readonly setId: bigint; readonly fragment: FinalityFragment }[];
}

/**
 * Deploys a gateway, deposits, follows finality over a set change, proves the outbox; then deposits under the new set
 * and proves again.
 */
export async function runScenario({ wsUrl, httpUrl }: Endpoint): Promise<Outcome> {
  const checkpoint = await fetchGenesisCheckpoint(httpUrl);
  const store = initializePolkadotStore({ checkpoint, topology: 'solo' });
  const chain = await createPolkadotChain({ wsUrl, chainId: CHAIN_ID, pollMs: POLL_MS });
  try {
    const follower: Follower = { chain, store, taken: [] };
    const site = { chain, owner: await chain.signer('//Charlie') };
    const gateway = await deployGateway(site);
    const contract = { address: gateway, trieId: await chain.contractTrieId(gateway) };
    await followTo(follower, ({ finalized }) => finalized.number > 0);
    expect(await proveOutbox(follower, contract)).toEqual({ count: 0n, head: EMPTY_HEAD });
    const before = await depositAndProve(follower, site, contract);
    const { setId } = follower.store.authoritySet;
    await followTo(follower, ({ authoritySet }) => authoritySet.setId > setId);
    const after = await depositAndProve(follower, site, contract);
    await refuseTampered(follower, contract);
    expect(new Set(follower.taken.map((taken) => taken.setId)).size).toBeGreaterThan(1);
    return {
      genesisHash: checkpoint.hash,
      gateway,
      trieId: contract.trieId,
      outbox: [before, after],
    };
  } finally {
    await chain.close();
  }
}

async function deployGateway(site: Site): Promise<Hex> {
  const registry = await deploy(site, 'EnclaveRegistry', [site.owner.address]);
  const gateway = await deploy(site, 'Gateway', [site.owner.address, registry]);
  const config = [NATIVE_TOKEN, LIMIT, LIMIT, FEE, 0n];
  const data = loadArtifact('Gateway').abi.encodeFunctionData('registerAsset', [ASSET, config]);
  await site.chain.submit(site.owner, { to: gateway, data: data as Hex, valueWei: 0n });
  return gateway;
}

interface Contract {
  readonly address: Hex;
  readonly trieId: Hex;
}

async function depositAndProve(
  follower: Follower,
  { owner }: Site,
  contract: Contract,
): Promise<ChainPosition> {
  const { chain } = follower;
  const body = {
    sender: owner.address,
    asset: ASSET,
    amount: 10n ** 18n,
    fee: FEE,
    destination: ETHEREUM,
    envelope: transparentEnvelope(RECIPIENT),
  };
  const { asset, amount, fee, destination, envelope } = body;
  const args = [asset, amount, fee, destination, envelope];
  const data = GATEWAY_ABI.encodeFunctionData('deposit', args) as Hex;
  const position = await proveOutbox(follower, contract);
  const { blockNumber } = await chain.submit(owner, {
    to: contract.address,
    data,
    valueWei: amount,
  });
  await followTo(follower, ({ finalized }) => finalized.number >= blockNumber);
  const proven = await proveOutbox(follower, contract);
  const message = { ...body, chainId: CHAIN_ID, gateway: contract.address, index: position.count };
  expect(proven).toEqual(appendMessage(position, message));
  return proven;
}

/** Takes fragments from the node until `isThere`. */
async function followTo(
  follower: Follower,
  isThere: (store: PolkadotStore) => boolean,
): Promise<void> {
  while (!isThere(follower.store)) {
    const { number } = await follower.chain.finalizedHead();
    const fragments = await follower.chain.finalityFragments(
      follower.store.finalized.number,
      number,
    );
    for (const fragment of fragments) {
      const { authoritySet } = follower.store;
      const verified = verifyFinality(follower.store, fragment);
      expect(verified.block.number).toBe(fragment.number);
      follower.taken.push({ setId: authoritySet.setId, fragment });
      follower.store = applyFinality(follower.store, verified);
    }
    if (fragments.length === 0) await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

async function proveOutbox({ chain, store }: Follower, contract: Contract): Promise<ChainPosition> {
  const read = async (slot: Hex): Promise<Hex> => {
    const proof = await chain.stateProof(contract, slot, store.finalized);
    if (proof.chain !== 'polkadot') throw new Error(`a proof of ${proof.chain}`);
    return verifyContractSlot(store.finalized.stateRoot, contract, slot, proof.nodes);
  };
  const head = await read(GATEWAY_SLOTS.sentHead);
  return { head, count: BigInt(await read(GATEWAY_SLOTS.sentCount)) };
}

/** What is right on this chain is right for nothing else. */
async function refuseTampered(follower: Follower, contract: Contract): Promise<void> {
  const { chain, store, taken } = follower;
  const [first, last] = [taken[0], taken.at(-1)];
  if (first === undefined || last === undefined) throw new Error('no fragment was taken');
  expect(refusal(() => verifyFinality(store, last.fragment)).code).toBe('GRANDPA_NOT_NEWER');
  const older = { ...store, finalized: { ...store.finalized, number: 0 } };
  expect(refusal(() => verifyFinality(older, first.fragment)).code).toMatch(/^GRANDPA_/);
  const slot = GATEWAY_SLOTS.sentHead;
  const proof = await chain.stateProof(contract, slot, store.finalized);
  if (proof.chain !== 'polkadot') throw new Error(`a proof of ${proof.chain}`);
  const { nodes } = proof;
  const { stateRoot } = store.finalized;
  const otherRoot: Hex = `0x${'11'.repeat(32)}`;
  const attempts = [
    () => verifyContractSlot(otherRoot, contract, slot, nodes),
    () => verifyContractSlot(stateRoot, contract, slot, nodes.slice(1)),
    () => verifyContractSlot(stateRoot, contract, GATEWAY_SLOTS.sentCount, nodes),
  ];
  for (const attempt of attempts) expect(refusal(attempt).code).toMatch(/^READ_PROOF_/);
}
