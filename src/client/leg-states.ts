import { explain } from '../protocol/explain.ts';
import {
  currentStep,
  releaseSubject,
  type StateReason,
  type TransferState,
} from '../protocol/transfer-state.ts';
import { sealedTags } from '../protocol/transfer-tags.ts';
import { legTag, type OrderRecord } from './order-record.ts';
import { payoutHistory, type Sources } from './transfer-history.ts';

/** Where one leg of an order is. */
export interface LegState {
  readonly leg: OrderRecord['legs'][number];
  /**
   * `inside` of a transfer, which no chain shows; `not seen` while nothing of a payout is on its chain: it waits in its pool, is on its
   * way, or went back into the account.
   */
  readonly state: TransferState | 'inside' | 'not seen';
  readonly reason?: StateReason;
  readonly blockNumber?: number;
  /** What claims it, where it was put aside. */
  readonly claim?: string | undefined;
}

/** Where the legs of an order are, in its order, as far as the chains show it. */
export function legStates(sources: Sources, record: OrderRecord): LegState[] {
  const history = payoutHistory(sources, sealedTags(record.tagSecret));
  return record.legs.map((leg, i): LegState => {
    if (leg.mode === 'transfer') return { leg, state: 'inside' };
    const tag = legTag(record, i);
    const step = currentStep(history.filter((change) => change.tag === tag));
    if (step === undefined) return { leg, state: 'not seen' };
    const { state, reason, blockNumber, chainId, releaseIndex = 0n } = step;
    const claim = explain(releaseSubject(chainId, releaseIndex), [step])?.command;
    return { leg, state, reason, blockNumber, claim };
  });
}
