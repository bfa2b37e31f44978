import { blake2b256 } from '../../../src/crypto/hashes.ts';
import { type Hex, toHex } from '../../../src/shared/bytes.ts';
import type { Block } from '../block-tree.ts';
import type { Chain } from '../chain.ts';
import {
  type ChainState,
  getNextKey,
  getTopStorage,
  proveChildKeys,
  proveKeys,
} from '../chain-state.ts';
import type { Emit, RpcModule, RpcParams } from './module.ts';
import {
  takeBlock,
  takeBlockToCall,
  takeChildId,
  takeHex,
  takeHexList,
  takeOptionalHex,
  takeText,
} from './params.ts';
import { invalidParams, RpcError } from './rpc-error.ts';
import { type RuntimeApi, toVersionJson } from './runtime-api.ts';

/** SPEC: sc-rpc, `STORAGE_KEYS_PAGED_MAX_COUNT`. */
const MAX_PAGE = 1000;
const MAX_QUERIED_BLOCKS = 10_000;

/** `state_*` over the top trie. */
export function createStateModule(chain: Chain, runtime: RuntimeApi): RpcModule {
  return {
    methods: {
      ...storageMethods(chain),
      ...keyMethods(chain),
      ...proofMethods(chain),
      ...runtimeMethods(chain, runtime),
    },
    subscriptions: stateSubscriptions(chain, runtime),
  };
}

type Methods = RpcModule['methods'];

function storageMethods(chain: Chain): Methods {
  const storageAt = (params: RpcParams) =>
    getTopStorage(takeBlock(chain, params, 1).state, takeHex(params, 0));
  const getValue = (params: RpcParams) => toHexOrNull(storageAt(params));
  const getHash = (params: RpcParams) => {
    const value = storageAt(params);
    return value === undefined ? null : toHex(blake2b256(value));
  };
  const getSize = (params: RpcParams) => storageAt(params)?.length ?? null;
  return {
    state_getStorage: getValue,
    state_getStorageAt: getValue,
    state_getStorageHash: getHash,
    state_getStorageHashAt: getHash,
    state_getStorageSize: getSize,
    state_getStorageSizeAt: getSize,
    state_queryStorageAt: (params) => queryStorageAt(chain, params),
    state_queryStorage: (params) => queryStorage(chain, params),
  };
}

function keyMethods(chain: Chain): Methods {
  const getKeysPaged = (params: RpcParams) => pageKeys(chain, params);
  return {
    state_getKeysPaged: getKeysPaged,
    state_getKeysPagedAt: getKeysPaged,
    state_getKeys: (params) => listKeys(takeBlock(chain, params, 1).state, takeHex(params, 0)),
    state_getPairs: (params) => listPairs(takeBlock(chain, params, 1).state, takeHex(params, 0)),
  };
}

function proofMethods(chain: Chain): Methods {
  return {
    state_getReadProof(params) {
      const block = takeBlock(chain, params, 1);
      return toProofJson(block, proveKeys(block.state, takeHexList(params, 0)));
    },
    state_getChildReadProof(params) {
      const block = takeBlock(chain, params, 2);
      const id = takeChildId(params, 0);
      return toProofJson(block, proveChildKeys(block.state, id, takeHexList(params, 1)));
    },
  };
}

function runtimeMethods(chain: Chain, runtime: RuntimeApi): Methods {
  const call = (params: RpcParams) =>
    runtime.call(takeBlockToCall(chain, params, 2), takeText(params, 0), takeHex(params, 1));
  const getVersion = async (params: RpcParams) =>
    toVersionJson(await runtime.version(takeBlockToCall(chain, params, 0)));
  return {
    state_call: call,
    state_callAt: call,
    state_getMetadata: (params) => runtime.metadata(takeBlockToCall(chain, params, 0)),
    state_getRuntimeVersion: getVersion,
    chain_getRuntimeVersion: getVersion,
  };
}

function stateSubscriptions(
  chain: Chain,
  runtime: RuntimeApi,
): NonNullable<RpcModule['subscriptions']> {
  const versions = {
    notification: 'state_runtimeVersion',
    unsubscribe: ['state_unsubscribeRuntimeVersion', 'chain_unsubscribeRuntimeVersion'],
    start: (_params: RpcParams, emit: Emit) => streamVersions(chain, runtime, emit),
  };
  return {
    state_subscribeStorage: {
      notification: 'state_storage',
      unsubscribe: ['state_unsubscribeStorage'],
      start: (params, emit) => streamStorage(chain, takeHexList(params, 0), emit),
    },
    state_subscribeRuntimeVersion: versions,
    chain_subscribeRuntimeVersion: versions,
  };
}

/** A value in hex, or null where there is none. */
export function toHexOrNull(value: Uint8Array | undefined): Hex | null {
  return value === undefined ? null : toHex(value);
}

function toProofJson({ hash }: Block, proof: readonly Uint8Array[]): object {
  return { at: hash, proof: proof.map(toHex) };
}

function pageKeys(chain: Chain, params: RpcParams): readonly Hex[] {
  const prefix = takeOptionalHex(params, 0) ?? '0x';
  const count = params[1];
  if (typeof count !== 'number') throw invalidParams('parameter 1 is not a count');
  if (count > MAX_PAGE) {
    throw new RpcError(4002, `count exceeds maximum value. value: ${count}, max: ${MAX_PAGE}`);
  }
  const { state } = takeBlock(chain, params, 3);
  return listKeys(state, prefix, { after: takeOptionalHex(params, 2), count });
}

/** Keys with a prefix in order, from the first one after `after`. */
function listKeys(
  state: ChainState,
  prefix: Hex,
  page: { after?: Hex | undefined; count?: number } = {},
): readonly Hex[] {
  const { after, count = Number.POSITIVE_INFINITY } = page;
  const keys: Hex[] = [];
  let next = after === undefined ? firstKey(state, prefix) : getNextKey(state, prefix, after);
  while (next !== undefined && keys.length < count) {
    keys.push(next);
    next = getNextKey(state, prefix, next);
  }
  return keys;
}

/** A prefix may itself be a key; no key of the state is empty. */
function firstKey(state: ChainState, prefix: Hex): Hex | undefined {
  if (getTopStorage(state, prefix) !== undefined) return prefix;
  return getNextKey(state, prefix, prefix);
}

function listPairs(state: ChainState, prefix: Hex): readonly (readonly [Hex, Hex | null])[] {
  return listKeys(state, prefix).map((key) => [key, toHexOrNull(getTopStorage(state, key))]);
}

type ChangeSet = { block: Hex; changes: (readonly [Hex, Hex | null])[] };

function readChanges({ hash, state }: Block, keys: readonly Hex[]): ChangeSet {
  return { block: hash, changes: keys.map((key) => [key, toHexOrNull(getTopStorage(state, key))]) };
}

function queryStorageAt(chain: Chain, params: RpcParams): readonly ChangeSet[] {
  return [readChanges(takeBlock(chain, params, 1), takeHexList(params, 0))];
}

/** The first block's values, then each later block's changes. */
function queryStorage(chain: Chain, params: RpcParams): readonly ChangeSet[] {
  const keys = takeHexList(params, 0);
  const from = takeBlock(chain, params, 1);
  const to = takeBlock(chain, params, 2);
  const first = from.header.number;
  const last = to.header.number;
  if (last < first || last - first > MAX_QUERIED_BLOCKS) {
    throw new RpcError(4001, `Cannot resolve a block range ['${from.hash}' ... '${to.hash}]`);
  }
  const changes = [readChanges(from, keys)];
  for (let number = first + 1; number <= last; number++) {
    const [block, parent] = [chain.tree.atNumber(number), chain.tree.atNumber(number - 1)];
    if (block === undefined || parent === undefined) break;
    const changed = keys.filter((key) => isChanged(parent.state, block.state, key));
    if (changed.length > 0) changes.push(readChanges(block, changed));
  }
  return changes;
}

function isChanged(before: ChainState, after: ChainState, key: Hex): boolean {
  return toHexOrNull(getTopStorage(before, key)) !== toHexOrNull(getTopStorage(after, key));
}

function streamStorage({ tree }: Chain, keys: readonly Hex[], emit: Emit): () => void {
  let seen = tree.best.state;
  emit(readChanges(tree.best, keys));
  return tree.imported.subscribe(({ block, enacted }) => {
    if (enacted.length === 0) return;
    const changed = keys.filter((key) => isChanged(seen, block.state, key));
    seen = block.state;
    if (changed.length > 0) emit(readChanges(block, changed));
  });
}

async function streamVersions(chain: Chain, runtime: RuntimeApi, emit: Emit): Promise<() => void> {
  let last = '';
  const emitIfNew = async (block: Block) => {
    const next = JSON.stringify(toVersionJson(await runtime.version(block)));
    if (next !== last) emit(JSON.parse(next));
    last = next;
  };
  await emitIfNew(chain.tree.best);
  return chain.tree.imported.subscribe(({ block, enacted }) => {
    if (enacted.length === 0 || !runtime.isCodeChanged(chain, block)) return;
    // Fails only while the chain is closing.
    emitIfNew(block).catch(() => undefined);
  });
}
