import { GATEWAY_ABI } from '../chains/shared/abi.ts';
import type { BridgedChain, ContractLog } from '../chains/shared/bridged-chain.ts';
import { decodeEvent, hexArg, integerArg } from '../chains/shared/decode-event.ts';
import type { AssetId } from '../protocol/asset.ts';
import type { Hex } from '../shared/bytes.ts';

/** A payout that anyone can see. */
export interface PublicPayout {
  readonly recipient: Hex;
  readonly amount: bigint;
  readonly blockHash: Hex;
  /** 32 bytes. */
  readonly tag: Hex;
}

/** A gateway and where its logs begin. */
export interface PayoutSource {
  readonly chain: Pick<BridgedChain, 'logs' | 'head' | 'blockTimeSec'>;
  readonly gateway: Hex;
  readonly fromBlock: number;
}

/** What a gateway has paid of an asset, in its order. @throws {ChainError} */
export async function fetchPayouts(source: PayoutSource, asset: AssetId): Promise<PublicPayout[]> {
  const { chain, gateway, fromBlock } = source;
  const { number: toBlock } = await chain.head();
  const logs = await chain.logs({ addresses: [gateway], fromBlock, toBlock });
  return logs.flatMap((log) => readPayout(log, asset));
}

function readPayout(log: ContractLog, asset: AssetId): PublicPayout[] {
  const event = decodeEvent(GATEWAY_ABI, log);
  if (event?.name !== 'Released' || hexArg(event, 'asset') !== asset) return [];
  const recipient = hexArg(event, 'recipient');
  const amount = integerArg(event, 'amount');
  return [{ recipient, amount, tag: hexArg(event, 'tag'), blockHash: log.blockHash }];
}

/** The payouts since `sinceSec`, from the end on: as many blocks are asked for their time as hold one. @throws {ChainError} */
export async function payoutsSince(
  { chain }: Pick<PayoutSource, 'chain'>,
  payouts: readonly PublicPayout[],
  sinceSec: bigint,
): Promise<PublicPayout[]> {
  const times = new Map<Hex, bigint>();
  for (let i = payouts.length - 1; i >= 0; i--) {
    const { blockHash } = payouts[i] as PublicPayout;
    const timeSec = times.get(blockHash) ?? (await chain.blockTimeSec(blockHash));
    times.set(blockHash, timeSec);
    if (timeSec < sinceSec) return payouts.slice(i + 1);
  }
  return [...payouts];
}

/**
 * How many payouts of one amount there were among these. What left directly or in the open with the same amount counts too: the
 * number is what an observer sees, and the set behind it can be smaller.
 *
 * @param leg the leg's amount, of which the rate was deducted
 */
export function countOfAmount(
  payouts: readonly PublicPayout[],
  { amount, rate }: { readonly amount: bigint; readonly rate: bigint },
): number {
  return payouts.filter((payout) => payout.amount === amount - rate).length;
}

/**
 * Others among whom a pooled payout can be expected to leave, by how many of its amount left before: as many as leave in one mean
 * stay. An estimate of what comes from what was.
 *
 * @param count payouts of the amount within `windowSec`
 */
export function expectedOthers(
  count: number,
  {
    windowSec,
    stayRounds,
    roundSec,
  }: {
    readonly windowSec: bigint;
    readonly stayRounds: number;
    readonly roundSec: bigint;
  },
): number {
  return (count * stayRounds * Number(roundSec)) / Number(windowSec);
}
