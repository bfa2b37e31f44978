import { explain } from '../protocol/explain.ts';
import { NEXT_STEPS } from '../protocol/next-step.ts';
import {
  currentStep,
  releaseSubject,
  type StateReason,
  type TransferState,
} from '../protocol/transfer-state.ts';
import { sealedTags } from '../protocol/transfer-tags.ts';
import type { Hex } from '../shared/bytes.ts';
import { legTag, type OrderRecord } from './order-record.ts';
import { payoutHistory, type Sources } from './transfer-history.ts';
import type { TransferReport } from './transfer-report.ts';

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
  readonly transactionHash?: Hex | undefined;
  /** What names it at its gateway. */
  readonly releaseIndex?: bigint | undefined;
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
    const { state, reason, blockNumber, chainId, releaseIndex = 0n, transactionHash } = step;
    const claim = explain(releaseSubject(chainId, releaseIndex), [step])?.command;
    return { leg, state, reason, blockNumber, transactionHash, releaseIndex, claim };
  });
}

/**
 * What is said of a sealed deposit together with where its payouts are, which its own steps cannot say: of a payout that is put aside that it
 * can be claimed, else that all have arrived, or how many have.
 */
export function withPayouts(report: TransferReport, legs: readonly LegState[]): TransferReport {
  const payouts = legs.filter(({ state }) => state !== 'inside');
  if (report.state !== 'anchored' || payouts.length === 0) return report;
  const count = (wanted: LegState['state']) =>
    payouts.filter(({ state }) => state === wanted).length;
  const [all, arrived, aside] = [payouts.length, count('confirmed'), count('claimable')];
  if (aside > 0) {
    return {
      ...report,
      standing: 'claimable',
      cause: `of ${all} payouts ${aside} could not be made and ${aside === 1 ? 'was' : 'were'} put aside`,
      ...stepAfter('claimable'),
      command: payouts.find(({ claim }) => claim !== undefined)?.claim,
      isOver: false,
    };
  }
  if (arrived === all) {
    const cause = all === 1 ? 'its payout is final' : `its ${all} payouts are final`;
    return { ...report, standing: 'paid', cause, ...stepAfter('confirmed'), isOver: true };
  }
  const cause = `its commit is final on the anchor chain, and ${arrived} of ${all} payouts are final`;
  return { ...report, cause, who: 'relayer', next: ON_THE_WAY, isOver: false };
}

function stepAfter(state: TransferState): Pick<TransferReport, 'who' | 'next'> {
  const { who, what: next } = NEXT_STEPS[state];
  return { who, next };
}

const ON_THE_WAY =
  'what is not seen yet waits in its pool or is on its way, or went back into the account, as `veilspan account show` says';
