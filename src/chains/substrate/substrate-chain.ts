import type { ApiPromise } from '@polkadot/api';
import { blake2AsHex } from '@polkadot/util-crypto';
import { z } from 'zod';
import { fromHex, type Hex } from '../../shared/bytes.ts';
import { hexBytes, hexOf } from '../ethereum/schema.ts';
import { type BlockRef, type BridgedChain, ChainError } from '../shared/bridged-chain.ts';
import { readShape } from '../shared/json-rpc.ts';
import { submitAndWait } from '../shared/submit-and-wait.ts';
import { createPolkadotBlocks } from './blocks.ts';
import { ask, callRuntime, connectPolkadot, memberOf } from './connection.ts';
import { runWithin } from './dry-run.ts';
import type { FinalitySource } from './finality-source.ts';
import { createPolkadotSender } from './sender.ts';
import { createParachainTopology, createSoloTopology, type RelayOptions } from './topology.ts';

export interface PolkadotChainOptions {
  /** WebSocket JSON-RPC of a Substrate node. */
  readonly wsUrl: string;
  /** Chain id of its EVM. */
  readonly chainId: bigint;
  readonly pollMs: number;
  /** The relay chain that makes this chain final, if it is a parachain. */
  readonly relay?: RelayOptions | undefined;
}

/** A Polkadot chain with pallet-revive, with the data that shows what is final. */
export interface PolkadotChain extends BridgedChain {
  readonly name: 'polkadot';
  /** Id of a contract's child trie, 32 bytes; the contract keeps it for life. */
  contractTrieId(address: Hex): Promise<Hex>;
  /** The newest final block of the chain that finalises: this one, or its relay chain. */
  finalityHead(): Promise<BlockRef>;
  /** Finality proofs of the chain that finalises. */
  finalityFragments: FinalitySource['fragments'];
}

/** An account that nobody has the key of, for calls without a transaction: the zero address's. */
const NOBODY = new Uint8Array(32).fill(0xee, 20);
/** ":child_storage:default:" */
const CHILD_STORAGE_PREFIX = '0x3a6368696c645f73746f726167653a64656661756c743a';

/** Connects to a Substrate node. @throws {ChainError} CHAIN_UNAVAILABLE, CHAIN_MISMATCH */
export async function createPolkadotChain(options: PolkadotChainOptions): Promise<PolkadotChain> {
  const { chainId, pollMs } = options;
  const connection = await connectPolkadot(options.wsUrl);
  const { api } = connection;
  requireChainId(api, chainId);
  const blocks = createPolkadotBlocks(api);
  const topology = options.relay
    ? await createParachainTopology(options.relay, blocks)
    : createSoloTopology(connection, blocks);
  const sender = createPolkadotSender({ connection, blocks, pollMs });
  const contractTrieId = createTrieIdLookup(api);
  return {
    name: 'polkadot',
    chainId,
    head: blocks.head,
    finalizedHead: async () => topology.blockShownBy(await topology.finalityHead()),
    blockShownBy: topology.blockShownBy,
    call: async (to, data, at) => {
      const state = at === undefined ? api : await ask('runtime version', api.at(at));
      const call = { to, data, valueWei: 0n };
      return (await runWithin(state, NOBODY, { call, weight: null })).output;
    },
    word: async (contract, slot, at) => {
      const hash = at ?? (await blocks.head()).hash;
      return await fetchWord(api, await contractTrieId(contract), { slot, hash });
    },
    logs: blocks.logs,
    balanceWei: (address) =>
      callRuntime(api.call, 'reviveApi.balance', { args: [address], schema: weiSchema }),
    ...sender,
    submit: (signer, call) => {
      const sign = () => sender.sign(signer, call);
      return submitAndWait(sender, { chain: 'polkadot', signer, pollMs, sign });
    },
    stateProof: async (contract, slot, held) => {
      const trieId = contract.trieId ?? (await contractTrieId(contract.address));
      const block = await topology.blockShownBy(held);
      const nodes = await fetchSlotProof(api, trieId, { slot, block });
      const hop = await topology.hopFrom(held);
      return { chain: 'polkadot', blockHash: held.hash, ...(hop && { hop }), nodes };
    },
    contractTrieId,
    finalityHead: topology.finalityHead,
    finalityFragments: topology.finality.fragments,
    close: async () => {
      await Promise.all([topology.close(), api.disconnect()]);
    },
  };
}

const weiSchema = z
  .union([z.int(), z.string().regex(/^0x[0-9a-fA-F]+$/)])
  .transform((value) => BigInt(value));

function requireChainId(api: ApiPromise, expected: bigint): void {
  const constant = memberOf(api.consts, 'revive.chainId').toString();
  if (constant === expected.toString()) return;
  const what = `expected chain id ${expected}, got ${constant}; correct the endpoint or the configuration`;
  throw new ChainError('CHAIN_MISMATCH', { chain: 'polkadot', what });
}

const accountInfoSchema = z.object({
  accountType: z.object({ contract: z.object({ trieId: hexOf(32) }) }),
});

function createTrieIdLookup(api: ApiPromise): (address: Hex) => Promise<Hex> {
  const known = new Map<Hex, Hex>();
  return async (address) => {
    const found = known.get(address);
    if (found !== undefined) return found;
    const query = memberOf(api.query, 'revive.accountInfoOf');
    const info = (await ask('Revive.AccountInfoOf', query(address))).toJSON();
    const where = `AccountInfoOf(${address})`;
    const { accountType } = readShape('polkadot', accountInfoSchema, info, where);
    known.set(address, accountType.contract.trieId);
    return accountType.contract.trieId;
  };
}

const wordSchema = hexOf(32).nullable();
const ZERO_WORD: Hex = `0x${'00'.repeat(32)}`;

async function fetchWord(
  api: ApiPromise,
  trieId: Hex,
  { slot, hash }: { slot: Hex; hash: Hex },
): Promise<Hex> {
  const child = `${CHILD_STORAGE_PREFIX}${trieId.slice(2)}`;
  const key = blake2AsHex(slot, 256);
  const answer = await ask(
    'childstate_getStorage',
    api.rpc.childstate.getStorage(child, key, hash),
  );
  const word = answer.isSome ? answer.unwrap().toHex() : null;
  return readShape('polkadot', wordSchema, word, 'childstate_getStorage') ?? ZERO_WORD;
}

const proofSchema = z.object({ proof: z.array(hexBytes).max(512) });

async function fetchSlotProof(
  api: ApiPromise,
  trieId: Hex,
  { slot, block }: { slot: Hex; block: BlockRef },
): Promise<Uint8Array[]> {
  const child = `${CHILD_STORAGE_PREFIX}${trieId.slice(2)}`;
  const keys = [blake2AsHex(slot, 256)];
  const answer = await ask(
    'state_getChildReadProof',
    api.rpc.state.getChildReadProof(child, keys, block.hash),
  );
  const { proof } = readShape('polkadot', proofSchema, answer.toJSON(), 'state_getChildReadProof');
  return proof.map((node) => fromHex(node));
}
