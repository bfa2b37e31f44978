import fc from 'fast-check';
import { expect, test } from 'vitest';
import { consumedRounds } from '../../src/ledger/consumed-rounds.ts';
import { type Transition, transition } from '../../src/ledger/transition.ts';
import { type ControlContent, encodeControl } from '../../src/protocol/control.ts';
import { lastCompleteRound, roundCutSec } from '../../src/protocol/rounds.ts';
import type { Side } from '../../src/relayer/bridge.ts';
import { controlFor, lastDueRound, type ProvenTimes } from '../../src/relayer/commit/due-round.ts';
import type { ControlRow } from '../../src/relayer/journal/control-messages.ts';
import { suspensionsOf } from '../../src/relayer/suspensions.ts';
import { toHex } from '../../src/shared/bytes.ts';
import { createWorld, type LedgerWorld, RULES } from '../support/ledger.ts';
import { refusal } from '../support/refusal.ts';

// Who decides when to commit, and who opens envelopes, has to know which chains a round waits for. The ledger says it.

const { schedule, anchor, chains } = RULES;
const sides = chains.map(({ chainId, lagSec }) => ({ chain: { chainId }, lagSec }) as Side);
const anchorSide = sides.find(({ chain }) => chain.chainId === anchor.chainId)!;
const bridge = { schedule, sides, anchor: { side: anchorSide, address: anchor.address } };

/** Time goes by, governance says something, and all that is complete is committed, or less of it. */
interface Step {
  readonly afterSec: number;
  readonly chain: number;
  readonly said: 'suspend' | 'resume' | 'nothing';
  /** The round that is named to resume in, from the next on; 0 for none. */
  readonly ahead: number;
  /** How long ago each chain was proven, in seconds. */
  readonly behindSec: readonly number[];
  readonly isCommitted: boolean;
  /** Rounds that are left to the next commit. */
  readonly left: number;
}
const behind = fc.oneof(fc.constant(0), fc.nat({ max: 900 }), fc.constant(100_000));
const steps = fc.array(
  fc.record<Step>({
    afterSec: fc.nat({ max: 300 }),
    chain: fc.nat({ max: chains.length - 1 }),
    said: fc.constantFrom('suspend', 'resume', 'nothing'),
    ahead: fc.nat({ max: 6 }),
    behindSec: fc.tuple(behind, behind, behind),
    isCommitted: fc.boolean(),
    left: fc.nat({ max: 2 }),
  }),
  { maxLength: 14 },
);

/** What there is before a commit. */
interface Moment {
  readonly world: LedgerWorld;
  readonly rows: readonly ControlRow[];
  readonly times: ProvenTimes;
}

/** Runs a history as the anchor lets it happen, and looks at it before every commit. */
function follow(history: readonly Step[], look: (moment: Moment) => void): void {
  const world = createWorld();
  const rows: ControlRow[] = [];
  let nowSec = schedule.startSec;
  for (const step of history) {
    nowSec += BigInt(step.afterSec);
    say(world, rows, { ...step, nowSec });
    if (!step.isCommitted) continue;
    const proven = chains.map(
      ({ chainId }, i) => [chainId, nowSec - BigInt(step.behindSec[i]!)] as const,
    );
    const moment = { world, rows, times: { chains: new Map(proven), control: nowSec } };
    look(moment);
    const { round } = world.state();
    const due = dueAt(moment) - BigInt(step.left);
    if (due > round) world.advance(how(moment, due));
  }
}

/** The anchor stamps a suspension with the first round that it has no commit of. */
function say(
  world: LedgerWorld,
  rows: ControlRow[],
  { said, chain, ahead, nowSec }: Step & { readonly nowSec: bigint },
): void {
  if (said === 'nothing') return;
  const content: ControlContent = { kind: said, chainId: chains[chain]!.chainId };
  const next = world.state().round + 1n;
  const named = ahead === 0 ? 0n : next + BigInt(ahead - 1);
  const place = { sentAtSec: nowSec, round: said === 'suspend' ? next : named };
  world.govern(content, place);
  const { kind, payload } = encodeControl(content);
  const index = BigInt(rows.length);
  rows.push({ ...place, index, kind, payload: toHex(payload), blockNumber: 1, isFinal: true });
}

function dueAt({ world, rows, times }: Moment): bigint {
  const suspended = suspensionsOf(schedule, anchorSide.lagSec, rows);
  return lastDueRound(bridge, { round: world.state().round, suspended }, times);
}

/** How the ledger is asked for the rounds up to `round`, with what is proven then. */
function how({ world, rows, times }: Moment, round: bigint): Parameters<LedgerWorld['input']>[0] {
  const { state } = world;
  const cutSec = roundCutSec(schedule, anchorSide.lagSec, round);
  return {
    rounds: round - state().round,
    control: controlFor(cutSec, state().control.count, rows),
    provenAtSec: times.chains,
    controlProvenAtSec: times.control,
  };
}

/** The transition over every round, with all chains proven; in vain behind what the anchor's outbox is proven for. */
function everyRound(moment: Moment): Transition[] {
  const { world, times } = moment;
  const live = { ...moment, times: { ...times, chains: new Map() } };
  const made: Transition[] = [];
  const last = lastCompleteRound(schedule, anchorSide.lagSec, times.control);
  for (let round = world.state().round + 1n; round <= last; round++) {
    made.push(transition(world.state(), world.input(how(live, round))));
  }
  return made;
}

test('the relayer knows in every round which chains the ledger does not wait for', () => {
  fc.assert(
    fc.property(steps, (history) => {
      follow(history, (moment) => {
        const { rows, times } = moment;
        const suspended = suspensionsOf(schedule, anchorSide.lagSec, rows);
        const dead = { chains: new Map(), control: times.control };
        for (const { state } of everyRound(moment)) {
          for (const { chainId, isSuspended } of state.chains) {
            const alone = {
              ...bridge,
              sides: sides.filter(({ chain }) => chain.chainId === chainId),
            };
            const before = state.round - 1n;
            const due = lastDueRound(alone, { round: before, suspended }, dead);
            expect(due > before).toBe(isSuspended);
          }
        }
      });
    }),
    { numRuns: 300 },
  );
});

test('the last round that is due is the last that the ledger computes', () => {
  fc.assert(
    fc.property(steps, (history) => {
      follow(history, (moment) => {
        const { world } = moment;
        const due = dueAt(moment);
        for (let round = world.state().round + 1n; round <= due; round++) {
          const { state } = transition(world.state(), world.input(how(moment, round)));
          expect(state.round).toBe(round);
        }
        const beyond = world.input(how(moment, due + 1n));
        const { code } = refusal(() => transition(world.state(), beyond));
        expect(code).toBe('LEDGER_ROUND_INCOMPLETE');
      });
    }),
    { numRuns: 300 },
  );
});

test('the last rounds that chains are consumed in are those that a transition consumes them in', () => {
  fc.assert(
    fc.property(steps, (history) => {
      follow(history, (moment) => {
        const { world, times } = moment;
        const consumed = new Map<bigint, bigint>();
        for (const { state } of everyRound(moment)) {
          for (const { chainId, isSuspended } of state.chains) {
            if (!isSuspended) consumed.set(chainId, state.round);
          }
          const input = world.input(how({ ...moment, times }, state.round));
          expect(consumedRounds(world.state(), input)).toEqual(consumed);
        }
      });
    }),
    { numRuns: 300 },
  );
});
