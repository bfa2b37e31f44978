import type { FinalityRule } from '../chains/shared/finality-source.ts';

/**
 * Milliseconds until a block can be expected to be final, if the chain goes on as it should.
 * For `casper` both numbers are slots, for `grandpa` block numbers. Execution block numbers in place of slots shift
 * the estimate by an epoch at most.
 */
export function finalityEtaMs(rule: FinalityRule, included: number, now: number): number {
  if (rule.kind === 'grandpa') return Math.max(0, included + rule.lagBlocks - now) * rule.blockMs;
  const checkpointEpoch = Math.ceil(included / rule.slotsPerEpoch);
  // The block that shows it, and one slot for the committee to sign that block.
  const finalAtSlot = (checkpointEpoch + 2) * rule.slotsPerEpoch + 1;
  return Math.max(0, finalAtSlot - now) * rule.slotMs;
}
