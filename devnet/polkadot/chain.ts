import type { Hex } from '../../src/shared/bytes.ts';
import { createGenesisPoint, decodeAuthorities } from './authority-set.ts';
import { type Block, BlockTree } from './block-tree.ts';
import { createExecutor, type Executor } from './executor.ts';
import type { GenesisRequest } from './genesis.ts';
import { buildGenesis } from './genesis.ts';
import { computeHeaderHash } from './header.ts';
import { bytesOf } from './hex.ts';
import { TransactionPool } from './transaction-pool.ts';
import { decodeValidity } from './transaction-validity.ts';

/** What the block producer, the voter and the RPC server share. */
export type Chain = {
  /** Answers questions: validity, runtime calls. */
  readonly executor: Executor;
  /** Builds blocks, so that no number of questions makes a block late. */
  readonly builder: Executor;
  readonly tree: BlockTree;
  readonly pool: TransactionPool;
};

/** `TransactionSource::External`, as for everything that comes in by RPC. */
const EXTERNAL = '02';

/** Builds genesis and an empty pool on top of it. */
export async function createChain(genesis: GenesisRequest): Promise<Chain> {
  const [executor, builder] = [createExecutor(genesis.code), createExecutor(genesis.code)];
  const { header, state } = await buildGenesis(builder, genesis);
  const { result } = await executor.run(state, [['GrandpaApi_grandpa_authorities', []]]);
  const tree = new BlockTree({
    hash: computeHeaderHash(header),
    header,
    extrinsics: [],
    state,
    grandpa: createGenesisPoint(decodeAuthorities(bytesOf(result)).authorities),
  });
  const validate = async (extrinsic: Hex, at: Block) => {
    const argument: Hex = `0x${EXTERNAL}${extrinsic.slice(2)}${at.hash.slice(2)}`;
    const call = ['TaggedTransactionQueue_validate_transaction', [argument]] as const;
    return decodeValidity((await executor.run(at.state, [call])).result);
  };
  return { executor, builder, tree, pool: new TransactionPool(validate) };
}
