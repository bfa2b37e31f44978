import { describe, expect, test } from 'vitest';
import { isFinalState, NEXT_STEPS } from '../../../src/protocol/next-step.ts';
import { MAX_LEGS } from '../../../src/protocol/order.ts';
import { REFUND_PAYOUT_INDEX } from '../../../src/protocol/tag.ts';
import {
  compareSteps,
  currentStep,
  DEFER_REASONS,
  deferReasonOf,
  isShownByBlock,
  quarantineReason,
  SKIP_REASONS,
  type StateReason,
  skipReasonOf,
  stepFor,
  stepsOf,
  type TransferState,
} from '../../../src/protocol/transfer-state.ts';
import {
  isOfTransfer,
  isRefund,
  publicTags,
  refundMark,
  sealedTags,
} from '../../../src/protocol/transfer-tags.ts';
import type { Hex } from '../../../src/shared/bytes.ts';

const reasons = (...of: Parameters<typeof stepsOf>) => stepsOf(...of).map(({ reason }) => reason);

describe('what an event enters', () => {
  test('a block that is final confirms what it shows', () => {
    expect(reasons({ kind: 'deposited', isFinal: false })).toEqual(['deposit-included']);
    expect(reasons({ kind: 'deposited', isFinal: true })).toEqual([
      'deposit-included',
      'deposit-final',
    ]);
    expect(reasons({ kind: 'committed', isFinal: true })).toEqual([
      'commit-included',
      'commit-final',
    ]);
  });

  test('a claim of a part leaves the rest claimable, however final its block', () => {
    const part = stepsOf({ kind: 'claimed', isFinal: true, isWhole: false });
    expect(part).toEqual([{ state: 'claimable', reason: 'claimed-in-part' }]);
    expect(reasons({ kind: 'claimed', isFinal: true, isWhole: true })).toEqual([
      'claim-included',
      'claim-final',
    ]);
  });

  test('a leg in its pool waits, after its commit is final and before it is paid', () => {
    const [waiting] = stepsOf({ kind: 'waiting' });
    expect(waiting).toEqual({ state: 'waiting', reason: 'leg-in-its-pool' });
    const life = (['payout-included', 'leg-in-its-pool', 'commit-final'] as const).map(stepFor);
    expect(currentStep(life)?.state).toBe('released');
    expect(currentStep(life.slice(1))?.state).toBe('waiting');
    expect(isShownByBlock('leg-in-its-pool')).toBe(false);
  });

  test('quarantine and a held batch give their reason', () => {
    const quarantined = stepsOf({ kind: 'quarantined', reason: 'message-unreadable' });
    expect(quarantined).toEqual([{ state: 'quarantined', reason: 'message-unreadable' }]);
    expect(stepsOf({ kind: 'held', reason: 'gateway-paused' })).toEqual([
      stepFor('gateway-paused'),
    ]);
  });
});

describe('where a subject is', () => {
  test('is the latest step of its life, in whatever order the steps became known', () => {
    const life: StateReason[] = ['commit-final', 'deposit-included', 'commit-included'];
    expect(currentStep(life.map(stepFor))).toEqual({ state: 'anchored', reason: 'commit-final' });
    expect(currentStep([])).toBeUndefined();
  });

  test('a message that an enclave takes after all has left the quarantine', () => {
    const steps = [stepFor('replayed-to-proven-head'), stepFor('message-fails')];
    expect(currentStep(steps)?.state).toBe('verified');
    expect(currentStep([...steps, stepFor('ledger-refused')])?.state).toBe('quarantined');
  });

  test('what was claimed in part is claimable until the rest is claimed', () => {
    const steps = [stepFor('claimed-in-part'), stepFor('window-exceeded')];
    expect(currentStep(steps)?.reason).toBe('claimed-in-part');
    expect(currentStep([...steps, stepFor('claim-included')])?.state).toBe('claimed');
    expect(compareSteps(stepFor('claim-included'), stepFor('claim-final'))).toBeLessThan(0);
  });

  test('only what is confirmed, and what there is no money for, waits for nobody', () => {
    const final = (Object.keys(NEXT_STEPS) as TransferState[]).filter(isFinalState);
    expect(final).toEqual(['confirmed', 'skipped']);
  });
});

test('a reorganisation takes back what blocks show, not what enclaves and relayers say', () => {
  expect(isShownByBlock('claim-included')).toBe(true);
  expect(isShownByBlock('replayed-to-proven-head')).toBe(false);
  expect(isShownByBlock('gateway-paused')).toBe(false);
});

test('each reason of a gateway has its word, and one of a later gateway is said to be unknown', () => {
  const named = DEFER_REASONS.slice(1).map((_, i) => deferReasonOf(i + 1));
  expect(named).toEqual(DEFER_REASONS.slice(1));
  expect([deferReasonOf(0), deferReasonOf(250)]).toEqual(['unnamed-reason', 'unnamed-reason']);
});

test('each reason to pay nothing for a refund has its word', () => {
  expect(SKIP_REASONS.map((_, i) => skipReasonOf(i))).toEqual(SKIP_REASONS);
  expect(skipReasonOf(2)).toBe('unnamed-skip');
});

test('a refusal quarantines messages only where it is the messages’ fault', () => {
  expect(quarantineReason('COMMAND_MALFORMED')).toBe('message-unreadable');
  expect(quarantineReason('ENCLAVE_INTERNAL')).toBe('message-fails');
  expect(quarantineReason('ENCLAVE_TRANSITION_FAILED')).toBe('ledger-refused');
  for (const code of [
    'ENCLAVE_REPLAY_MISMATCH',
    'ENCLAVE_INBOX_FULL',
    'STATE_PROOF_BLOCK_UNKNOWN',
  ]) {
    expect(quarantineReason(code)).toBeUndefined();
  }
});

describe('whose a release is', () => {
  const gateway: Hex = `0x${'11'.repeat(20)}`;
  const tags = publicTags({ chainId: 1n, index: 3n }, gateway);
  const [payout] = tags.payouts as [Hex];

  test('a payout is of the transfer on any chain, a refund only on the deposit’s own', () => {
    expect(isOfTransfer({ chainId: 2n, tag: payout }, tags)).toBe(true);
    expect(isRefund({ chainId: 2n, tag: payout }, refundMark(tags))).toBe(false);
    expect(isRefund({ chainId: 1n, tag: tags.refund }, refundMark(tags))).toBe(true);
    expect(isOfTransfer({ chainId: 2n, tag: tags.refund }, tags)).toBe(false);
    const next = publicTags({ chainId: 1n, index: 4n }, gateway);
    expect(isOfTransfer({ chainId: 1n, tag: next.refund }, tags)).toBe(false);
  });

  test('a secret finds every payout that an order can have; a refund is public, whatever was sealed', () => {
    const sealed = sealedTags(new Uint8Array(32).fill(9));
    expect(new Set(sealed.payouts).size).toBe(MAX_LEGS);
    expect(isOfTransfer({ chainId: 8n, tag: sealed.payouts[5] ?? '0x' }, sealed)).toBe(true);
    expect(refundMark(sealed).tags.size).toBe(0);
    expect(REFUND_PAYOUT_INDEX).toBeGreaterThan(sealed.payouts.length);
  });
});
