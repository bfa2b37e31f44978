import { blake2b256 } from '../../../src/crypto/hashes.ts';
import { type Hex, toHex } from '../../../src/shared/bytes.ts';
import type { Chain } from '../chain.ts';
import { type ChainState, getChildStorage, getNextChildKey } from '../chain-state.ts';
import type { RpcModule, RpcParams } from './module.ts';
import {
  takeBlock,
  takeChildId,
  takeHex,
  takeHexList,
  takeNumber,
  takeOptionalHex,
} from './params.ts';
import { toHexOrNull } from './state.ts';

/** `childstate_*`: the same questions as `state_*`, of one child trie. */
export function createChildStateModule(chain: Chain): RpcModule {
  const valueAt = (params: RpcParams) => {
    const { state } = takeBlock(chain, params, 2);
    return getChildStorage(state, takeChildId(params, 0), takeHex(params, 1));
  };
  const getKeysPaged = (params: RpcParams) =>
    listChildKeys(takeBlock(chain, params, 4).state, takeChildId(params, 0), {
      prefix: takeOptionalHex(params, 1) ?? '0x',
      count: takeNumber(params, 2),
      after: takeOptionalHex(params, 3),
    });
  return {
    methods: {
      childstate_getStorage: (params) => toHexOrNull(valueAt(params)),
      childstate_getStorageHash(params) {
        const value = valueAt(params);
        return value === undefined ? null : toHex(blake2b256(value));
      },
      childstate_getStorageSize: (params) => valueAt(params)?.length ?? null,
      childstate_getStorageEntries(params) {
        const { state } = takeBlock(chain, params, 2);
        const id = takeChildId(params, 0);
        return takeHexList(params, 1).map((key) => toHexOrNull(getChildStorage(state, id, key)));
      },
      childstate_getKeys: (params) =>
        listChildKeys(takeBlock(chain, params, 2).state, takeChildId(params, 0), {
          prefix: takeHex(params, 1),
          count: Number.POSITIVE_INFINITY,
          after: undefined,
        }),
      childstate_getKeysPaged: getKeysPaged,
      childstate_getKeysPagedAt: getKeysPaged,
    },
  };
}

function listChildKeys(
  state: ChainState,
  id: string,
  { prefix, count, after }: { prefix: Hex; count: number; after: Hex | undefined },
): readonly Hex[] {
  const keys: Hex[] = [];
  const from = after ?? prefix;
  if (after === undefined && getChildStorage(state, id, from) !== undefined) keys.push(from);
  let next = getNextChildKey(state, id, { prefix, after: from });
  while (next !== undefined && keys.length < count) {
    keys.push(next);
    next = getNextChildKey(state, id, { prefix, after: next });
  }
  return keys;
}
