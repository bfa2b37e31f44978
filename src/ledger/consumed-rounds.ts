import { applySuspensions } from './apply-control.ts';
import { openChains } from './draft.ts';
import type { LedgerState } from './state.ts';
import { takeControl } from './take-control.ts';
import type { TransitionInput } from './transition.ts';

/** What of a transition's input says which chains are suspended in which of its rounds. */
type ControlInput = Pick<TransitionInput, 'round' | 'control' | 'controlOutbox' | 'rules'>;

/**
 * By chain id, the last round of which a transition would consume messages of the chain: the last in which it is not
 * suspended. A chain that is suspended in all of them is left out.
 *
 * @throws {LedgerError} as the transition: LEDGER_ROUND_INCOMPLETE, LEDGER_COMMIT_REFUSED, for the anchor's own outbox
 */
export function consumedRounds(
  state: LedgerState,
  { round, control, controlOutbox, rules }: ControlInput,
): ReadonlyMap<bigint, bigint> {
  const { round: before, control: position, pending } = state;
  const chains = openChains(state, rules);
  const draft = { rules, chains, round: before, control: position, pending };
  takeControl(draft, { ...controlOutbox, count: control, round });
  const last = new Map<bigint, bigint>();
  while (draft.round < round) {
    draft.round += 1n;
    applySuspensions(draft);
    for (const { chainId, isSuspended } of chains.values()) {
      if (!isSuspended) last.set(chainId, draft.round);
    }
  }
  return last;
}
