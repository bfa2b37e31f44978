import { z } from 'zod';
import { childRootKey, slotKey } from '../../light-client/polkadot/storage-keys.ts';
import { fromHex, type Hex, toHex } from '../../shared/bytes.ts';
import { type Patience, patienceOf } from '../shared/await-inclusion.ts';
import {
  type BlockRef,
  type BridgedChain,
  ChainError,
  type ChainSigner,
} from '../shared/bridged-chain.ts';
import type { ChainOptions } from '../shared/chain-adapter.ts';
import { createHeadFeed } from '../shared/head-feed.ts';
import { readShape } from '../shared/json-rpc.ts';
import { hexBytes, hexWord, integer } from '../shared/node-hex.ts';
import {
  type Submitter,
  submitAndWait,
  type TransactionSender,
} from '../shared/submit-and-wait.ts';
import { createBlockTimes, fetchTimeProof } from './block-time.ts';
import { createSubstrateBlocks, type SubstrateBlocks } from './blocks.ts';
import {
  ask,
  callRuntime,
  connectSubstrate,
  memberOf,
  type SubstrateConnection,
} from './connection.ts';
import { createContractLogs } from './contract-logs.ts';
import { runWithin, WEI_PER_PLANCK } from './dry-run.ts';
import { createFinalRoute } from './final-route.ts';
import { createSubstrateSender } from './sender.ts';

/** The chain whose GRANDPA makes blocks final: the contracts' own, or its relay chain. */
export interface FinalizingChain {
  readonly connection: SubstrateConnection;
  readonly blocks: SubstrateBlocks;
}

const NEW_HEADS = {
  begin: ['chain_subscribeNewHeads', []],
  end: 'chain_unsubscribeNewHeads',
} as const;
const FINAL_HEADS = {
  begin: ['chain_subscribeFinalizedHeads', []],
  end: 'chain_unsubscribeFinalizedHeads',
} as const;

/** An account that nobody has the key of, for calls without a transaction: the zero address's. */
const NOBODY = new Uint8Array(32).fill(0xee, 20);

/**
 * Connects to a Substrate node with pallet-revive.
 *
 * @param finalizing shared by all chains that it makes final; it stays open when this one is closed
 * @throws {ChainError} CHAIN_UNAVAILABLE, CHAIN_MISMATCH
 */
export async function createSubstrateChain(
  options: ChainOptions,
  finalizing: FinalizingChain,
): Promise<BridgedChain> {
  const { name, chainId } = options;
  const connection = await connectSubstrate(name, [options.url, ...(options.urls ?? [])]);
  try {
    requireChainId(connection, chainId);
  } catch (error) {
    await connection.api.disconnect();
    throw error;
  }
  return createChain(options, connection, finalizing);
}

function createChain(
  { name, chainId, route, pollMs }: ChainOptions,
  connection: SubstrateConnection,
  finalizing: FinalizingChain,
): BridgedChain {
  const { api } = connection;
  const blocks = createSubstrateBlocks(connection);
  const { blockShownBy, hopFrom } = createFinalRoute(route, connection, finalizing.connection);
  const patience = patienceOf(pollMs);
  const { sender, unmappedBalancePlanck } = createSubstrateSender({ connection, blocks });
  const heads = createHeadFeed(connection.nodes, NEW_HEADS);
  const finalHeads = createHeadFeed(finalizing.connection.nodes, FINAL_HEADS);
  const head = async () => {
    const newest = await blocks.head();
    heads.seen(newest);
    return newest;
  };
  const submitter = { name, head, ...sender };
  const contractTrieId = createTrieIdLookup(connection);
  return {
    ...submitter,
    chainId,
    onHead: (tell) => {
      heads.onHead(tell);
      finalHeads.onHead(tell);
    },
    finalizedHead: async () => {
      const final = await finalizing.blocks.finalizedHead();
      finalHeads.seen(final);
      return await blockShownBy(final.hash);
    },
    hashAt: blocks.hashOf,
    blockShownBy,
    blockTimeSec: createBlockTimes(connection),
    call: async (to, data, at) => {
      const state = at === undefined ? api : await ask(name, 'runtime version', api.at(at));
      const call = { to, data, valueWei: 0n };
      return (await runWithin({ name, api: state }, NOBODY, { call, weight: null })).output;
    },
    word: async (contract, slot, at) => {
      const hash = at ?? (await blocks.head()).hash;
      return await fetchWord(connection, await contractTrieId(contract), { slot, hash });
    },
    logs: createContractLogs({ connection, blocks, trieIdOf: contractTrieId }),
    distrust: (why) => {
      blocks.forget();
      return connection.nodes.distrust(why);
    },
    // Nobody notes which node gave which part of it: it is the one that was asked last, as a rule.
    distrustProof: (_proof, why) => connection.nodes.distrust(why),
    endpoints: () => connection.nodes.endpoints(),
    calls: () => connection.nodes.calls,
    balanceWei: async (address) => {
      const planck = await unmappedBalancePlanck(address);
      if (planck !== undefined) return planck * WEI_PER_PLANCK;
      return await callRuntime(connection, 'reviveApi.balance', {
        args: [address],
        schema: integer,
      });
    },
    submit: createSubmit(submitter, patience),
    stateProof: async (contract, slot, held) => {
      const trieId = contract.trieId ?? (await contractTrieId(contract.address));
      const block = await blockShownBy(held);
      const [ofSlot, ofTime, hop] = await Promise.all([
        fetchSlotProof(connection, trieId, { slot, block }),
        fetchTimeProof(connection, block.hash),
        hopFrom(held),
      ]);
      // The paths begin at one root: each node once.
      const nodes = [...new Set([...ofSlot, ...ofTime])].map((node) => fromHex(node));
      return { kind: 'substrate', blockHash: held, ...(hop && { hop }), nodes };
    },
    contractTrieId,
    close: () => api.disconnect(),
  };
}

/** Submits; an account that calls for the first time is set up before that, once however much it submits at the same time. */
function createSubmit(
  submitter: Submitter & TransactionSender,
  patience: Patience,
): BridgedChain['submit'] {
  const settingUp = new Map<Hex, Promise<unknown>>();
  const submitOne: BridgedChain['submit'] = (signer, call) =>
    submitAndWait(submitter, { signer, patience, sign: () => submitter.sign(signer, call) });
  const setUp = async (signer: ChainSigner) => {
    const call = await submitter.setupOf(signer);
    if (call !== undefined) await submitOne(signer, call);
  };
  return async (signer, call) => {
    const { address } = signer;
    const begun = settingUp.get(address) ?? setUp(signer).finally(() => settingUp.delete(address));
    settingUp.set(address, begun);
    await begun;
    return await submitOne(signer, call);
  };
}

function requireChainId({ name, api }: SubstrateConnection, expected: bigint): void {
  const constant = memberOf(name, api.consts, 'revive.chainId').toString();
  if (constant === expected.toString()) return;
  const what = `expected chain id ${expected}, got ${constant}; correct the endpoint or the configuration`;
  throw new ChainError('CHAIN_MISMATCH', { chain: name, what });
}

const accountInfoSchema = z.object({
  accountType: z.object({ contract: z.object({ trieId: hexWord(32) }) }),
});

/** A contract keeps its trie for life. */
function createTrieIdLookup({ name, api }: SubstrateConnection): (address: Hex) => Promise<Hex> {
  const known = new Map<Hex, Hex>();
  return async (address) => {
    const found = known.get(address);
    if (found !== undefined) return found;
    const query = memberOf(name, api.query, 'revive.accountInfoOf');
    const info = (await ask(name, 'Revive.AccountInfoOf', query(address))).toJSON();
    const where = `AccountInfoOf(${address})`;
    const { accountType } = readShape(name, accountInfoSchema, info, where);
    known.set(address, accountType.contract.trieId);
    return accountType.contract.trieId;
  };
}

const wordSchema = hexWord(32).nullable();
const ZERO_WORD: Hex = `0x${'00'.repeat(32)}`;

async function fetchWord(
  { name, sendOfBlock }: SubstrateConnection,
  trieId: Hex,
  { slot, hash }: { slot: Hex; hash: Hex },
): Promise<Hex> {
  const [child, key] = keysOf(trieId, slot);
  const method = 'childstate_getStorage';
  const word = await ask(name, method, sendOfBlock(method, [child, key, hash]));
  return readShape(name, wordSchema, word, method) ?? ZERO_WORD;
}

/** Where a contract's slot is: the name of its child trie, and the key in it. */
function keysOf(trieId: Hex, slot: Hex): readonly [Hex, Hex] {
  return [toHex(childRootKey(trieId)), toHex(slotKey(slot))];
}

const proofSchema = z.object({ proof: z.array(hexBytes).max(512) });

/** Past the library, which would keep an answer that proves nothing. */
async function fetchSlotProof(
  { name, send }: SubstrateConnection,
  trieId: Hex,
  { slot, block }: { slot: Hex; block: BlockRef },
): Promise<readonly Hex[]> {
  const [child, key] = keysOf(trieId, slot);
  const method = 'state_getChildReadProof';
  const answer = await ask(name, method, send(method, [child, [key], block.hash]));
  return readShape(name, proofSchema, answer, method).proof;
}
