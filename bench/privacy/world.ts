import { genesisState } from '../../src/ledger/genesis.ts';
import type { LedgerState } from '../../src/ledger/state.ts';
import { type OpenedMessage, transition } from '../../src/ledger/transition.ts';
import type { ReleaseBatch } from '../../src/protocol/release.ts';
import { roundCutSec } from '../../src/protocol/rounds.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { createAgenda, type Item } from './agenda.ts';
import { POLKADOT, type PoolRules, rulesWith } from './market.ts';
import { createOutbox, type Outbox, type SentLeg } from './outbox.ts';
import { type Crowd, createCrowd } from './people.ts';
import type { Intent } from './population.ts';
import type { Random } from './random.ts';
import type { LegTruth, PayoutSeen } from './records.ts';
import { type Consumed, roundInput } from './round-input.ts';

/** A ledger, those who use it, and what is known of them. */
export interface World {
  readonly random: Random;
  readonly crowd: Crowd;
  readonly outbox: Outbox;
  readonly payouts: PayoutSeen[];
  /** The truth of every payout. */
  readonly truths: (LegTruth | undefined)[];
  readonly legs: LegTruth[];
  /** Legs that the ledger did not take. */
  readonly refused: LegTruth[];
  /** The last second of which a round consumes what a chain took. */
  cutSec(chainId: bigint, round: number): number;
  plan(intent: Intent, by: Item['by']): void;
  /** The ledger's next round. Returns what it consumed. */
  advance(round: number): Consumed;
}

/** A world before its first round. */
export function createWorld(pools: PoolRules, random: Random): World {
  const rules = rulesWith(pools);
  const agenda = createAgenda(rules);
  const crowd = createCrowd();
  const byTag = new Map<Hex, LegTruth>();
  let state = genesisState(rules);
  const world: World = {
    ...{ random, crowd, outbox: createOutbox(rules, pools, random) },
    ...{ payouts: [], truths: [], legs: [], refused: [] },
    cutSec(chainId, round) {
      const lagSec = rules.chains.find((chain) => chain.chainId === chainId)?.lagSec ?? 0n;
      return Number(roundCutSec(rules.schedule, lagSec, BigInt(round)));
    },
    plan(intent, by) {
      const { sec, from: chainId, withdrawals } = intent;
      agenda.add({ chainId, sec, intent, withdrawal: undefined, by });
      for (const withdrawal of withdrawals) {
        // Relayers post where it is cheap.
        agenda.add({ chainId: POLKADOT, sec: withdrawal.sec, intent, withdrawal, by });
      }
    },
    advance(round) {
      const consumed = new Map<bigint, OpenedMessage[]>();
      const sent: SentLeg[] = [];
      for (const { chainId } of rules.chains) {
        const messages = agenda.take(chainId, round).map((item) => {
          const { message, legs } = world.outbox.send(item, round);
          sent.push(...legs);
          return message;
        });
        consumed.set(chainId, messages);
      }
      const done = transition(state, roundInput(state, rules, { consumed, round }));
      state = done.state;
      for (const { tag, truth } of sent) byTag.set(tag, truth);
      for (const batch of done.batches) readBatch(world, byTag, { batch, round });
      keepTaken(world, sent, state);
      return consumed;
    },
  };
  return world;
}

function readBatch(
  { payouts, truths }: World,
  byTag: Map<Hex, LegTruth>,
  { batch, round }: { readonly batch: ReleaseBatch; readonly round: number },
): void {
  for (const { tag, asset, recipient, amount } of batch.releases) {
    const { chainId } = batch;
    payouts.push({
      ...{ id: payouts.length, chainId, round, asset, recipient, tag },
      amount: Number(amount),
    });
    const truth = byTag.get(tag);
    if (truth !== undefined) truth.exitRound = round;
    truths.push(truth);
    byTag.delete(tag);
  }
}

/** An order is done as a whole or not at all: its legs wait, or have left. */
function keepTaken(
  { legs, refused }: World,
  sent: readonly SentLeg[],
  { legs: waiting }: LedgerState,
): void {
  for (const { id, truth } of sent) {
    const isWaiting = id !== undefined && waiting.get(id)?.payment !== undefined;
    const list = isWaiting || truth.exitRound !== undefined ? legs : refused;
    list.push(truth);
  }
}
