import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OpenedMessage, settleMessage } from '../../src/ledger/settle.ts';
import type { LedgerState } from '../../src/ledger/state.ts';
import { encodeState } from '../../src/ledger/state-codec.ts';
import type { Transition } from '../../src/ledger/transition.ts';
import { originChainId } from '../../src/protocol/asset.ts';
import { positionAfterBatch } from '../../src/protocol/release.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import {
  referenceEncoding,
  referenceTransition,
} from '../reference/ledger/reference-transition.ts';
import {
  BENEFICIARY,
  BENEFICIARY_ACCOUNT,
  GENESIS,
  LEDGER_SECRET,
  step,
} from '../support/ledger.ts';
import { depositAll, type Intent, intent, rounds } from '../support/ledger-arbitrary.ts';

const INPUT = { beneficiary: BENEFICIARY_ACCOUNT, ledgerSecret: LEDGER_SECRET };

interface Ran {
  readonly before: LedgerState;
  readonly messages: readonly OpenedMessage[];
  readonly made: Transition;
}

/** Runs the rounds one after another from genesis. */
function run(wishes: readonly (readonly Intent[])[]): Ran[] {
  let before = GENESIS;
  return wishes.map((intents) => {
    const messages = depositAll(before, intents);
    const ran = { before, messages, made: step(before, messages) };
    before = ran.made.state;
    return ran;
  });
}

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);

/** What the batches of a chain pay of an asset, fees included. */
function paidOf({ batches }: Transition, asset: Hex, chainId: bigint): bigint {
  const own = batches.filter((batch) => batch.chainId === chainId);
  const entries = own.flatMap(({ releases, fees }) => [...releases, ...fees]);
  return sum(entries.filter((entry) => entry.asset === asset).map(({ amount }) => amount));
}

/** What a state says is on a chain of an asset: locked at its origin, minted elsewhere. */
function heldOf({ supply }: LedgerState, asset: Hex, chainId: bigint): bigint {
  const entry = supply.find((candidate) => candidate.asset === asset);
  if (entry === undefined) return 0n;
  if (originChainId(entry.asset) === chainId) return entry.locked;
  return entry.minted.find((candidate) => candidate.chainId === chainId)?.amount ?? 0n;
}

function expectBalanced({ before, messages, made }: Ran, asset: Hex, chainId: bigint): void {
  const ofChain = messages.filter(
    ({ message }) => message.asset === asset && message.chainId === chainId,
  );
  const deposited = sum(ofChain.map(({ message }) => message.amount));
  const flow = deposited - paidOf(made, asset, chainId);
  const signed = originChainId(asset) === chainId ? flow : -flow;
  expect(heldOf(made.state, asset, chainId)).toBe(heldOf(before, asset, chainId) + signed);
}

/** Every release but the beneficiary's, by chain and tag. */
function userReleases(transitions: readonly Transition[]): string[] {
  return transitions
    .flatMap(({ batches }) => batches)
    .flatMap(({ chainId, releases }) => releases.map((release) => ({ chainId, ...release })))
    .filter(({ recipient }) => recipient !== BENEFICIARY)
    .map(({ chainId, tag, asset, recipient, amount }) =>
      [chainId, tag, asset, recipient, amount].join(' '),
    )
    .sort();
}

test('a transition is what its slow twin says, to the last hash', () => {
  fc.assert(
    fc.property(rounds, (wishes) => {
      for (const { before, messages, made } of run(wishes)) {
        expect(made).toEqual(referenceTransition(before, { messages, ...INPUT }));
        expect(toHex(encodeState(made.state))).toBe(referenceEncoding(made.state));
      }
    }),
    { numRuns: 25 },
  );
});

test('a transition is a function of state and input', () => {
  fc.assert(
    fc.property(rounds, (wishes) => {
      for (const { before, messages, made } of run(wishes)) {
        expect(step(structuredClone(before), structuredClone(messages))).toEqual(made);
      }
    }),
    { numRuns: 15 },
  );
});

describe('conservation, for every asset in every transition', () => {
  test('what is locked at the origin is what is minted elsewhere', () => {
    fc.assert(
      fc.property(rounds, (wishes) => {
        for (const { made } of run(wishes)) {
          for (const { locked, minted } of made.state.supply) {
            expect(locked).toBe(sum(minted.map(({ amount }) => amount)));
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('what releases and batch fees pay is what was deposited', () => {
    fc.assert(
      fc.property(rounds, (wishes) => {
        for (const { messages, made } of run(wishes)) {
          for (const asset of new Set(messages.map(({ message }) => message.asset))) {
            const own = messages.filter(({ message }) => message.asset === asset);
            const chainIds = made.state.chains.map(({ chainId }) => chainId);
            const paid = sum(chainIds.map((chainId) => paidOf(made, asset, chainId)));
            expect(paid).toBe(sum(own.map(({ message }) => message.amount)));
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('on the origin: after = before + deposited − paid; elsewhere: after = before − deposited + paid', () => {
    fc.assert(
      fc.property(rounds, (wishes) => {
        for (const ran of run(wishes)) {
          for (const asset of new Set(ran.messages.map(({ message }) => message.asset))) {
            for (const { chainId } of ran.made.state.chains) expectBalanced(ran, asset, chainId);
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('prefix independence', () => {
  const cuts = fc.array(
    fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    ),
    { maxLength: 4 },
  );

  test('however the outboxes are cut into transitions, every message pays the same', () => {
    fc.assert(
      fc.property(
        fc.array(intent, { maxLength: 20 }),
        fc.array(intent, { minLength: 1, maxLength: 40 }),
        cuts,
        (earlier, wishes, parts) => {
          const before = step(GENESIS, depositAll(GENESIS, earlier)).state;
          const messages = depositAll(before, wishes);
          const whole = step(before, messages);
          const pieces = runInPieces(before, messages, parts);
          expect(userReleases(pieces)).toEqual(userReleases([whole]));
          const last = pieces.at(-1)?.state;
          expect(last?.supply).toEqual(whole.state.supply);
          expect(last?.chains.map(({ inbox }) => inbox)).toEqual(
            whole.state.chains.map(({ inbox }) => inbox),
          );
        },
      ),
    );
  });

  test('the releases of a transition are those of its messages, one by one, and the beneficiary’s', () => {
    fc.assert(
      fc.property(rounds, (wishes) => {
        for (const { messages, made } of run(wishes)) {
          const gateways = new Map(
            made.state.chains.map(({ chainId, gateway }) => [chainId, gateway]),
          );
          const single = messages.flatMap((opened) => settleMessage(opened, gateways).releases);
          const all = made.batches.flatMap(({ releases }) => releases);
          const users = all.filter(({ recipient }) => recipient !== BENEFICIARY);
          const tags = (list: typeof all) => list.map(({ tag }) => tag).sort();
          expect(tags(users)).toEqual(tags(single));
        }
      }),
      { numRuns: 30 },
    );
  });
});

test('a refund is paid where its message was sent, and no message has two', () => {
  fc.assert(
    fc.property(rounds, (wishes) => {
      const refunded = run(wishes).flatMap(({ messages, made }) =>
        made.batches.flatMap(({ chainId, releases }) =>
          releases
            .filter(({ refundOf }) => refundOf > 0n)
            .map(({ refundOf, asset, amount }) => {
              const found = messages.find(
                ({ message }) => message.chainId === chainId && message.index === refundOf - 1n,
              );
              const message = found?.message;
              expect(message && { asset, amount: message.amount - message.fee }).toEqual({
                asset: message?.asset,
                amount,
              });
              return `${chainId} ${refundOf}`;
            }),
        ),
      );
      expect(new Set(refunded).size).toBe(refunded.length);
    }),
    { numRuns: 30 },
  );
});

test('no release is to a gateway that pays it, nor to the zero address', () => {
  fc.assert(
    fc.property(rounds, (wishes) => {
      for (const { made } of run(wishes)) {
        for (const { gateway, releases } of made.batches) {
          for (const { recipient } of releases) {
            expect([gateway, `0x${'00'.repeat(20)}`]).not.toContain(recipient);
          }
        }
      }
    }),
    { numRuns: 30 },
  );
});

test('batches are full but the last, within their bounds, and chained from the state before to the state after', () => {
  fc.assert(
    fc.property(rounds, (wishes) => {
      for (const { before, made } of run(wishes)) {
        made.state.chains.forEach(({ chainId, gateway, released }, i) => {
          let position = before.chains[i]?.released;
          for (const batch of made.batches.filter((own) => own.chainId === chainId)) {
            expect(batch).toMatchObject({
              gateway,
              firstIndex: position?.count,
              prevHead: position?.head,
            });
            expect(batch.releases.length).toBeLessThanOrEqual(16);
            expect(batch.fees.length).toBeLessThanOrEqual(16);
            for (const { amount } of [...batch.releases, ...batch.fees]) {
              expect(amount > 0n && amount < 1n << 128n).toBe(true);
            }
            position = positionAfterBatch(batch);
          }
          expect(released).toEqual(position);
        });
      }
    }),
    { numRuns: 25 },
  );
});

/** Consumes the messages in steps: up to a share of every chain's outbox each, and at last all. */
function runInPieces(
  before: LedgerState,
  messages: readonly OpenedMessage[],
  parts: readonly (readonly number[])[],
): Transition[] {
  const outboxes = before.chains.map(({ chainId }) =>
    messages.filter(({ message }) => message.chainId === chainId),
  );
  const done = outboxes.map(() => 0);
  let state = before;
  return [...parts, outboxes.map(() => 1)].map((shares) => {
    const piece = outboxes.flatMap((outbox, i) => {
      const from = done[i] ?? 0;
      const to = Math.max(from, Math.floor((shares[i] ?? 1) * outbox.length));
      done[i] = to;
      return outbox.slice(from, to);
    });
    const made = step(state, piece);
    state = made.state;
    return made;
  });
}
