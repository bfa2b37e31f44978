import { expect } from 'vitest';
import { fetchGenesisCheckpoint } from '../../devnet/checkpoints.ts';
import { GATEWAY_ABI } from '../../src/chains/shared/abi.ts';
import { decodeLogs } from '../../src/chains/shared/decode-logs.ts';
import { deploy, invoke, type Site } from '../../src/deploy/site.ts';
import type { PolkadotConfig } from '../../src/light-client/polkadot/config.ts';
import { childRootKey } from '../../src/light-client/polkadot/storage-keys.ts';
import {
  initializePolkadotStore,
  type PolkadotStore,
} from '../../src/light-client/polkadot/store.ts';
import { verifyFinality } from '../../src/light-client/polkadot/verify-finality.ts';
import { verifyTimedSlot } from '../../src/light-client/polkadot/verify-timed-slot.ts';
import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import { GATEWAY_SLOTS } from '../../src/protocol/contracts.ts';
import { transparentEnvelope } from '../../src/protocol/envelope.ts';
import { appendMessage, type ChainPosition, EMPTY_HEAD } from '../../src/protocol/message.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import {
  followOnce,
  type OpenSubstrate,
  openSubstrate,
  type TakenFragment,
} from '../support/follow-substrate.ts';
import { ask } from '../support/polkadot-devnet.ts';
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
  /** Messages in the gateway's outbox, proven after each deposit. Its heads are dated: each is held to its own chain's time. */
  readonly outbox: readonly bigint[];
}

const CHAIN_ID = 420_420_499n;
const ETHEREUM = 31_337n;
const ASSET = assetId(CHAIN_ID, NATIVE_TOKEN);
const RECIPIENT: Hex = `0x${'52'.repeat(20)}`;
const LIMIT = 10n ** 27n;
const FEE = 10n ** 14n;
/** No ledger follows this gateway, so a deposit has to open no account. */
const LEAST_CREDIT = 0n;
const POLL_MS = 200;

/** A light client and the adapter that feeds it. */
interface Follower {
  readonly opened: OpenSubstrate;
  readonly config: PolkadotConfig;
  store: PolkadotStore;
  /** Every fragment that the client took, with the store it was verified against. */
  readonly taken: TakenFragment[];
}

/**
 * Deploys a gateway, deposits, follows finality over a set change, proves the outbox; then deposits under the new set
 * and proves again.
 */
export async function runScenario({ wsUrl, httpUrl }: Endpoint): Promise<Outcome> {
  const checkpoint = await fetchGenesisCheckpoint(httpUrl);
  const config = { checkpoint };
  const store = initializePolkadotStore(config);
  const options = { name: 'polkadot', chainId: CHAIN_ID, url: wsUrl, route: 'direct' } as const;
  const opened = await openSubstrate({ ...options, pollMs: POLL_MS });
  const { chain } = opened;
  try {
    const follower: Follower = { opened, config, store, taken: [] };
    const site = { chain, owner: await chain.signer('//Charlie') };
    const gateway = await deployGateway(site);
    const trieId = (await chain.contractTrieId(gateway)) ?? '0x';
    const contract = { address: gateway, trieId };
    await followTo(follower, ({ finalized }) => finalized.number > 0);
    expect(await proveOutbox(follower, contract)).toEqual({ count: 0n, head: EMPTY_HEAD });
    // What tells whether blocks have changed the contract: reading logs goes by it.
    const root = await ask<Hex>({ httpUrl }, 'state_getStorage', toHex(childRootKey(trieId)));
    expect(root).toMatch(/^0x[0-9a-f]{64}$/);
    const before = await depositAndProve(follower, site, contract);
    const { setId } = follower.store.authoritySet;
    await followTo(follower, ({ authoritySet }) => authoritySet.setId > setId);
    const after = await depositAndProve(follower, site, contract);
    await refuseTampered(follower, contract);
    const sets = follower.taken.map(({ under }) => under.authoritySet.setId);
    expect(new Set(sets).size).toBeGreaterThan(1);
    return {
      genesisHash: checkpoint.hash,
      gateway,
      trieId: contract.trieId,
      outbox: [before.count, after.count],
    };
  } finally {
    await opened.close();
  }
}

async function deployGateway(site: Site): Promise<Hex> {
  const registry = await deploy(site, 'EnclaveRegistry', [site.owner.address]);
  const gateway = await deploy(site, 'Gateway', [site.owner.address, registry]);
  const args = [ASSET, [NATIVE_TOKEN, LIMIT, LIMIT, FEE, LEAST_CREDIT]];
  await invoke(site, { contract: 'Gateway', address: gateway, method: 'registerAsset', args });
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
  const { chain } = follower.opened;
  const body = {
    sender: owner.address,
    refundTo: owner.address,
    asset: ASSET,
    amount: 10n ** 18n,
    fee: FEE,
    destination: ETHEREUM,
    envelope: transparentEnvelope(RECIPIENT),
  };
  const { asset, amount, fee, destination, refundTo, envelope } = body;
  const args = [asset, amount, fee, destination, refundTo, envelope];
  const data = GATEWAY_ABI.encodeFunctionData('deposit', args) as Hex;
  const position = await proveOutbox(follower, contract);
  const { blockNumber, logs } = await chain.submit(owner, {
    to: contract.address,
    data,
    valueWei: amount,
  });
  await followTo(follower, ({ finalized }) => finalized.number >= blockNumber);
  const proven = await proveOutbox(follower, contract);
  const place = { chain: chain.name, chainId: CHAIN_ID, gateway: contract.address, isFinal: false };
  const [{ sentAtSec } = { sentAtSec: 0n }] = decodeLogs(logs, place).messages;
  const at = { chainId: CHAIN_ID, gateway: contract.address, index: position.count };
  const message = { ...body, ...at, sentAtSec };
  expect(proven).toEqual(appendMessage(position, message));
  return proven;
}

/** Takes finality from the node until `isThere`. */
async function followTo(
  follower: Follower,
  isThere: (store: PolkadotStore) => boolean,
): Promise<void> {
  while (!isThere(follower.store)) {
    const { opened, config, store } = follower;
    const followed = await followOnce(opened.finality, config, store);
    follower.taken.push(...followed.taken);
    follower.store = followed.store;
    if (followed.taken.length === 0) await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

async function proveOutbox(
  { opened, store }: Follower,
  contract: Contract,
): Promise<ChainPosition> {
  const read = async (slot: Hex): Promise<Hex> => {
    const proof = await opened.chain.stateProof(contract, slot, store.finalized.hash);
    if (proof.kind !== 'substrate') throw new Error(`a proof of ${proof.kind}`);
    return verifyTimedSlot(store.finalized.stateRoot, contract, slot, proof.nodes).word;
  };
  const head = await read(GATEWAY_SLOTS.sentHead);
  return { head, count: BigInt(await read(GATEWAY_SLOTS.sentCount)) };
}

/** What is right on this chain is right for nothing else. */
async function refuseTampered(follower: Follower, contract: Contract): Promise<void> {
  const { opened, store, taken } = follower;
  const [first, last] = [taken[0], taken.at(-1)];
  if (first === undefined || last === undefined) throw new Error('no fragment was taken');
  expect(refusal(() => verifyFinality(store, last.fragment)).code).toBe('GRANDPA_NOT_NEWER');
  const older = { ...store, finalized: { ...store.finalized, number: 0 } };
  expect(refusal(() => verifyFinality(older, first.fragment)).code).toMatch(/^GRANDPA_/);
  const slot = GATEWAY_SLOTS.sentHead;
  const proof = await opened.chain.stateProof(contract, slot, store.finalized.hash);
  if (proof.kind !== 'substrate') throw new Error(`a proof of ${proof.kind}`);
  const { nodes } = proof;
  const { stateRoot } = store.finalized;
  const otherRoot: Hex = `0x${'11'.repeat(32)}`;
  const attempts = [
    () => verifyTimedSlot(otherRoot, contract, slot, nodes),
    () => verifyTimedSlot(stateRoot, contract, slot, nodes.slice(1)),
    () => verifyTimedSlot(stateRoot, contract, GATEWAY_SLOTS.sentCount, nodes),
  ];
  for (const attempt of attempts) expect(refusal(attempt).code).toMatch(/^READ_PROOF_/);
}
