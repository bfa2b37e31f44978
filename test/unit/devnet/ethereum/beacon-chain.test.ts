import { createHash } from 'node:crypto';
import { ssz } from '@lodestar/types';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DevBeaconChain } from '../../../../devnet/ethereum/beacon-chain.ts';
import type {
  ExecutionBlock,
  ExecutionClient,
} from '../../../../devnet/ethereum/execution-client.ts';
import { isBetterUpdate } from '../../../../devnet/ethereum/light-client-data.ts';
import type { LightClientUpdate } from '../../../../devnet/ethereum/light-client-update.ts';

vi.hoisted(() => {
  // The SSZ types take their preset from here when they load.
  process.env['LODESTAR_PRESET'] = 'minimal';
});

const GENESIS_TIME_SEC = 1_700_000_000;

/** Empty blocks whose hashes are those of their numbers. */
class FakeExecution implements ExecutionClient {
  head = fakeBlock(0, GENESIS_TIME_SEC);
  isDown = false;

  async fetchChainId(): Promise<number> {
    return 1;
  }

  async fetchHead(): Promise<ExecutionBlock> {
    return this.head;
  }

  async mineBlock(timestampSec: number): Promise<ExecutionBlock> {
    if (this.isDown) throw new Error('down');
    this.head = fakeBlock(this.head.blockNumber + 1, timestampSec);
    return this.head;
  }
}

function hashOf(number: number): Uint8Array {
  return createHash('sha256').update(String(number)).digest();
}

function fakeBlock(blockNumber: number, timestamp: number): ExecutionBlock {
  const { transactions: _, withdrawals: __, ...empty } = ssz.fulu.ExecutionPayload.defaultValue();
  const hashes = { blockHash: hashOf(blockNumber), parentHash: hashOf(blockNumber - 1) };
  return { ...empty, ...hashes, blockNumber, timestamp, transactions: [] };
}

let execution: FakeExecution;
let chain: DevBeaconChain;

beforeEach(async () => {
  execution = new FakeExecution();
  const options = { genesisTimeSec: GENESIS_TIME_SEC, slotMs: 1000, absentees: 2 };
  chain = await DevBeaconChain.create(options, execution);
});

async function runTo(slot: number): Promise<void> {
  while (chain.slot < slot) await chain.produceSlot();
}

function checkpoints() {
  const { currentJustified, finalized } = chain.lightClientData.head;
  return { justified: currentJustified.epoch, finalized: finalized.epoch };
}

describe('the finality of the dev beacon', () => {
  it.each([
    [23, { justified: 0, finalized: 0 }],
    [24, { justified: 2, finalized: 0 }],
    [31, { justified: 2, finalized: 0 }],
    [32, { justified: 3, finalized: 2 }],
    [40, { justified: 4, finalized: 3 }],
    [47, { justified: 4, finalized: 3 }],
  ])('is at slot %i what Casper FFG has in good order', async (slot, expected) => {
    await runTo(slot);
    expect(checkpoints()).toEqual(expected);
  });

  it('needs two justified epochs in a row after it was held', async () => {
    await runTo(40);
    chain.faults.isFinalityHeld = true;
    await runTo(56);
    expect(checkpoints()).toEqual({ justified: 4, finalized: 3 });
    chain.faults.isFinalityHeld = false;
    await runTo(64);
    expect(checkpoints()).toEqual({ justified: 7, finalized: 3 });
    await runTo(72);
    expect(checkpoints()).toEqual({ justified: 8, finalized: 7 });
  });

  it('offers no finality update before the first finalized epoch', async () => {
    await runTo(32);
    expect(chain.lightClientData.latestFinalityUpdate).toBeUndefined();
    expect(chain.lightClientData.latestUpdate?.attestedHeader.beacon.slot).toBe(31);
    await runTo(33);
    const update = chain.lightClientData.latestFinalityUpdate;
    expect(update?.finalizedHeader.beacon.slot).toBe(16);
  });
});

describe('the slots of the dev beacon', () => {
  it('misses a slot whose block the execution client refuses', async () => {
    await runTo(3);
    execution.isDown = true;
    await expect(chain.produceSlot()).rejects.toThrow('down');
    execution.isDown = false;
    await chain.produceSlot();
    const { head } = chain.lightClientData;
    expect([chain.slot, head.slot]).toEqual([5, 5]);
    expect(head.header).toMatchObject({ execution: { blockNumber: 4 } });
    expect(chain.lightClientData.blockAtSlot(4)).toBeUndefined();
    expect(chain.lightClientData.latestUpdate).toMatchObject({
      attestedHeader: { beacon: { slot: 3 } },
      signatureSlot: 5,
    });
  });

  it('gives every block the time of its slot', async () => {
    chain.faults.skippedSlots = 4;
    await runTo(6);
    expect(execution.head).toMatchObject({ blockNumber: 2, timestamp: GENESIS_TIME_SEC + 6 });
  });

  it('forgets ordinary blocks after eight periods, and keeps those that start an epoch', async () => {
    await runTo(530);
    const data = chain.lightClientData;
    expect([1, 9, 17, 18].map((slot) => data.blockAtSlot(slot))).toEqual(Array(4).fill(undefined));
    expect([0, 8, 16, 19].map((slot) => data.blockAtSlot(slot)?.slot)).toEqual([0, 8, 16, 19]);
    expect([0, 7].map((period) => data.bestUpdate(period)?.signatureSlot)).toEqual([33, 465]);
  });
});

describe('isBetterUpdate', () => {
  function createUpdate(participants: number, attestedSlot: number, signatureSlot: number) {
    const update: LightClientUpdate = ssz.fulu.LightClientUpdate.defaultValue();
    update.attestedHeader.beacon.slot = attestedSlot;
    update.signatureSlot = signatureSlot;
    for (let seat = 0; seat < participants; seat++) {
      update.syncAggregate.syncCommitteeBits.set(seat, true);
    }
    return update;
  }

  it.each([
    ['two thirds to less', createUpdate(22, 50, 51), createUpdate(21, 40, 41)],
    ['more participants', createUpdate(30, 50, 51), createUpdate(29, 40, 41)],
    ['more participants below two thirds', createUpdate(21, 50, 51), createUpdate(20, 40, 41)],
    ['the older attested header', createUpdate(30, 40, 42), createUpdate(30, 41, 42)],
    ['the older signature', createUpdate(30, 40, 41), createUpdate(30, 40, 42)],
  ])('prefers %s', (_, better, worse) => {
    expect(isBetterUpdate(better, worse)).toBe(true);
    expect(isBetterUpdate(worse, better)).toBe(false);
  });

  it('keeps the first of two that are alike', () => {
    expect(isBetterUpdate(createUpdate(30, 40, 41), createUpdate(30, 40, 41))).toBe(false);
  });
});
