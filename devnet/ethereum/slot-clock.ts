import { setTimeout as sleep } from 'node:timers/promises';

/** A slot that fails is missed; so many in a row mean that the execution client is gone. */
const MAX_FAILED_SLOTS = 10;

/** What the clock drives. */
export interface SlotChain {
  readonly options: { readonly genesisTimeSec: number; readonly slotMs: number };
  readonly slot: number;
  /** Slots by which its time was moved ahead of the real one. */
  readonly slotsAhead: number;
  produceSlot(): Promise<void>;
}

/**
 * Makes the next slot whenever its time has come, until the signal. A chain that fell behind (a busy or sleeping
 * machine) makes up its slots without pause, as the clock leaves no gaps in its timestamps.
 */
export async function runSlots(chain: SlotChain, signal: AbortSignal): Promise<void> {
  const { genesisTimeSec, slotMs } = chain.options;
  let failedSlots = 0;
  while (!signal.aborted) {
    const dueMs = genesisTimeSec * 1000 + (chain.slot + 1 - chain.slotsAhead) * slotMs;
    try {
      await sleep(Math.max(0, dueMs - Date.now()), undefined, { signal });
      await chain.produceSlot();
      failedSlots = 0;
    } catch (error) {
      if (signal.aborted) return;
      failedSlots++;
      if (failedSlots >= MAX_FAILED_SLOTS) throw error;
    }
  }
}
