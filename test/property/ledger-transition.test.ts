import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LedgerState } from '../../src/ledger/state.ts';
import { decodeState, encodeFixed, encodeState } from '../../src/ledger/state-codec.ts';
import { positionAfterBatch } from '../../src/protocol/release.ts';
import { concatBytes, toHex } from '../../src/shared/bytes.ts';
import { buildHistory } from '../reference/ledger/history.ts';
import { plainOf } from '../reference/ledger/plain-state.ts';
import { referenceTransition } from '../reference/ledger/reference-transition.ts';
import {
  comparable,
  cutInto,
  oneByOne,
  type Ran,
  runHistory,
  type Schedule,
} from '../reference/ledger/run-history.ts';
import {
  calmWishes,
  type MessageWish,
  type RoundWish,
  roundWishes,
} from '../support/ledger-arbitrary.ts';
import {
  accountOf,
  addressOf,
  EAST,
  GATEWAYS,
  PAYEES,
  RULES,
  STRANGER,
} from '../support/ledger-places.ts';

const ROUNDS = 9;
/** Whether a transition ends with each round. */
const coins = fc.array(fc.boolean(), { minLength: ROUNDS, maxLength: ROUNDS });
const endsBy = (list: readonly boolean[]) => (round: bigint) => list[Number(round) - 1] ?? true;
/** Nothing is late that was not late from the first round on: so how rounds are put together cannot decide it. */
const PATIENT_RULES = { ...RULES, lateSec: 1_000_000n };
/** Paid by transfers only, and what it has is never spent. */
const COMMITTER = accountOf(PAYEES - 1);

const encoded = (state: LedgerState) => concatBytes(...encodeState(state));
const batchesOf = (ran: readonly Ran[]) => ran.flatMap(({ made }) => made.batches);

describe('a transition and its slow twin', () => {
  test('make the same state, batches and cursors, whatever users and governance do', () => {
    fc.assert(
      fc.property(roundWishes, coins, (wishes, list) => {
        const endsWith = endsBy(list);
        const history = buildHistory(wishes, { endsWith });
        for (const { before, input, made } of runHistory(history, {
          schedule: cutInto(history, endsWith),
        })) {
          const expected = referenceTransition(plainOf(before), input);
          expect(plainOf(made.state)).toEqual(expected.state);
          expect(made.batches).toEqual(expected.batches);
          expect(made.commit.inputs).toEqual(expected.inputs);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('and so they do where a destination has no room for all', () => {
    const history = buildHistory(crowdedWishes());
    const ran = runHistory(history, { schedule: oneByOne(history) });
    for (const { before, input, made } of ran) {
      const expected = referenceTransition(plainOf(before), input);
      expect(plainOf(made.state)).toEqual(expected.state);
      expect(made.batches).toEqual(expected.batches);
    }
    const crowded = ran.map(({ made }) => {
      const bound = made.batches.filter(({ chainId }) => chainId === EAST);
      return bound.flatMap(({ releases }) => releases).length;
    });
    expect(crowded.slice(0, 2)).toEqual([0, 4_096]);
    // Legs that found no room are still there, and leave in a later round.
    expect(crowded[2]).toBeGreaterThan(0);
  });
});

/** Little in the first round, when nothing is registered; in the second more for the east than a round may release. */
function crowdedWishes(): RoundWish[] {
  const quiet = { messages: [], control: [], suspend: undefined, paid: 0 };
  const leg = { chain: 1, recipient: addressOf(0x44), payee: 0, crowd: 1 } as const;
  const terms = { notBefore: 0, patience: 50, afterPatience: 'wait', epochsBack: 0 } as const;
  const base = { chain: 0, asset: 0, amount: 9_000n, fee: 10n, at: 50, isAncient: false };
  const messages = Array.from({ length: 4_300 }, (_, i): MessageWish => {
    const recipient = addressOf(1 + (i % 0x60));
    if (i % 20 !== 0) {
      return { ...base, sender: i % 4, content: { kind: 'transparent', recipient, hops: 1 } };
    }
    const legs = [
      { ...leg, mode: 'pooled', amount: { rung: 0 } },
      { ...leg, mode: 'pooled', amount: { rung: 1 } },
      { ...leg, mode: 'direct', amount: { parts: 1 } },
    ] as const;
    const order = {
      owner: (i / 20) % 5,
      isCopy: false,
      isPost: false,
      destination: 'none',
    } as const;
    return {
      ...base,
      sender: (i / 20) % 4,
      content: { kind: 'sealed', terms: { ...terms, legs }, ...order },
    };
  });
  return [quiet, { ...quiet, messages }, quiet, quiet];
}

describe('how rounds are put together', () => {
  /** The same history by two schedules: each releases the same, batch by batch, and ends in the same state. */
  function expectSame(
    { one, other }: { readonly one: readonly Ran[]; readonly other: readonly Ran[] },
    beneficiary = STRANGER,
  ): void {
    expect(batchesOf(other)).toEqual(batchesOf(one));
    const [a, b] = [one, other].map((ran) => ran.at(-1)?.made.state);
    expect(b && comparable(b, beneficiary, RULES.houseAccount)).toEqual(
      a && comparable(a, beneficiary, RULES.houseAccount),
    );
  }

  test('decides nothing: one by one or many at once, batches and state are the same', () => {
    fc.assert(
      fc.property(roundWishes, coins, (wishes, list) => {
        const history = buildHistory(wishes, { rules: PATIENT_RULES });
        const one = runHistory(history, { schedule: oneByOne(history) });
        const schedule = cutInto(history, endsBy(list));
        expectSame({ one, other: runHistory(history, { schedule }) });
      }),
      { numRuns: 40 },
    );
  });

  test('nor does it where epochs end and what is late is refunded', () => {
    // Three rounds at a time at most: no message is late at the end of them that was not at their beginning.
    const endsThird = (list: readonly boolean[]) => (round: bigint) =>
      round % 3n === 0n || endsBy(list)(round);
    fc.assert(
      fc.property(calmWishes, coins, (wishes, list) => {
        const history = buildHistory(wishes);
        const one = runHistory(history, { schedule: oneByOne(history) });
        const schedule = cutInto(history, endsThird(list));
        expectSame({ one, other: runHistory(history, { schedule }) });
      }),
      { numRuns: 30 },
    );
  });

  test('nor does what lies beyond the cuts, nor who commits, nor a restart from the encoded state', () => {
    fc.assert(
      fc.property(roundWishes, coins, (wishes, list) => {
        const history = buildHistory(wishes, { rules: PATIENT_RULES });
        const schedule = cutInto(history, endsBy(list));
        const one = runHistory(history, { schedule, isAhead: false });
        const other = runHistory(history, {
          schedule,
          beneficiary: COMMITTER,
          between: (state) => decodeState(encoded(state)),
        });
        expectSame({ one, other }, COMMITTER);
      }),
      { numRuns: 30 },
    );
  });

  test('a transition is a function of state and input', () => {
    fc.assert(
      fc.property(roundWishes, (wishes) => {
        const history = buildHistory(wishes);
        const schedule: Schedule = oneByOne(history);
        const [one, other] = [runHistory(history, { schedule }), runHistory(history, { schedule })];
        expect(other.map(({ made }) => made.commit)).toEqual(one.map(({ made }) => made.commit));
        expect(other.map(({ made }) => toHex(encodeFixed(made.state)))).toEqual(
          one.map(({ made }) => toHex(encodeFixed(made.state))),
        );
      }),
      { numRuns: 10 },
    );
  });

  test('`paid` prunes what is outstanding and does nothing else', () => {
    fc.assert(
      fc.property(roundWishes, (wishes) => {
        const paid = buildHistory(wishes);
        const unpaid = { ...paid, commits: paid.commits.map((terms) => ({ ...terms, paid: [] })) };
        const one = runHistory(paid, { schedule: oneByOne(paid) });
        const other = runHistory(unpaid, { schedule: oneByOne(paid) });
        expectSame({ one, other });
        const all = plainOf(other.at(-1)!.made.state).batches;
        const kept = plainOf(one.at(-1)!.made.state);
        const isKept = ({ chainId, firstIndex }: { chainId: bigint; firstIndex: bigint }) =>
          firstIndex >= (kept.chains.find((chain) => chain.chainId === chainId)?.paid ?? 0n);
        expect(kept.batches).toEqual(new Map([...all].filter(([, batch]) => isKept(batch))));
      }),
      { numRuns: 20 },
    );
  });
});

describe('what is released', () => {
  test('is in batches that are full but the last of a round, within their bounds, and chained', () => {
    fc.assert(
      fc.property(roundWishes, (wishes) => {
        const history = buildHistory(wishes);
        for (const { before, made } of runHistory(history, { schedule: oneByOne(history) })) {
          made.state.chains.forEach(({ chainId, gateway, inbox, released }, i) => {
            const own = made.batches.filter((batch) => batch.chainId === chainId);
            let position = before.chains[i]?.released;
            own.forEach((batch, place) => {
              expect(batch).toMatchObject({
                gateway,
                firstIndex: position?.count,
                prevHead: position?.head,
                consumedCount: inbox.count,
              });
              if (place < own.length - 1) expect(batch.releases).toHaveLength(16);
              expect(batch.releases.length).toBeLessThanOrEqual(16);
              for (const { amount } of [...batch.releases, ...batch.fees]) {
                expect(amount > 0n && amount < 1n << 128n).toBe(true);
              }
              position = positionAfterBatch(batch);
            });
            expect(released).toEqual(position);
          });
        }
      }),
      { numRuns: 20 },
    );
  });

  test('is never paid to nobody nor to the gateway that pays, and no message is given back twice', () => {
    fc.assert(
      fc.property(roundWishes, (wishes) => {
        const history = buildHistory(wishes);
        const refunded: string[] = [];
        for (const { chainId, releases } of batchesOf(
          runHistory(history, { schedule: oneByOne(history) }),
        )) {
          const outbox = history.outboxes.get(chainId) ?? [];
          for (const { recipient, refundOf, asset, amount } of releases) {
            expect([GATEWAYS.get(chainId), `0x${'00'.repeat(20)}`]).not.toContain(recipient);
            if (refundOf === 0n) continue;
            refunded.push(`${chainId} ${refundOf}`);
            const message = outbox[Number(refundOf) - 1]?.message;
            expect(message).toMatchObject({ asset, refundTo: recipient });
            expect(amount).toBe((message?.amount ?? 0n) - (message?.fee ?? 0n));
          }
        }
        expect(new Set(refunded).size).toBe(refunded.length);
      }),
      { numRuns: 30 },
    );
  });
});
