import type { ProviderInterface } from '@polkadot/rpc-provider/types';
import { ApiPromise, WsProvider } from '#polkadot/api';
import { GATEWAY_ABI } from '../../src/chains/shared/abi.ts';
import type { ContractLog } from '../../src/chains/shared/bridged-chain.ts';
import { allLogs } from './figures.ts';
import type { RelaySide } from './relay-world.ts';

/** What the blocks of a chain let through, measured on the release batches of this run. */
export interface Ceiling {
  readonly perSecond: number;
  /** Full batches that fit a block. */
  readonly batchesPerBlock: number;
  readonly blockSec: number;
}

/** Releases that a full batch has: `MAX_BATCH_RELEASES` of the gateway. */
export const FULL = 16;

/** How long it took until all that had been waiting was released. */
export interface CaughtUp {
  readonly count: number;
  readonly ceiling: Ceiling;
  readonly tookMs: number;
}

/** What the blocks alone take for it, were each as full as it can be. */
export function ceilingMs({ count, ceiling }: CaughtUp): number {
  return (count * 1000) / ceiling.perSecond;
}

/** What it took beyond that. */
export function beyondMs(caughtUp: CaughtUp): number {
  return Math.max(0, caughtUp.tookMs - ceilingMs(caughtUp));
}

/** What Ethereum's gas limit lets through, by the batches of the blocks after `since`. */
export async function ethereumCeiling(side: RelaySide, since: number): Promise<Ceiling> {
  const batches = await fullBatches(side, since);
  const last = batches.at(-1);
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
  return ceilingOf(batchesPerBlock, await blockSecOf(side, batches));
}

interface Weight {
  readonly refTime: { toBigInt(): bigint };
  readonly proofSize: { toBigInt(): bigint };
}

/** What Polkadot's weight limit for ordinary extrinsics lets through: by the block that took least for each batch, as others had deposits too. */
export async function polkadotCeiling(side: RelaySide, since: number): Promise<Ceiling> {
  const batches = await fullBatches(side, since);
  const perBlock = Map.groupBy(batches, ({ blockHash }) => blockHash);
  const api = await ApiPromise.create({
    // CAST: its `ttl` may be undefined, which the interface leaves out.
    provider: new WsProvider(side.url) as ProviderInterface,
    noInitWarn: true,
  });
  try {
    const limits = api.consts['system']?.['blockWeights'] as unknown as {
      perClass: { normal: { maxTotal: { unwrap(): Weight } } };
    };
    const limit = limits.perClass.normal.maxTotal.unwrap();
    let most = 0;
    for (const [hash, { length }] of perBlock) {
      const at = await api.at(hash);
      const used = (await at.query['system']?.['blockWeight']?.()) as unknown as { normal: Weight };
      most = Math.max(most, fitting(limit, used.normal, length));
    }
    return ceilingOf(most, await blockSecOf(side, batches));
  } finally {
    await api.disconnect();
  }
}

/** How many of so many equal parts fit. */
function fitting(limit: Weight, used: Weight, parts: number): number {
  const of = (part: keyof Weight) =>
    Math.floor((Number(limit[part].toBigInt()) * parts) / Number(used[part].toBigInt()));
  return Math.min(of('refTime'), of('proofSize'));
}

function ceilingOf(batchesPerBlock: number, blockSec: number): Ceiling {
  return { perSecond: (batchesPerBlock * FULL) / blockSec, batchesPerBlock, blockSec };
}

async function fullBatches({ chain, gateway }: RelaySide, since: number): Promise<ContractLog[]> {
  return (await allLogs(chain, gateway)).filter(({ topics, data, blockNumber }) => {
    const event = GATEWAY_ABI.parseLog({ topics: [...topics], data });
    const isFull = event?.name === 'BatchReleased' && Number(event.args['count']) === FULL;
    return isFull && blockNumber > since;
  });
}

/** Seconds from block to block while these were released: a chain may be slower under load. */
async function blockSecOf({ chain }: RelaySide, batches: readonly ContractLog[]): Promise<number> {
  const [first, last] = [batches[0], batches.at(-1)];
  if (first === undefined || last === undefined) throw new Error('no full batch was released');
  // From the block before them: all may be in one.
  const before = first.blockNumber - 1;
  const hash = await chain.hashAt(before);
  if (hash === undefined) throw new Error(`the node knows no block ${before}`);
  const [from, to] = await Promise.all([
    chain.blockTimeSec(hash),
    chain.blockTimeSec(last.blockHash),
  ]);
  return Number(to - from) / (last.blockNumber - before);
}
