import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { genesisState } from '../../src/ledger/genesis.ts';
import type { LedgerState } from '../../src/ledger/state.ts';
import { type Transition, type TransitionInput, transition } from '../../src/ledger/transition.ts';
import type { ReleaseBatch } from '../../src/protocol/release.ts';
import { roundCutSec } from '../../src/protocol/rounds.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import { buildHistory, type History, inputOf } from '../reference/ledger/history.ts';
import { oneByOne, runHistory } from '../reference/ledger/run-history.ts';
import { roundWishes } from '../support/ledger-arbitrary.ts';
import { RULES, STRANGER } from '../support/ledger-places.ts';

// The attack that rounds are for: a host that chooses what a transition consumes has it consume one deposit at a time, and reads off
// which release follows. What a host can choose is how far it proves each outbox, and which rounds it asks for; both are tried here.

/** Proven up to `seenSec` of each chain: what a host can show of an outbox is everything that was sent before, or nothing at all. */
function provenUpTo(input: TransitionInput, seenSec: ReadonlyMap<bigint, bigint>): TransitionInput {
  const outboxes = [...input.outboxes].map(([chainId, { messages }]) => {
    const provenAtSec = seenSec.get(chainId) ?? 0n;
    const seen = [...messages].filter(({ message }) => message.sentAtSec <= provenAtSec);
    return [chainId, { messages: seen, provenAtSec }] as const;
  });
  return { ...input, outboxes: new Map(outboxes) };
}

/** The transition, or the code of its refusal; anything else fails the test. */
function attempt(state: LedgerState, input: TransitionInput): Transition | string {
  try {
    return transition(state, input);
  } catch (error) {
    if (error instanceof BridgeError) return error.code;
    throw error;
  }
}

function isBehind(history: History, state: LedgerState, seenSec: ReadonlyMap<bigint, bigint>) {
  return history.rules.chains.some(({ chainId, lagSec }) => {
    const cut = roundCutSec(history.rules.schedule, lagSec, state.round + 1n);
    return (seenSec.get(chainId) ?? 0n) <= cut;
  });
}

/** What a run of the ledger shows to the world, by round: the batches, of which each belongs to one round. */
function batchesByRound(history: History): ReleaseBatch[][] {
  const ran = runHistory(history, { schedule: oneByOne(history) });
  return ran.map(({ made }) => [...made.batches]);
}

const PATIENT_RULES = { ...RULES, lateSec: 1_000_000n };
/** Seconds around the cut up to which each chain is proven. */
const offsets = fc.array(fc.integer({ min: -110, max: 110 }), { minLength: 3, maxLength: 3 });

describe('the isolation attack', () => {
  test('a strict part of a round is refused, however far the other chains are proven', () => {
    fc.assert(
      fc.property(
        roundWishes,
        fc.array(offsets, { minLength: 9, maxLength: 9 }),
        (wishes, tries) => {
          const history = buildHistory(wishes, { rules: PATIENT_RULES });
          let state = genesisState(history.rules);
          for (const to of oneByOne(history)) {
            const input = inputOf(history, state, { to, beneficiary: STRANGER, isAhead: true });
            const whole = transition(state, input);
            const seenSec = new Map(
              history.rules.chains.map(({ chainId, lagSec }, i) => {
                const cut = roundCutSec(history.rules.schedule, lagSec, to);
                return [chainId, cut + BigInt(tries[Number(to) - 1]?.[i] ?? 0)];
              }),
            );
            const made = attempt(state, provenUpTo(input, seenSec));
            if (typeof made === 'string') {
              expect(made).toBe('LEDGER_ROUND_INCOMPLETE');
              expect(isBehind(history, state, seenSec)).toBe(true);
            } else {
              // What was not asked for is a chain that is suspended: of all others the whole round is consumed.
              expect(made.commit.inputs).toEqual(whole.commit.inputs);
              expect(made.commit.postState).toBe(whole.commit.postState);
              expect(made.batches).toEqual(whole.batches);
            }
            state = whole.state;
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a host that advances by any schedule sees the batches of whole rounds, and always the same', () => {
    const strides = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(roundWishes, strides, (wishes, list) => {
        const history = buildHistory(wishes, { rules: PATIENT_RULES });
        const known = batchesByRound(history);
        let state = genesisState(history.rules);
        for (const stride of list) {
          const from = Number(state.round);
          const open = history.commits.findIndex(({ isFirst }, i) => isFirst && i > from);
          const end = open < 0 ? history.commits.length : open;
          const to = BigInt(Math.min(from + stride, end));
          if (to === state.round) break;
          const input = inputOf(history, state, { to, beneficiary: STRANGER, isAhead: true });
          const { batches, state: next } = transition(state, input);
          expect(batches).toEqual(known.slice(from, Number(to)).flat());
          state = next;
        }
      }),
      { numRuns: 40 },
    );
  });

  test('withholding a message that is proven is not possible: the next one is not the next of its chain', () => {
    fc.assert(
      fc.property(roundWishes, fc.nat(), (wishes, pick) => {
        const history = buildHistory(wishes);
        let state = genesisState(history.rules);
        for (const to of oneByOne(history)) {
          const input = inputOf(history, state, { to, beneficiary: STRANGER, isAhead: false });
          const whole = transition(state, input);
          const chain = whole.state.chains[pick % whole.state.chains.length]!;
          const tail = input.outboxes.get(chain.chainId)!;
          const messages = [...tail.messages];
          const before = state.chains.find(({ chainId }) => chainId === chain.chainId)!;
          const consumed = Number(chain.inbox.count - before.inbox.count);
          if (consumed >= 2) {
            const without = messages.toSpliced(pick % (consumed - 1), 1);
            const outboxes = new Map(input.outboxes).set(chain.chainId, {
              ...tail,
              messages: without,
            });
            expect(attempt(state, { ...input, outboxes })).toBe('LEDGER_MESSAGE_OUT_OF_ORDER');
          }
          state = whole.state;
        }
      }),
      { numRuns: 30 },
    );
  });
});
