import { integer } from '../../../src/chains/shared/node-hex.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import type { Block } from '../block-tree.ts';
import type { Chain } from '../chain.ts';
import type { Header } from '../header.ts';
import { bytesOf } from '../hex.ts';
import type { Emit, RpcModule, RpcParams, RpcSubscription } from './module.ts';
import { takeOptionalHash } from './params.ts';
import { invalidParams } from './rpc-error.ts';

/** `FRNK` */
const GRANDPA_ENGINE_ID = [0x46, 0x52, 0x4e, 0x4b];

/** The header in a node's JSON. */
export function toHeaderJson(header: Header): object {
  return {
    parentHash: header.parentHash,
    number: `0x${header.number.toString(16)}`,
    stateRoot: header.stateRoot,
    extrinsicsRoot: header.extrinsicsRoot,
    digest: { logs: header.logs },
  };
}

/** `chain_*`: headers, blocks, hashes, heads. */
export function createChainModule(chain: Chain): RpcModule {
  const { tree } = chain;
  const blockOf = (params: RpcParams) => {
    const hash = takeOptionalHash(params, 0);
    return hash === undefined ? tree.best : tree.get(hash);
  };
  const getHeader = (params: RpcParams) => {
    const block = blockOf(params);
    return block === undefined ? null : toHeaderJson(block.header);
  };
  const getFinalizedHead = () => tree.finalized.hash;
  const getBlockHash = ([numbers]: RpcParams) => hashesOf(chain, numbers);
  return {
    methods: {
      chain_getHeader: getHeader,
      chain_getBlock(params) {
        const block = blockOf(params);
        return block === undefined ? null : toSignedBlockJson(chain, block);
      },
      chain_getBlockHash: getBlockHash,
      chain_getHead: getBlockHash,
      chain_getFinalizedHead: getFinalizedHead,
      chain_getFinalisedHead: getFinalizedHead,
    },
    subscriptions: headSubscriptions(chain),
  };
}

function toSignedBlockJson({ tree }: Chain, { hash, header, extrinsics }: Block): object {
  const justification = tree.justificationOf(hash);
  const justifications =
    justification === undefined ? null : [[GRANDPA_ENGINE_ID, [...bytesOf(justification)]]];
  return { block: { header: toHeaderJson(header), extrinsics }, justifications };
}

function hashesOf(chain: Chain, numbers: unknown): Hex | null | (Hex | null)[] {
  if (numbers === undefined || numbers === null) return chain.tree.best.hash;
  if (Array.isArray(numbers)) return numbers.map((number) => hashAt(chain, number));
  return hashAt(chain, numbers);
}

function hashAt({ tree }: Chain, number: unknown): Hex | null {
  const read = integer.safeParse(number);
  if (!read.success) throw invalidParams('parameter 0 is not a block number');
  return tree.atNumber(Number(read.data))?.hash ?? null;
}

function headSubscriptions(chain: Chain): Readonly<Record<string, RpcSubscription>> {
  const newHeads: RpcSubscription = {
    notification: 'chain_newHead',
    unsubscribe: ['chain_unsubscribeNewHeads', 'chain_unsubscribeNewHead', 'unsubscribe_newHead'],
    start: (_params, emit) => streamNewHeads(chain, emit),
  };
  const finalizedHeads: RpcSubscription = {
    notification: 'chain_finalizedHead',
    unsubscribe: ['chain_unsubscribeFinalizedHeads', 'chain_unsubscribeFinalisedHeads'],
    start: (_params, emit) => streamFinalizedHeads(chain, emit),
  };
  return {
    chain_subscribeNewHeads: newHeads,
    chain_subscribeNewHead: newHeads,
    subscribe_newHead: newHeads,
    chain_subscribeFinalizedHeads: finalizedHeads,
    chain_subscribeFinalisedHeads: finalizedHeads,
    chain_subscribeAllHeads: {
      notification: 'chain_allHead',
      unsubscribe: ['chain_unsubscribeAllHeads'],
      start: (_params, emit) => streamAllHeads(chain, emit),
    },
  };
}

function streamNewHeads({ tree }: Chain, emit: Emit): () => void {
  emit(toHeaderJson(tree.best.header));
  return tree.imported.subscribe(({ block, enacted }) => {
    if (enacted.length > 0) emit(toHeaderJson(block.header));
  });
}

function streamAllHeads({ tree }: Chain, emit: Emit): () => void {
  emit(toHeaderJson(tree.best.header));
  return tree.imported.subscribe(({ block }) => emit(toHeaderJson(block.header)));
}

/** Like a node: of several blocks that become final at once, the last one only. */
function streamFinalizedHeads({ tree }: Chain, emit: Emit): () => void {
  emit(toHeaderJson(tree.finalized.header));
  return tree.finalizedBlocks.subscribe(({ block }) => emit(toHeaderJson(block.header)));
}
