import { describe, expect, it } from 'vitest';
import { runSlots } from '../../../../devnet/ethereum/slot-clock.ts';

const SLOT_MS = 5;

/** Counts its slots; `onSlot` decides which fail. */
function createChain(onSlot: (slot: number) => void) {
  const genesisTimeSec = Math.floor(Date.now() / 1000);
  const chain = {
    options: { genesisTimeSec, slotMs: SLOT_MS },
    slot: 0,
    slotsAhead: 0,
    async produceSlot() {
      chain.slot++;
      onSlot(chain.slot);
    },
  };
  return chain;
}

describe('runSlots', () => {
  it('never runs ahead of the clock, and stops when told', async () => {
    const stop = new AbortController();
    const early: number[] = [];
    const chain = createChain((slot) => {
      const dueMs = chain.options.genesisTimeSec * 1000 + slot * SLOT_MS;
      if (Date.now() < dueMs - 1) early.push(slot);
      if (Date.now() >= dueMs && slot >= 250) stop.abort();
    });
    await runSlots(chain, stop.signal);
    expect(early).toEqual([]);
    expect(chain.slot).toBe(250);
  });

  it('makes up at once for slots by which its time was moved ahead', async () => {
    const stop = new AbortController();
    const chain = createChain((slot) => {
      if (slot === 10) chain.slotsAhead = 100_000;
      if (slot === 500) stop.abort();
    });
    const startedMs = Date.now();
    await runSlots(chain, stop.signal);
    expect(Date.now() - startedMs).toBeLessThan(500 * SLOT_MS);
  });

  it('takes a failed slot for a missed one', async () => {
    const stop = new AbortController();
    const chain = createChain((slot) => {
      if (slot === 30) stop.abort();
      if (slot % 3 !== 0) throw new Error('no block');
    });
    await runSlots(chain, stop.signal);
    expect(chain.slot).toBe(30);
  });

  it('gives up after ten failures in a row, with the last error', async () => {
    const chain = createChain((slot) => {
      throw new Error(`slot ${slot}`);
    });
    await expect(runSlots(chain, new AbortController().signal)).rejects.toThrow('slot 10');
  });
});
