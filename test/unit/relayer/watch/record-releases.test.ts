import { asc } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GATEWAY_ABI } from '../../../../src/chains/shared/abi.ts';
import type { ContractLog } from '../../../../src/chains/shared/bridged-chain.ts';
import { ChainError } from '../../../../src/chains/shared/bridged-chain.ts';
import { GATEWAY_SLOTS } from '../../../../src/protocol/contracts.ts';
import type { Bridge, Side } from '../../../../src/relayer/bridge.ts';
import { type OpenDatabase, openEmbedded } from '../../../../src/relayer/journal/database.ts';
import { claims, cursors, messages, releases } from '../../../../src/relayer/journal/schema.ts';
import { Serial } from '../../../../src/relayer/serial.ts';
import { createReleaseDater } from '../../../../src/relayer/watch/date-releases.ts';
import { recordFinal, recordHead } from '../../../../src/relayer/watch/record-chain.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import {
  ANCHOR,
  claimedLog,
  deferredLog,
  GATEWAY,
  releasedLog,
  SENDER,
  skippedLog,
} from '../../../support/bridge-logs.ts';
import { type CountedChain, createCountedChain, wordOf } from '../../../support/counted-chain.ts';

const WORD: Hex = `0x${'cd'.repeat(32)}`;
const TAG: Hex = `0x${'7a'.repeat(32)}`;
const at = (number: number) => ({ number, hash: WORD });

let journal: OpenDatabase;
beforeAll(async () => {
  journal = await openEmbedded();
}, 60_000);
afterAll(() => journal.close());

function isRelease({ topics }: ContractLog): boolean {
  const name = GATEWAY_ABI.getEvent(topics[0] ?? '0x')?.name;
  return name === 'Released' || name === 'ReleaseDeferred' || name === 'ReleaseSkipped';
}

describe('what a gateway does with its releases, in the journal', () => {
  let logs: ContractLog[];
  let timeOf: (hash: Hex) => bigint;
  let counted: CountedChain;
  let asked: Hex[];
  let bridge: Bridge;
  let side: Side;

  beforeEach(async () => {
    for (const table of [releases, claims, cursors, messages]) await journal.database.delete(table);
    logs = [];
    asked = [];
    timeOf = () => 1_800_000_007n;
    counted = createCountedChain(42n);
    const chain = {
      name: 'polkadot',
      chainId: 42n,
      logs: async ({ fromBlock, toBlock }: { fromBlock: number; toBlock: number }) =>
        logs.filter(({ blockNumber: n }) => n >= fromBlock && n <= toBlock),
      // Of releases the gateway counts those that the logs tell of.
      word: async (contract: Hex, slot: Hex) =>
        slot === GATEWAY_SLOTS.releasedCount
          ? wordOf(BigInt(new Set(logs.filter(isRelease).map(({ topics }) => topics[1])).size))
          : await counted.word(contract, slot),
      // Another fork has what was recorded before.
      hashAt: async () => `0x${'f0'.repeat(32)}`,
      distrust: () => undefined,
      blockTimeSec: async (hash: Hex) => {
        asked.push(hash);
        return timeOf(hash);
      },
    };
    const rest = { gateway: GATEWAY, fromBlock: 3, contracts: [GATEWAY], recording: new Serial() };
    side = { chain, ...rest } as unknown as Side;
    bridge = {
      database: journal.database,
      log: pino({ level: 'silent' }),
      clock: { nowMs: () => 1 },
      anchor: { side: {} as Side, address: ANCHOR },
    } as Partial<Bridge> as Bridge;
  });

  const rows = () => journal.database.select().from(releases).orderBy(asc(releases.index));

  it('is a row for each release: paid, put aside in part, or skipped', async () => {
    logs = [
      releasedLog(0n, TAG, 5),
      releasedLog(1n, TAG, 5),
      deferredLog({ index: 1n, tag: TAG, reason: 5 }, 5),
      skippedLog({ index: 2n, tag: TAG, reason: 1 }, 6),
    ];
    await recordFinal(bridge, side, at(8));
    expect(await rows()).toMatchObject([
      { index: 0n, tag: TAG, recipient: SENDER, paid: 9n, deferred: 0n, isFinal: true },
      { index: 1n, paid: 9n, deferred: 9n, deferReason: 5, skipReason: null },
      { index: 2n, recipient: null, asset: null, paid: 0n, skipReason: 1, transactionHash: WORD },
    ]);
  });

  it('is one row, however often a node tells of it', async () => {
    logs = [
      releasedLog(0n, TAG, 5),
      releasedLog(0n, TAG, 5),
      claimedLog({ index: 3n, tag: TAG }, 5),
    ];
    logs.push(claimedLog({ index: 3n, tag: TAG }, 5));
    await recordFinal(bridge, side, at(8));
    expect(await rows()).toMatchObject([{ paid: 9n }]);
    expect(await journal.database.select().from(claims)).toMatchObject([{ index: 3n, left: 0n }]);
  });

  it('is forgotten if a fork has lost it before it was final', async () => {
    logs = [releasedLog(0n, TAG, 6), releasedLog(1n, TAG, 6)];
    logs.push(claimedLog({ index: 0n, tag: TAG, left: 4n }, 6));
    await recordHead(bridge, side, { head: at(6), final: at(2) });
    logs = [releasedLog(0n, WORD, 7)];
    await recordHead(bridge, side, { head: at(7), final: at(2) });
    expect(await rows()).toMatchObject([{ index: 0n, tag: WORD, blockNumber: 7, isFinal: false }]);
    expect(await journal.database.select().from(claims)).toEqual([]);
  });

  it('has the time of its block once that is final, asked for once a block', async () => {
    logs = [releasedLog(0n, TAG, 6), releasedLog(1n, TAG, 6)];
    const dateReleases = createReleaseDater(bridge, side);
    await recordHead(bridge, side, { head: at(6), final: at(2) });
    await dateReleases();
    expect(asked).toEqual([]);
    await recordFinal(bridge, side, at(7));
    await dateReleases();
    await dateReleases();
    expect((await rows()).map(({ timeSec }) => timeSec)).toEqual([1_800_000_007n, 1_800_000_007n]);
    expect(asked).toEqual([WORD]);
  });

  it('goes without a time that the node does not tell, and asks for it again after ten minutes', async () => {
    let nowMs = 5;
    const old = `0x${'01'.repeat(32)}` as const;
    logs = [{ ...releasedLog(0n, TAG, 4), blockHash: old }, releasedLog(1n, TAG, 6)];
    timeOf = (hash) => {
      if (hash !== old || nowMs >= 600_005) return 7n;
      throw new ChainError('CHAIN_UNAVAILABLE', { chain: 'polkadot', what: 'state pruned' });
    };
    const dateReleases = createReleaseDater(bridge, side, () => nowMs);
    await recordFinal(bridge, side, at(7));
    await dateReleases();
    nowMs = 600_004;
    await dateReleases();
    expect((await rows()).map(({ timeSec }) => timeSec)).toEqual([null, 7n]);
    expect(asked).toEqual([WORD, old]);
    nowMs = 600_005;
    await dateReleases();
    expect((await rows()).map(({ timeSec }) => timeSec)).toEqual([7n, 7n]);
  });

  it('waits for no more than one time that is not told before the chain is looked at again', async () => {
    const hashes = [1, 2, 3].map((n): Hex => `0x${`0${n}`.repeat(32)}`);
    logs = hashes.map((blockHash, i) => ({
      ...releasedLog(BigInt(i), TAG, 4 + i),
      blockHash,
    }));
    timeOf = () => {
      throw new ChainError('CHAIN_TIMEOUT', { chain: 'polkadot', what: 'no answer' });
    };
    const dateReleases = createReleaseDater(bridge, side);
    await recordFinal(bridge, side, at(7));
    for (const count of [1, 2, 3, 3]) {
      await dateReleases();
      expect(asked).toHaveLength(count);
    }
  });

  it('stands beside deposits that are found by their transaction', async () => {
    counted.deposit(5);
    logs = counted.logs;
    await recordFinal(bridge, side, at(7));
    const found = await journal.database.select().from(messages);
    expect(found).toMatchObject([{ index: 0n, transactionHash: WORD }]);
  });
});
