import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AssetId } from '../../src/protocol/asset.ts';
import type { Fee, ReleaseBatch } from '../../src/protocol/release.ts';
import { buildHistory } from '../reference/ledger/history.ts';
import { plainOf } from '../reference/ledger/plain-state.ts';
import {
  cutInto,
  heldInside,
  oneByOne,
  type Ran,
  runHistory,
} from '../reference/ledger/run-history.ts';
import { roundWishes } from '../support/ledger-arbitrary.ts';
import { ASSETS } from '../support/ledger-places.ts';

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);

/** What a transition consumed of the messages that it was shown. */
function consumedOf({ before, input, made }: Ran) {
  return before.chains.flatMap(({ chainId, inbox }, i) => {
    const count = Number((made.state.chains[i]?.inbox.count ?? 0n) - inbox.count);
    return [...(input.outboxes.get(chainId)?.messages ?? [])].slice(0, count);
  });
}

/** What gateways took for a transition less what it lets them pay, fees included. */
function netFlow(ran: Ran, asset: AssetId, chainId?: bigint): bigint {
  const isMeant = (entry: { readonly chainId: bigint }) =>
    chainId === undefined || entry.chainId === chainId;
  const taken = consumedOf(ran)
    .map(({ message }) => message)
    .filter((message) => message.asset === asset && isMeant(message));
  const paid = ran.made.batches
    .filter(isMeant)
    .flatMap(({ releases, fees }) => [...releases, ...fees])
    .filter((entry) => entry.asset === asset);
  return sum(taken.map(({ amount }) => amount)) - sum(paid.map(({ amount }) => amount));
}

/** Every round of random wishes, as the ledger advances over it. */
function forEveryRound(numRuns: number, check: (ran: Ran) => void): void {
  fc.assert(
    fc.property(roundWishes, (wishes) => {
      const history = buildHistory(wishes);
      runHistory(history, { schedule: oneByOne(history) }).forEach(check);
    }),
    { numRuns },
  );
}

function expectBooked(ran: Ran, asset: AssetId, chainId: bigint): void {
  const isOrigin = BigInt(asset.slice(0, 26)) === chainId;
  const [before, after] = [ran.before, ran.made.state].map((state) => {
    const entry = plainOf(state).assets.get(asset);
    return (isOrigin ? entry?.locked : entry?.minted.get(chainId)) ?? 0n;
  });
  const gained = (after ?? 0n) - (before ?? 0n);
  expect(isOrigin ? gained : -gained).toBe(netFlow(ran, asset, chainId));
}

/** The sum of the rates of a batch's releases; a refund's is no more than the fee that its message has paid. */
function ratesOf({ input, made }: Ran, { chainId, releases }: ReleaseBatch): Fee[] {
  const { assets } = plainOf(made.state);
  const outbox = [...(input.outboxes.get(chainId)?.messages ?? [])];
  const rates = new Map<AssetId, bigint>();
  for (const { asset, refundOf } of releases) {
    const rate = assets.get(asset)?.rates.get(chainId) ?? 0n;
    const own = outbox.find(({ message }) => message.index === refundOf - 1n)?.message;
    const due = own !== undefined && own.fee < rate ? own.fee : rate;
    rates.set(asset, (rates.get(asset) ?? 0n) + due);
  }
  return [...rates]
    .map(([asset, amount]) => ({ asset, amount }))
    .filter(({ amount }) => amount > 0n)
    .sort((a, b) => (a.asset < b.asset ? -1 : 1));
}

describe('the ledger is solvent at any mixture of direct, pooled, refunded and credited', () => {
  test('what is locked is what is minted, and what accounts and waiting legs hold', () => {
    forEveryRound(40, ({ made }) => {
      const state = plainOf(made.state);
      const inside = heldInside(state);
      for (const asset of new Set([...ASSETS, ...inside.keys()])) {
        const entry = state.assets.get(asset);
        const minted = sum([...(entry?.minted.values() ?? [])]);
        expect(entry?.locked ?? 0n).toBe(minted + (inside.get(asset) ?? 0n));
      }
    });
  });

  test('every unit that comes in goes out or is held: nothing appears, nothing is lost', () => {
    fc.assert(
      fc.property(roundWishes, fc.nat(3), (wishes, every) => {
        const endsWith = (round: bigint) => Number(round) % (every + 1) === 0;
        const history = buildHistory(wishes, { endsWith });
        for (const ran of runHistory(history, { schedule: cutInto(history, endsWith) })) {
          const [before, after] = [ran.before, ran.made.state].map((s) => heldInside(plainOf(s)));
          for (const asset of ASSETS) {
            const gained = (after?.get(asset) ?? 0n) - (before?.get(asset) ?? 0n);
            expect(gained).toBe(netFlow(ran, asset));
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test('on the origin what is locked grows by what came in, elsewhere what is minted shrinks by it', () => {
    forEveryRound(30, (ran) => {
      for (const asset of ASSETS) {
        for (const { chainId } of ran.before.chains) expectBooked(ran, asset, chainId);
      }
    });
  });

  test('no balance is negative or zero, and no account goes or changes its root', () => {
    forEveryRound(20, ({ before, made }) => {
      const { accounts } = plainOf(made.state);
      const balances = [...accounts.values()].flatMap((account) => [...account.balances.values()]);
      expect(balances.filter((amount) => amount <= 0n)).toEqual([]);
      for (const [account, { root }] of plainOf(before).accounts) {
        expect(accounts.get(account)?.root).toBe(root);
      }
    });
  });

  test('a batch pays its submitter the rates of its releases, which follows from the batch and public facts', () => {
    forEveryRound(30, (ran) => {
      for (const batch of ran.made.batches) expect(batch.fees).toEqual(ratesOf(ran, batch));
    });
  });
});
