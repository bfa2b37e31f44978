import { describe, expect, it } from 'vitest';
import { createChainClock } from '../../../devnet/chain-clock.ts';

const REAL_MS = 1_800_000_000_000;

describe('the clock of the Polkadot side', () => {
  it('stands still until it follows, however many blocks are begun', () => {
    const clock = createChainClock(() => REAL_MS);
    const atStart = clock.nowMs();
    clock.takeSlot();
    clock.takeSlot();
    expect(clock.nowMs()).toBe(atStart);
    expect(atStart).toBeLessThan(REAL_MS);
  });

  it('has room for blocks before they are due, but never so many that a chain is ahead of the real time', () => {
    const clock = createChainClock(() => REAL_MS);
    const roomMs = REAL_MS - clock.nowMs();
    let blocks = 0;
    while (clock.hasRoom()) {
      clock.takeSlot();
      blocks++;
    }
    expect(blocks).toBeGreaterThan(100);
    expect(blocks * 2000).toBeLessThan(roomMs);
  });

  it('gives every block the time at which it was begun once it follows, and one block to a slot', () => {
    let nowMs = REAL_MS;
    const clock = createChainClock(() => nowMs);
    clock.follow();
    clock.takeSlot();
    nowMs += 1999;
    expect(clock.isDue()).toBe(false);
    nowMs += 1;
    expect(clock.isDue()).toBe(true);
    clock.takeSlot();
    nowMs += 500;
    expect(clock.nowMs()).toBe(REAL_MS + 2000);
    expect(clock.hasRoom()).toBe(false);
  });

  it('is ahead by what it was moved', () => {
    const clock = createChainClock(() => REAL_MS);
    clock.follow();
    clock.takeSlot();
    clock.forward(3600);
    expect(clock.isDue()).toBe(true);
    clock.takeSlot();
    expect(clock.nowMs()).toBe(REAL_MS + 3_600_000);
  });
});
