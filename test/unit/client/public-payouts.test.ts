import { describe, expect, test } from 'vitest';
import type { BridgedChain, ContractLog } from '../../../src/chains/shared/bridged-chain.ts';
import { hasDepositedLately, ownAddresses } from '../../../src/client/own-deposits.ts';
import {
  countOfAmount,
  expectedOthers,
  fetchPayouts,
  type PayoutSource,
  payoutsSince,
} from '../../../src/client/public-payouts.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { bridgeLog, deferredLog, depositLog, GATEWAY, SENDER } from '../../support/bridge-logs.ts';
import { addressOf, WEST_COIN, wordOf } from '../../support/ledger.ts';

const ASSET: Hex = `0x${'cd'.repeat(32)}`;
/** Seconds between two blocks of the scripted chain, whose block 0 is of the time 0. */
const BLOCK_SEC = 600n;

const blockHash = (number: number): Hex => `0x${number.toString(16).padStart(64, '0')}`;

function paid(amount: bigint, blockNumber: number, asset: Hex = ASSET): ContractLog {
  const args = [0n, wordOf(9), asset, addressOf(Number(amount)), amount];
  return { ...bridgeLog('Released', args, blockNumber), blockHash: blockHash(blockNumber) };
}

function chainWith(logs: readonly ContractLog[], head: number) {
  const asked: Hex[] = [];
  const chain = {
    name: 'west',
    chainId: 1n,
    head: async () => ({ number: head, hash: blockHash(head) }),
    logs: async () => [...logs],
    blockTimeSec: async (hash: Hex) => {
      asked.push(hash);
      return BigInt(hash) * BLOCK_SEC;
    },
  };
  return { asked, source: { chain, gateway: GATEWAY, fromBlock: 0 } satisfies PayoutSource };
}

describe('public payouts', () => {
  test('are those of the asset that were made, not those put aside', async () => {
    const logs = [
      paid(5n, 1),
      paid(6n, 2, WEST_COIN),
      deferredLog({ index: 1n, tag: wordOf(1) }, 3),
    ];
    const { source } = chainWith(logs, 9);
    expect(await fetchPayouts(source, ASSET)).toMatchObject([
      { amount: 5n, recipient: addressOf(5), tag: wordOf(9) },
    ]);
  });

  test('of the last day are found from the end on, at one question a block', async () => {
    const { source, asked } = chainWith([paid(1n, 1), paid(2n, 5), paid(3n, 8), paid(4n, 8)], 9);
    const all = await fetchPayouts(source, ASSET);
    const recent = await payoutsSince(source, all, 5n * BLOCK_SEC);
    expect(recent.map(({ amount }) => amount)).toEqual([2n, 3n, 4n]);
    expect(asked).toEqual([8, 5, 1].map(blockHash));
  });

  test('count for a leg that is as large before its rate', async () => {
    const { source } = chainWith([paid(97n, 1), paid(100n, 2), paid(97n, 3)], 9);
    const payouts = await fetchPayouts(source, ASSET);
    expect(countOfAmount(payouts, { amount: 100n, rate: 3n })).toBe(2);
  });
});

test('as many others are expected as left in one mean stay before', () => {
  const times = { windowSec: 86_400n, stayRounds: 96, roundSec: 300n };
  expect(expectedOthers(24, times)).toBeCloseTo(8);
  expect(expectedOthers(0, times)).toBe(0);
});

describe('what one’s own addresses have deposited lately', () => {
  const DEPOSIT_BLOCK = 3_000_000;
  // The logged deposit was sent at 1,800,000,000.
  const at = (hoursLater: number) => {
    const { source } = chainWith([depositLog(0n, 1)], DEPOSIT_BLOCK + hoursLater * 6);
    // CAST: nothing else of the chain is asked.
    return { ...source, chain: source.chain as unknown as BridgedChain };
  };

  test('is seen for a day, of this asset alone', async () => {
    expect(await hasDepositedLately([at(1)], [SENDER], ASSET)).toBe(true);
    expect(await hasDepositedLately([at(25)], [SENDER], ASSET)).toBe(false);
    expect(await hasDepositedLately([at(1)], [SENDER], WEST_COIN)).toBe(false);
    expect(await hasDepositedLately([at(1)], [addressOf(1)], ASSET)).toBe(false);
  });

  test('is not known of a key that chains know by another address', () => {
    const publicKey: Hex = `0x${'00'.repeat(12)}${'ab'.repeat(20)}`;
    const own = (scheme: 'secp256k1' | 'sr25519') =>
      ownAddresses({ owner: { scheme, publicKey, index: 0 } });
    expect(own('secp256k1')).toEqual([`0x${'ab'.repeat(20)}`]);
    expect(own('sr25519')).toEqual([]);
  });
});
