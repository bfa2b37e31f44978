import { describe, expect, it } from 'vitest';
import { CAUSES, explain } from '../../../src/protocol/explain.ts';
import { NEXT_STEPS } from '../../../src/protocol/next-step.ts';
import { REASONS, type StateReason, stepFor } from '../../../src/protocol/transfer-state.ts';

const RELEASE = 'release 420420499/7';
const ALL = Object.keys(REASONS) as StateReason[];
const steps = (...reasons: StateReason[]) => reasons.map(stepFor);

describe('an explanation', () => {
  it('has a cause, who acts next and what they do, for every reason that there is', () => {
    for (const reason of ALL) {
      const told = explain(RELEASE, steps(reason));
      expect(told).toMatchObject({ reason, cause: CAUSES[reason] });
      expect(told?.next).toBe(NEXT_STEPS[stepFor(reason).state].what);
      expect(told?.isOver).toBe(told?.who === 'nobody');
    }
  });

  it('is of where the subject is, in whatever order its steps became known', () => {
    const told = explain('message 31337/0', steps('commit-included', 'deposit-included'));
    expect(told).toMatchObject({ state: 'committed', who: 'anchor chain', isFinality: true });
  });

  it('is of nothing where nothing is known', () => {
    expect(explain(RELEASE, [])).toBeUndefined();
  });

  it.each([
    [['deposit-included'], 'in flight'],
    [['deposit-final', 'commit-final'], 'in flight'],
    [['message-fails'], 'held up'],
    [['gateway-paused'], 'held up'],
    [['payout-included', 'payout-failed'], 'claimable'],
    [['payout-included', 'payout-final'], 'paid'],
    [['refund-included'], 'refunded'],
    [['refund-included', 'payout-final'], 'refunded'],
    [['already-spent'], 'nothing to pay'],
  ] satisfies [StateReason[], string][])('of %j says that it is %s', (reasons, standing) => {
    expect(explain(RELEASE, steps(...reasons))?.standing).toBe(standing);
  });

  it('gives the command of whoever has to act, by the id that the command takes', () => {
    expect(explain(RELEASE, steps('payout-failed'))?.command).toBe(
      'veilspan claim 420420499/7 --config client.json',
    );
    expect(explain('message 31337/0', steps('message-fails'))?.command).toContain(
      'relayer retry 31337/0 ',
    );
    // What it has halted is no lane of its chain.
    expect(explain('message 31337/0', steps('ledger-refused'))?.command).toBe(
      'veilspan relayer retry commit --config relayer.json',
    );
    expect(explain('batch 420420499/4', steps('gateway-refused'))?.command).toContain(
      'relayer retry batch/420420499/4 ',
    );
    expect(explain('batch 420420499/4', steps('held-by-operator'))?.command).toContain(
      'relayer release batch/420420499/4 ',
    );
    expect(explain('batch 420420499/4', steps('account-empty'))?.command).toBe(
      'veilspan relayer balance --config relayer.json',
    );
    expect(explain(RELEASE, steps('recipient-impossible'))?.command).toBeUndefined();
    expect(explain(RELEASE, steps('recipient-impossible', 'claim-assigned'))?.command).toContain(
      'veilspan claim 420420499/7 ',
    );
    // Only the bridge's owner can do something about it.
    expect(explain('batch 420420499/4', steps('gateway-paused'))?.command).toBeUndefined();
    expect(explain(RELEASE, steps('payout-included'))?.command).toBeUndefined();
  });
});
