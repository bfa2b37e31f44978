import { ApiPromise, WsProvider } from '@polkadot/api';
import type { ProviderInterface } from '@polkadot/rpc-provider/types';
import { GATEWAY_ABI } from '../../src/chains/shared/abi.ts';
import type { ContractLog } from '../../src/chains/shared/bridged-chain.ts';
import type { RelaySide } from './relay-world.ts';

/** What the blocks of a chain let through, measured on the release batches of this run. */
export interface Ceiling {
  readonly perSecond: number;
  /** Full batches that fit a block. */
  readonly batchesPerBlock: number;
  readonly blockSec: number;
}

/** Releases that a full batch has. */
const FULL = 16;

/** What Ethereum's gas limit lets through. */
export async function ethereumCeiling(side: RelaySide): Promise<Ceiling> {
  const last = (await fullBatches(side)).at(-1);
  if (last === undefined) throw new Error('no full batch was released');
  const ask = async (method: string, params: readonly unknown[]) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(side.url, { method: 'POST', headers, body });
    return ((await answer.json()) as { result: Record<string, string> }).result;
  };
  const { gasUsed } = await ask('eth_getTransactionReceipt', [last.transactionHash]);
  const { gasLimit } = await ask('eth_getBlockByHash', [last.blockHash, false]);
  const batchesPerBlock = Math.floor(Number(gasLimit) / Number(gasUsed));
  return ceilingOf(batchesPerBlock, await blockSecOf(side));
}

interface Weight {
  readonly refTime: { toBigInt(): bigint };
  readonly proofSize: { toBigInt(): bigint };
}

/** What Polkadot's weight limit for ordinary extrinsics lets through. */
export async function polkadotCeiling(side: RelaySide): Promise<Ceiling> {
  const batches = await fullBatches(side);
  const perBlock = Map.groupBy(batches, ({ blockHash }) => blockHash);
  const [hash, inBlock] = [...perBlock].reduce((most, each) =>
    each[1].length > most[1].length ? each : most,
  );
  const api = await ApiPromise.create({
    // CAST: its `ttl` may be undefined, which the interface leaves out.
    provider: new WsProvider(side.url) as ProviderInterface,
    noInitWarn: true,
  });
  try {
    const at = await api.at(hash);
    const used = (await at.query['system']?.['blockWeight']?.()) as unknown as { normal: Weight };
    const limits = api.consts['system']?.['blockWeights'] as unknown as {
      perClass: { normal: { maxTotal: { unwrap(): Weight } } };
    };
    const limit = limits.perClass.normal.maxTotal.unwrap();
    const fitting = (part: keyof Weight) =>
      Math.floor(
        (Number(limit[part].toBigInt()) * inBlock.length) / Number(used.normal[part].toBigInt()),
      );
    return ceilingOf(Math.min(fitting('refTime'), fitting('proofSize')), await blockSecOf(side));
  } finally {
    await api.disconnect();
  }
}

function ceilingOf(batchesPerBlock: number, blockSec: number): Ceiling {
  return { perSecond: (batchesPerBlock * FULL) / blockSec, batchesPerBlock, blockSec };
}

async function fullBatches({ chain, gateway }: RelaySide): Promise<ContractLog[]> {
  const toBlock = (await chain.head()).number;
  const logs = await chain.logs({ addresses: [gateway], fromBlock: 0, toBlock });
  return logs.filter(({ topics, data }) => {
    const event = GATEWAY_ABI.parseLog({ topics: [...topics], data });
    return event?.name === 'BatchReleased' && Number(event.args['count']) === FULL;
  });
}

/** Seconds from block to block, over those since the beginning of the run's second half. */
async function blockSecOf({ chain, gateway }: RelaySide): Promise<number> {
  const head = await chain.head();
  const logs = await chain.logs({ addresses: [gateway], fromBlock: 0, toBlock: head.number });
  const first = logs[0];
  if (first === undefined) throw new Error('the gateway has logged nothing');
  const [from, to] = await Promise.all([
    chain.blockTimeSec(first.blockHash),
    chain.blockTimeSec(head.hash),
  ]);
  return Number(to - from) / (head.number - first.blockNumber);
}
